"""Spoil pictures for as long as wanted, and see that each gives a picture or one sentence, in time and in bounds.

    python -m tests.soak.fuzz_pictures --seconds 600 [--seed 1] [--keep FOLDER]

The last line is one JSON object: how many inputs were tried, how many gave a picture, the slowest, and the most
memory that was used above the idle process. A file that fails is kept in FOLDER, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from imgsearch.images.formats import PictureError
from imgsearch.images.reading import MAX_DECODED_SIDE, read_picture
from imgsearch.images.transforms import digest
from tests.hostile import bombs, samples, saved, scene, spoil

SECONDS = 5.0
MEGABYTES = 300.0


def memory(key: str = "VmHWM") -> float:
    """Megabytes of this process: ``VmRSS`` now, ``VmHWM`` at the most."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(key)) / 1e3


def seeds() -> list[bytes]:
    """Files to spoil: one small of each kind, and larger ones, where other paths of the decoders are taken."""
    large = scene(64, 48).resize((1_600, 1_200))
    kinds = [("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {}), ("WEBP", {}), ("GIF", {}), ("TIFF", {})]
    return [*samples().values(), *(saved(large, kind, **options) for kind, options in kinds)]


def wrong(data: bytes) -> tuple[str, str | None]:
    """What came out of one input, and what is wrong with that (None if nothing)."""
    started = time.thread_time()
    try:
        picture = read_picture(data)
        kind = "picture"
        fine = (
            picture.dtype == np.uint8
            and picture.ndim == 3
            and picture.shape[2] == 3
            and min(picture.shape) >= 1
            and max(picture.shape) <= MAX_DECODED_SIDE
        )
        problem = None if fine else f"a picture of shape {picture.shape} and type {picture.dtype}"
    except PictureError as error:
        kind = str(error)
        problem = None if kind.endswith(".") and kind.isprintable() and len(kind) < 150 else "not one sentence"
    except Exception as error:
        kind, problem = "exception", repr(error)
    took = time.thread_time() - started
    return kind, problem or (f"{took:.1f} s" if took > SECONDS else None)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-failures"))
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    originals, made = seeds(), bombs()
    for data in originals:
        wrong(data)
    idle = memory("VmRSS")
    tried, failures, slowest = 0, 0, 0.0
    outcomes: Counter[str] = Counter()

    def one(data: bytes) -> None:
        nonlocal tried, failures, slowest
        started = time.perf_counter()
        kind, problem = wrong(data)
        slowest = max(slowest, time.perf_counter() - started)
        tried += 1
        outcomes[kind] += 1
        if problem:
            failures += 1
            given.keep.mkdir(parents=True, exist_ok=True)
            (given.keep / digest(data)[:16]).write_bytes(data)
            print(f"{digest(data)[:16]}: {problem}", file=sys.stderr)

    end = time.monotonic() + given.seconds
    for data in made.values():
        one(data)
    while time.monotonic() < end:
        data = spoil(originals[rng.integers(len(originals))], rng)
        if rng.random() < 0.05:  # two files in one
            data = data[: rng.integers(len(data) + 1)] + originals[rng.integers(len(originals))]
        if rng.random() < 0.05:  # the head of another kind
            data = originals[rng.integers(len(originals))][: rng.integers(4, 64)] + data
        one(data)
    used = memory() - idle
    report = {
        "tried": tried,
        "pictures": outcomes["picture"],
        "sentences": len(outcomes) - 1,
        "failures": failures,
        "slowest_seconds": round(slowest, 2),
        "megabytes": round(used),
    }
    print(json.dumps(report))
    return int(failures > 0 or used > MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
