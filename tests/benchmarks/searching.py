"""One query against many vectors: the public call, FAISS, and the bare product."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import Gallery
from imgsearch.gallery.garment_queries import QueryDescription
from imgsearch.ranking.metrics import EUCLIDEAN
from imgsearch.search.search import search_described
from tests.benchmarks.galleries import directionless, embeddings, fashion, of_vectors, write_half
from tests.benchmarks.measure import Row, in_turns

K = 10


def rows() -> Iterator[Row]:
    """60,000×64 by cosine and distance, 60,000×256 histograms, 1,000,000×64, and memory, also of half precision."""
    matrix, query = _embeddings_of_fashion()
    cosine, by_faiss, product = _times(of_vectors(matrix), "made-up", query, faiss.IndexFlatIP(matrix.shape[1]))
    size = f"{len(matrix):,}×{matrix.shape[1]}"
    yield Row(f"query, {size}, cosine", "FAISS IndexFlatIP", cosine, by_faiss, "s", 0.5, 0.2)
    yield Row(f"query, {size}, cosine", "NumPy matrix-vector product", cosine, product, "s", 1.5, 1.15)

    gallery = of_vectors(matrix, EUCLIDEAN)
    distance, by_faiss, product = _times(gallery, "made-up", query, faiss.IndexFlatL2(matrix.shape[1]))
    yield Row(f"query, {size}, distance", "FAISS IndexFlatL2", distance, by_faiss, "s", 0.5, 0.2)

    histograms = _histograms_of_fashion()
    if histograms is not None:
        gallery, query = histograms
        times = _times(gallery, "histogram", query, faiss.IndexFlatL2(256))
        size = f"{gallery.n:,}×256"
        yield Row(f"histograms, {size}, distance", "FAISS IndexFlatL2", times[0], times[1], "s", 0.6, 0.3)

    for matrix, note in ((embeddings(1_000_000, 64), ""), (directionless(1_000_000, 64), "the worst case")):
        query = _near(matrix[123])
        ours, by_faiss, product = _times(of_vectors(matrix), "made-up", query, faiss.IndexFlatIP(64), rounds=7)
        yield Row("query, 1,000,000×64, cosine", "FAISS IndexFlatIP", ours, by_faiss, "s", 0.9, 0.4, note)
        yield Row("query, 1,000,000×64, cosine", "NumPy matrix-vector product", ours, product, "s", 1.5, 1.15, note)
        yield _memory(lambda path, matrix=matrix: np.save(path, matrix), 1_000_000, 64, note)
        del matrix
    for n, d in ((65_000, 3456), (500_000, 256)):
        yield _memory(lambda path, n=n, d=d: write_half(path, n, d), n, d, "float16")


def _near(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """A query that is like a picture of the gallery, and none of them."""
    moved = vector + 0.02 * np.random.default_rng(1).standard_normal(len(vector), np.float32)
    return np.asarray(moved / np.linalg.norm(moved), np.float32)


def _times(
    gallery: Gallery, key: str, query: NDArray[np.float32], index: faiss.Index, rounds: int = 15
) -> tuple[float, ...]:
    matrix = gallery.vectors(key)
    index.add(matrix)
    batch = query[None]
    found = search_described(gallery, key, QueryDescription(query), k=K)
    theirs = index.search(batch, K)[1][0].tolist()
    ours = [match.index for match in found.matches]
    # FAISS gives ties and differences below float32 in any order; more than that would be a mistake of ours.
    if len(set(ours) & set(theirs)) < K - 2:
        raise AssertionError(f"FAISS finds {theirs} where we find {ours}")
    return in_turns(
        lambda: search_described(gallery, key, QueryDescription(query), k=K),
        lambda: index.search(batch, K),
        lambda: matrix @ query,
        rounds=rounds,
    )


def _embeddings_of_fashion() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    gallery = fashion()
    if gallery is None or gallery.queries is None or "siamese" not in gallery.methods:
        matrix = embeddings(60_000, 64)
        return matrix, matrix[77]
    return gallery.vectors("siamese"), gallery.describe("siamese", gallery.queries.picture(0))


def _histograms_of_fashion() -> tuple[Gallery, NDArray[np.float32]] | None:
    gallery = fashion()
    if gallery is None or gallery.queries is None:
        return None
    return gallery, gallery.describe("histogram", gallery.queries.picture(0))


_MEMORY = """
import json, sys
import numpy as np
from imgsearch.gallery.garment_queries import QueryDescription
from imgsearch.search.search import search_described
from tests.benchmarks.galleries import embeddings, of_vectors
warm = embeddings(5000, 64)
search_described(of_vectors(warm), "made-up", QueryDescription(warm[0]))
def resident():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
before = resident()
gallery = of_vectors(np.load(sys.argv[1], mmap_mode="r"))
random = np.random.default_rng(1)
for row in random.integers(0, gallery.n, 20):
    query = gallery.vectors("made-up", [row])[0]
    query += (0.16 / len(query) ** 0.5) * random.standard_normal(len(query)).astype(np.float32)
    search_described(gallery, "made-up", QueryDescription(query / np.linalg.norm(query)))
print(json.dumps(resident() - before))
"""


def _memory(write: Callable[[Path], None], n: int, d: int, note: str) -> Row:
    """The most by which a process grows while it searches a gallery on disk, its mapped pages included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "matrix.npy"
        write(path)
        size = np.load(path, mmap_mode="r").nbytes
        run = subprocess.run([sys.executable, "-c", _MEMORY, str(path)], capture_output=True, text=True, check=True)
    what = f"memory while searching {n:,}×{d}"
    ours = float(json.loads(run.stdout.splitlines()[-1]))
    return Row(what, "bytes of the matrix", ours, float(size), "bytes", 1.3, 0.6, note)
