"""An upper bound on every product with a query, at a fraction of the cost of the products.

Vectors of pictures lie near a few directions. With a d×m matrix B of such directions, orthonormal, every x is
kept as the m numbers Bᵀx and one more, r = √(|x|² − |Bᵀx|²), the length of what B does not see. Then, by
Cauchy and Schwarz for what is left,

    x·q  ≤  Bᵀx · Bᵀq  +  r_x r_q

with equality where nothing is left. A search that looks only into those vectors whose bound is good enough finds
exactly what a search through all finds (filter and refine: C. Faloutsos, M. Ranganathan, Y. Manolopoulos, *Fast
Subsequence Matching in Time-Series Databases*, SIGMOD 1994).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

_SAMPLE = 4096
_ITERATIONS = 4
_SEED = 0
_QUERIES = 16
# If so many are left of a sample, going through the bounds first is no gain.
_WORTHWHILE = 1 / 4
# Keeps I − BBᵀ from having a negative direction by rounding, without which there is no bound.
_SHRINK = 1 - 1e-12


class Sieve:
    """The few numbers of every vector.

    Parameters
    ----------
    basis : (d, m) float64, B
    table : (m + 1, n) float32
        Bᵀx and r of every vector, one a column: a row of the table is read at a stretch.
    """

    def __init__(self, basis: NDArray[np.float64], table: NDArray[np.float32]) -> None:
        self.basis = basis
        self.table = table

    def bounds(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
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


def basis(n: int, rows: Callable[[NDArray[np.intp]], NDArray[np.float64]]) -> NDArray[np.float64] | None:
    """B for n vectors, found with a sample of them; None if by that sample a search would still meet too many.

    Parameters
    ----------
    n : int
    rows : callable
        Indices → those vectors, (s, d).
    """
    random = np.random.default_rng(_SEED)
    sample = rows(np.sort(random.choice(n, min(n, _SAMPLE), replace=False)))
    found = directions(sample, width(sample.shape[1]) - 1)
    return found if share_left(sample, found, n) <= _WORTHWHILE else None


def share_left(sample: NDArray[np.float64], basis: NDArray[np.float64], n: int) -> float:
    """The share, 0 to 1, of a sample (s, d) of n vectors that a search for the ten nearest could not leave out.

    Some of the sample are the queries. The nearest of a sample are farther away than the nearest of all, so that
    more is left here than in a search.
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


def build(n: int, basis: NDArray[np.float64], blocks: Iterable[tuple[int, NDArray[np.float64]]]) -> Sieve:
    """Make the sieve of n vectors.

    Parameters
    ----------
    n : int
    basis : (d, m) float64
    blocks : iterable of (first index, (b, d))
        All vectors, in order.
    """
    table = np.empty((basis.shape[1] + 1, n), np.float32)
    for start, block in blocks:
        table[:, start : start + len(block)] = _few(basis, block)
    return Sieve(basis, table)


def _few(basis: NDArray[np.float64], vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    """(b, d) → (m + 1, b) float32; the length that is left over is rounded up."""
    seen = basis.T @ vectors.T
    left = np.maximum(np.vecdot(vectors, vectors) - (seen * seen).sum(axis=0), 0)
    few = np.empty((len(seen) + 1, len(vectors)), np.float32)
    few[:-1] = seen
    few[-1] = np.nextafter(np.sqrt(left).astype(np.float32), np.float32(np.inf))
    return few
