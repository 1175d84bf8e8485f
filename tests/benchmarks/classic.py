"""The classic experiment: a query against the whole gallery by histogram."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from imgsearch.search.search import search
from tests.benchmarks.galleries import fashion
from tests.benchmarks.measure import Row, in_turns

_FILES = 2000


def rows() -> Iterator[Row]:
    """Ours, against a loop that reads each picture, computes its histogram, and one distance."""
    gallery = fashion()
    if gallery is None or gallery.queries is None:
        return
    query = gallery.queries.picture(0)
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"{i}.png") for i in range(_FILES)]
        for i, path in enumerate(paths):
            cv2.imwrite(path, gallery.picture(i))

        def loop() -> list[int]:
            of_query = cv2.calcHist([query], [0], None, [256], [0, 256])
            distances = []
            for path in paths:
                picture = cv2.imread(path)
                histogram = cv2.calcHist([picture], [0], None, [256], [0, 256])
                distances.append(float(np.linalg.norm(histogram - of_query)))
            return sorted(range(len(distances)), key=distances.__getitem__)[:10]

        ours, theirs = in_turns(lambda: search(gallery, "histogram", query), loop, rounds=5, calls=1, warm=1)
    yield Row(
        f"the classic experiment, {gallery.n:,} pictures",
        "a loop over the files",
        ours,
        theirs * gallery.n / _FILES,
        "s",
        0.001,
        0.0001,
        note=f"the loop was timed on {_FILES:,} files and multiplied",
    )
