"""Two ways of doing one thing, timed in turns, and their ratio."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    what, against : str
    ours, theirs : float, in `unit`
    unit : str
    must, aim : float
        Ratios that ours / theirs is to stay below.
    note : str
    """

    what: str
    against: str
    ours: float
    theirs: float
    unit: str
    must: float
    aim: float
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs

    @property
    def verdict(self) -> str:
        return "aim" if self.ratio <= self.aim else "must" if self.ratio <= self.must else "missed"

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio, "verdict": self.verdict}


def in_turns(*ways: Callable[[], object], rounds: int = 15, calls: int = 5, warm: int = 3) -> tuple[float, ...]:
    """Median seconds of a call of each way.

    The ways take turns, so that what else the machine does meets them all; each turn is a few calls in a row,
    so that one way's caches and waiting threads do not meet the next way's every call.
    """
    for way in ways:
        for _ in range(warm):
            way()
    times: list[list[float]] = [[] for _ in ways]
    gc.disable()
    try:
        for _ in range(rounds):
            for way, kept in zip(ways, times, strict=True):
                way()
                for _ in range(calls):
                    started = perf_counter()
                    way()
                    kept.append(perf_counter() - started)
    finally:
        gc.enable()
    return tuple(median(kept) for kept in times)


def as_text(seconds: float) -> str:
    """Seconds as a person reads them."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
