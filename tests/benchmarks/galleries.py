"""Galleries to measure with: real ones where there are any, and made up ones of any size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import Gallery, MethodVectors
from imgsearch.gallery.persistence import is_gallery, open_gallery
from imgsearch.gallery.picture_store import ArrayStore
from imgsearch.ranking.metrics import COSINE, Metric

FASHION = ASSETS / "galleries" / "fashion"


class MadeUp:
    """A method that exists only as vectors."""

    title = "Made up"
    fingerprint = "made-up"

    def __init__(self, dimensions: int, metric: Metric) -> None:
        self.key = "made-up"
        self.metric = metric
        self.dimensions = dimensions

    def config(self) -> dict[str, object]:
        raise NotImplementedError

    def describe(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise NotImplementedError

    def format_score(self, score: float) -> str:
        return self.metric.format_score(score)


def embeddings(n: int, d: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Unit vectors, (n, d) float32, as a trained network gives them for pictures of a hundred kinds.

    They lie in clusters, and their spread falls from direction to direction: by a quarter each time, slower
    than for the network of the Fashion gallery, where fifteen directions of 64 hold all but 0.06 % of the energy.
    """
    random = np.random.default_rng(seed)
    spread = (0.75 ** np.arange(d)).astype(np.float32)
    centres = random.standard_normal((100, d), np.float32)
    matrix = random.standard_normal((n, d), np.float32)
    matrix *= 0.5
    matrix += centres[random.integers(0, 100, n)]
    matrix *= spread
    rotation, _ = np.linalg.qr(random.standard_normal((d, d)))
    matrix = matrix @ rotation.astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix


def write_half(path: Path, n: int, d: int) -> None:
    """Write vectors as `embeddings` gives them as an (n, d) float16 file, without ever holding all of them."""
    stored = np.lib.format.open_memmap(path, "w+", np.float16, (n, d))
    random = np.random.default_rng(0)
    few = min(d, 64)
    directions = np.linalg.qr(random.standard_normal((d, few)))[0].T.astype(np.float32)
    for start in range(0, n, 10_000):
        block = stored[start : start + 10_000]
        block[:] = embeddings(len(block), few, seed=start) @ directions
    stored.flush()


def directionless(n: int, d: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Unit vectors, (n, d) float32, spread evenly over all directions: the worst case, nothing can be left out."""
    matrix = np.random.default_rng(seed).standard_normal((n, d), np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix


def of_vectors(matrix: NDArray[np.float32], metric: Metric = COSINE) -> Gallery:
    """A gallery that has only vectors."""
    n, d = matrix.shape
    blank = np.lib.stride_tricks.as_strided(np.zeros((28, 28), np.uint8), (n, 28, 28), (0, 28, 1))
    return Gallery(name="made-up", store=ArrayStore(blank), described=[MethodVectors(MadeUp(d, metric), matrix)])


def fashion() -> Gallery | None:
    """The Fashion gallery of the assets, if it is there."""
    return open_gallery(FASHION) if is_gallery(FASHION) else None
