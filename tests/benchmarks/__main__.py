"""`python -m tests.benchmarks`: every promise about speed and memory, in one run, as ratios."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import traceback
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from tests.benchmarks import scaling
from tests.benchmarks.measure import Row, as_text

# Imported when it is their turn: each needs libraries that the others are better measured without.
GROUPS = ("searching", "describing", "classic", "page")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--only", choices=[*GROUPS, "scaling"], action="append", help="only this group; repeatable")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw how the cost grows")
    given = parser.parse_args()
    chosen = given.only or [*GROUPS, "scaling"]

    print(f"{platform.machine()}, Python {platform.python_version()}")
    print(f"{'what':46}  {'against':28}  {'ours':>9}  {'theirs':>9}  {'ratio':>8}  {'must':>7}  {'aim':>7}")
    found: list[Row] = []
    failed = False
    for group in GROUPS:
        if group in chosen:
            rows: Callable[[], Iterator[Row]] = import_module(f"tests.benchmarks.{group}").rows
            try:
                for row in rows():
                    found.append(row)
                    print(_line(row), flush=True)
            except Exception:  # the other groups are still measured; the exit status tells
                traceback.print_exc()
                failed = True
    grown = None
    if "scaling" in chosen:
        grown = scaling.measure()
        print(scaling.table(grown))
        if given.plot:
            given.plot.write_text(scaling.plot(grown), encoding="utf-8")
    if given.json:
        result = {"rows": [row.as_json() for row in found], "scaling": grown.as_json() if grown else None}
        print(json.dumps(result))
    return int(failed or any(row.verdict == "missed" for row in found))


def _line(row: Row) -> str:
    ours, theirs = (
        (as_text(row.ours), as_text(row.theirs))
        if row.unit == "s"
        else (f"{row.ours / 1e6:.0f} MB", f"{row.theirs / 1e6:.0f} MB")
    )
    numbers = f"{ours:>9}  {theirs:>9}  {row.ratio:>8.3g}  {row.must:>7.3g}  {row.aim:>7.3g}"
    note = f"  ({row.note})" if row.note else ""
    return f"{row.what:46}  {row.against:28}  {numbers}  {row.verdict}{note}"


if __name__ == "__main__":
    sys.exit(main())
