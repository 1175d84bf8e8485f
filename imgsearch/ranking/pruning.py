"""An upper bound on every product with a query, at a fraction of the cost of the products.

Vectors of pictures lie near a few directions. With a d×m matrix B of such directions, orthonormal, every x is
kept as the m numbers Bᵀx and one more, r = √(|x|² − |Bᵀx|²), the length of what B does not see. Then, by
Cauchy and Schwarz for what is left,

    x·q  ≤  Bᵀx · Bᵀq  +  r_x r_q

with equality where nothing is left. A search that looks only into those vectors whose bound is good enough finds
exactly what a search through all finds (filter and refine: C. Faloutsos, M. Ranganathan, Y. Manolopoulos, *Fast
Subsequence Matching in Time-Series Databases*, SIGMOD 1994).
"""

import numpy as np
from numpy.typing import NDArray

from imgsearch.ranking.vectors import Vectors

_SAMPLE = 4096
_ITERATIONS = 4
_SEED = 0
_QUERIES = 16
# A matrix that fits a processor's cache is gone through faster than the bounds.
_LEAST_BYTES = 4 << 20
# If so many are left of a sample, going through the bounds first is no gain.
_WORTHWHILE = 1 / 4
# Keeps I − BBᵀ from having a negative direction by rounding, without which there is no bound.
_SHRINK = 1 - 1e-12


class UpperBounds:
    """The few numbers of every vector: the basis B, (d, m) float64, and a table of Bᵀx and r, (m + 1, n) float32.

    At 1,000,000×64 a search with them takes a ninth of one without: the row "query, 1,000,000×64". A row of the table
    is read at a stretch.
    """

    def __init__(self, basis: NDArray[np.float64], table: NDArray[np.float32]) -> None:
        self.basis = basis
        self.table = table

    @classmethod
    def of(cls, vectors: Vectors) -> "UpperBounds | None":
        """Those of some vectors; None where products are cheap, or where too little could be left out."""
        n, d = len(vectors), vectors.dimensions
        if 4 * n * d < _LEAST_BYTES or d < 2 * width(d):
            return None
        random = np.random.default_rng(_SEED)
        chosen = np.sort(random.choice(n, min(n, _SAMPLE), replace=False))
        sample = vectors.exact_rows(chosen) * vectors.unit
        basis = directions(sample, width(d) - 1)
        return cls.with_basis(vectors, basis) if share_left(sample, basis, n) <= _WORTHWHILE else None

    @classmethod
    def with_basis(cls, vectors: Vectors, basis: NDArray[np.float64]) -> "UpperBounds":
        """Those of some vectors by given directions."""
        table = np.empty((basis.shape[1] + 1, len(vectors)), np.float32)
        for start, block in vectors.blocks():
            table[:, start : start + len(block)] = _few(basis, block * vectors.unit)
        return cls(basis, table)

    def of_products(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """(d,) → (n,) float32, each at least x·q but for the rounding of a product of m + 1 numbers."""
        return _few(self.basis, query[None].astype(np.float64))[:, 0] @ self.table


def width(dimensions: int) -> int:
    """How many numbers of each vector are worth keeping: m + 1."""
    return min(max(3 * dimensions // 16, 4), 32)


def directions(sample: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The directions in which vectors are longest: (s, d) → B, (d, count), by subspace iteration."""
    random = np.random.default_rng(_SEED)
    basis = random.standard_normal((sample.shape[1], count))
    for _ in range(_ITERATIONS):
        basis, _ = np.linalg.qr(sample.T @ (sample @ basis))
    return basis * _SHRINK


def share_left(sample: NDArray[np.float64], basis: NDArray[np.float64], n: int) -> float:
    """The share, 0 to 1, of a sample (s, d) of n vectors that a search for the ten nearest could not leave out.

    The nearest of a sample are farther away than the nearest of all: more is left here than in a search.
    """
    few = _few(basis, sample).astype(np.float64)
    queries = np.linspace(0, len(sample) - 1, min(len(sample), _QUERIES)).astype(int)
    squares = np.vecdot(sample, sample)
    # As the distance ranks, and the cosine for vectors of one length. The first to be found is the query itself.
    keys = 2 * sample[queries] @ sample.T - squares
    nearest = min(len(sample), 1 + -(-10 * len(sample) // n))
    floors = np.partition(keys, len(sample) - nearest, axis=1)[:, len(sample) - nearest]
    bounds = 2 * few[:, queries].T @ few - squares
    return float((bounds >= floors[:, None]).mean())


def _few(basis: NDArray[np.float64], vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    """(b, d) → (m + 1, b) float32; the length that is left over is rounded up."""
    seen = basis.T @ vectors.T
    left = np.maximum(np.vecdot(vectors, vectors) - (seen * seen).sum(axis=0), 0)
    few = np.empty((len(seen) + 1, len(vectors)), np.float32)
    few[:-1] = seen
    few[-1] = np.nextafter(np.sqrt(left).astype(np.float32), np.float32(np.inf))
    return few
