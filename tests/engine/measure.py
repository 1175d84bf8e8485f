"""Seconds of a query here and on a Milvus server: `python -m tests.engine.loopback python -m tests.engine.measure`.

Both in one run, k = 12, scored in float64; every answer of the server is compared with the exact index's.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from imgsearch.ranking.engine import Engine, EngineError
from imgsearch.ranking.index import ExactIndex
from imgsearch.ranking.metrics import COSINE
from imgsearch.ranking.milvus import Collection
from imgsearch.ranking.remote_index import RemoteIndex
from imgsearch.ranking.vectors import Vectors
from tests.engine.server import milvus_server

_D, _K, _BATCH, _QUERIES = 64, 12, 20_000, 60
_SETTLING = 120  # seconds


def vectors_of(n: int) -> np.ndarray:
    """(n, 64) float32 of length 1, in clusters as embeddings of pictures are."""
    random = np.random.default_rng(0)
    centres = random.normal(size=(200, _D)).astype(np.float32)
    rows = centres[random.integers(200, size=n)] + 0.5 * random.normal(size=(n, _D)).astype(np.float32)
    return np.ascontiguousarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _settle(index: RemoteIndex, query: np.ndarray) -> float:
    """Seconds until ten queries in a row are answered: just filled, a server is for a while busy with what it got."""
    started, answered = time.perf_counter(), 0
    while answered < 10:
        try:
            index.nearest(query, _K)
            answered += 1
        except EngineError:
            answered = 0
            if time.perf_counter() - started > _SETTLING:
                raise
    return time.perf_counter() - started


def main() -> None:
    """Print one line for each number of vectors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", type=int, nargs="*", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--index", default="FLAT")
    given = parser.parse_args()
    with milvus_server() as server:
        for n in given.n:
            rows = vectors_of(n)
            vectors = Vectors(rows)
            collection = Collection(Engine.at(server.uri, given.index), f"measured_{n}", COSINE.milvus_name, _D)
            started = time.perf_counter()
            collection.create()
            for start in range(0, n, _BATCH):
                ids = np.arange(start, min(start + _BATCH, n))
                collection.put(ids, ids.astype(np.int64), rows[ids])
            collection.finish()
            filled = time.perf_counter() - started
            here, there = ExactIndex(COSINE, vectors), RemoteIndex(COSINE, vectors, collection, "measured")
            settled = _settle(there, rows[0])
            seconds: dict[str, list[float]] = {"here": [], "there": []}
            same = 0.0
            for row in np.linspace(0, n - 1, _QUERIES).astype(int):
                answers = []
                for name, index in (("here", here), ("there", there)):
                    started = time.perf_counter()
                    answers.append(index.nearest(rows[row], _K))
                    seconds[name].append(time.perf_counter() - started)
                same += len(np.intersect1d(*(answer.indices for answer in answers))) / _K
            median = {name: 1000 * float(np.median(taken)) for name, taken in seconds.items()}
            print(
                f"{n:9,} x {_D}: here {median['here']:8.3f} ms, {given.index} on the server {median['there']:8.3f} ms, "
                f"the same {same / _QUERIES:.4f}, filled in {filled:.1f} s, "
                f"settled after {settled:.1f} s, matrix {rows.nbytes / 1e6:.1f} MB",
                flush=True,
            )
            collection.drop()


if __name__ == "__main__":
    main()
