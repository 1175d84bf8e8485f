"""Euclidean distance and cosine: rank vectors against a query, exactly.

Both metrics rank by a *key* that is larger for a better match and costs one matrix-vector product in
float32: x·q for the cosine, 2 x·q − |x|² for the distance. Everything whose key could, within the bound
on its rounding error, be among the best is then scored again in float64. So the ranking is that of the
exact scores, and does not depend on the order in which a BLAS adds up or on its number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from imgsearch.vectors import Vectors

_BLOCKS = 512
_ROWS = 4096
_TINY = float(np.finfo(np.float64).tiny)


class Nearest(NamedTuple):
    """The best of a ranking.

    Attributes
    ----------
    indices : (k,) intp, best first, ties by lower index
    scores : (k,) float64, the exact scores of `indices`
    beaten : (k,) int64, how many vectors score strictly worse
    all_scores : (n,) float32, the score of every vector; exact to float32 where it matters, near the top
    """

    indices: NDArray[np.intp]
    scores: NDArray[np.float64]
    beaten: NDArray[np.int64]
    all_scores: NDArray[np.float32]


class Metric(Protocol):
    """How two vectors are compared, and which direction is better."""

    name: str
    title: str
    higher_is_better: bool

    def scores(
        self,
        matrix: NDArray[np.float32],
        query: NDArray[np.float32],
        *,
        squared_norms: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Score of every row of (n, d) `matrix` against (d,) `query`: (n,) float32."""
        ...

    def top(self, scores: NDArray[np.floating], k: int) -> NDArray[np.intp]:
        """Indices of the k best of `scores`, best first, ties by lower index."""
        ...

    def better_share(self, scores: NDArray[np.floating], score: float) -> float:
        """Share of `scores`, 0 to 1, that `score` beats."""
        ...

    def nearest(self, vectors: Vectors, query: NDArray[np.float32], k: int) -> Nearest:
        """The k best of `vectors` by their exact score."""
        ...

    def keys(self, vectors: Vectors, queries: NDArray[np.float32]) -> NDArray[np.float64]:
        """n vectors and (q, d) queries → (q, n) float64 that rank as the scores do, larger first."""
        ...

    def score(self, key: float) -> float:
        """The score that belongs to one of `keys`."""
        ...

    def at_least(self, score: float, other: float) -> bool:
        """Whether `score` is as good as `other` or better."""
        ...

    def perfect(self, score: float) -> bool:
        """Whether `score` is that of a vector with itself."""
        ...

    def say(self, score: float) -> str:
        """The score as a person reads it."""
        ...


class Euclidean:
    """Euclidean distance: 0 is the same vector, smaller is better."""

    name = "euclidean"
    title = "Euclidean distance"
    higher_is_better = False

    def scores(
        self,
        matrix: NDArray[np.float32],
        query: NDArray[np.float32],
        *,
        squared_norms: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Distance of every row to the query.

        Parameters
        ----------
        matrix : (n, d) float32
        query : (d,) float32
        squared_norms : (n,) float32, optional
            |x|² of every row, when known.

        Returns
        -------
        (n,) float32
            √(|x|² − 2 x·q + |q|²); near 0 the differences of large numbers leave an error of about 1e-4
            of the vectors' length, so what must be exact goes through `nearest`.
        """
        if squared_norms is None:
            squared_norms = np.vecdot(matrix, matrix)
        return _distances(_proximity(matrix @ query, squared_norms), query)

    def top(self, scores: NDArray[np.floating], k: int) -> NDArray[np.intp]:
        return _best(-scores, k)

    def better_share(self, scores: NDArray[np.floating], score: float) -> float:
        return np.count_nonzero(scores > score) / max(len(scores), 1)

    def nearest(self, vectors: Vectors, query: NDArray[np.float32], k: int) -> Nearest:
        query, length = _checked(vectors, query)
        keys = _proximity(vectors.products(query), vectors.squared_norms)
        # Twice, for the k-th and for the one compared with it: the product, which counts twice, and |x|².
        slack = 2 * vectors.rounding * vectors.largest_norm * (2 * length + vectors.largest_norm)
        candidates = _contenders(keys, k, slack)
        difference = vectors.exact_rows(candidates)
        difference -= vectors.exact_query(query)
        exact = np.sqrt(np.vecdot(difference, difference)) * vectors.unit
        scores = _distances(keys, query)
        scores[candidates] = exact
        return _ranked(candidates, exact, -exact, scores, k)

    def keys(self, vectors: Vectors, queries: NDArray[np.float32]) -> NDArray[np.float64]:
        """−|x − q|² of every vector and query, as (q, n) float64."""
        wide = vectors.exact_query(queries)
        keys = np.empty((len(queries), len(vectors)))
        for start, rows in _blocks(vectors):
            part = keys[:, start : start + len(rows)]
            np.matmul(wide, rows.T, out=part)
            part *= 2
            part -= np.vecdot(rows, rows)
        keys -= np.vecdot(wide, wide)[:, None]
        np.minimum(keys, 0, out=keys)
        keys *= vectors.unit**2
        return keys

    def score(self, key: float) -> float:
        return float(np.sqrt(-key))

    def at_least(self, score: float, other: float) -> bool:
        return score <= other

    def perfect(self, score: float) -> bool:
        return score == 0.0

    def say(self, score: float) -> str:
        return f"distance {score:.3f}"


class Cosine:
    """Cosine of the angle between unit vectors: 1 is the same direction, larger is better."""

    name = "cosine"
    title = "Cosine similarity"
    higher_is_better = True

    # Between the same picture described twice by different kernels the float32 vectors differ by rounding.
    _ROUNDING = 1e-6

    def scores(
        self,
        matrix: NDArray[np.float32],
        query: NDArray[np.float32],
        *,
        squared_norms: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Cosine of every row with the query; rows and query are unit vectors, so it is their product.

        Parameters
        ----------
        matrix : (n, d) float32, rows of length 1
        query : (d,) float32 of length 1
        squared_norms : ignored
            Accepted because every metric is called alike.

        Returns
        -------
        (n,) float32 in [−1, 1] to rounding.
        """
        return matrix @ query

    def top(self, scores: NDArray[np.floating], k: int) -> NDArray[np.intp]:
        return _best(scores, k)

    def better_share(self, scores: NDArray[np.floating], score: float) -> float:
        return np.count_nonzero(scores < score) / max(len(scores), 1)

    def nearest(self, vectors: Vectors, query: NDArray[np.float32], k: int) -> Nearest:
        query, length = _checked(vectors, query)
        keys = vectors.products(query)
        # Twice, for the k-th and for the one compared with it: the product, and that unit vectors in float32
        # are of length 1 only to rounding, which the exact score divides out.
        slack = 4 * vectors.rounding * vectors.largest_norm * length
        candidates = _contenders(keys, k, slack)
        rows = vectors.exact_rows(candidates)
        wide = vectors.exact_query(query)
        lengths = np.sqrt(np.vecdot(rows, rows) * np.vecdot(wide, wide))
        # A vector of zeros has no direction: its cosine counts as 0.
        exact = np.vecdot(rows, wide) / np.maximum(lengths, _TINY)
        np.minimum(exact, 1.0, out=exact)
        keys[candidates] = exact
        return _ranked(candidates, exact, exact, keys, k)

    def keys(self, vectors: Vectors, queries: NDArray[np.float32]) -> NDArray[np.float64]:
        """The cosine of every vector and query, as (q, n) float64."""
        wide = _unit(vectors.exact_query(queries))
        keys = np.empty((len(queries), len(vectors)))
        for start, rows in _blocks(vectors):
            np.matmul(wide, _unit(rows).T, out=keys[:, start : start + len(rows)])
        return keys

    def score(self, key: float) -> float:
        return key

    def at_least(self, score: float, other: float) -> bool:
        return score >= other

    def perfect(self, score: float) -> bool:
        return score >= 1.0 - self._ROUNDING

    def say(self, score: float) -> str:
        return f"cosine {score:.3f}"


EUCLIDEAN = Euclidean()
COSINE = Cosine()


def _checked(vectors: Vectors, query: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """The query as the product needs it, and its length."""
    query = np.ascontiguousarray(query, np.float32)
    if query.shape != (vectors.dimensions,):
        raise ValueError(f"the query must be a vector of {vectors.dimensions} numbers, not of shape {query.shape}")
    length = math.sqrt(np.dot(query, query))
    if not math.isfinite(length):
        raise ValueError("the query vector has values that are not finite")
    return query, length


def _blocks(vectors: Vectors) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """The vectors, some thousands at a time, each time with the index of the first."""
    for start in range(0, len(vectors), _ROWS):
        yield start, vectors.exact_rows(slice(start, start + _ROWS))


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.sqrt(np.vecdot(rows, rows))[:, None]
    unit: NDArray[np.float64] = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit


def _proximity(products: NDArray[np.float32], squared_norms: NDArray[np.float32]) -> NDArray[np.float32]:
    """2 x·q − |x|² = |q|² − |x − q|², in the place of `products`."""
    products += products
    products -= squared_norms
    return products


def _distances(keys: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """√(|q|² − key), in the place of `keys`."""
    np.subtract(np.float32(np.dot(query, query)), keys, out=keys)
    np.maximum(keys, 0, out=keys)
    return np.sqrt(keys, out=keys)


def _contenders(keys: NDArray[np.floating], k: int, slack: float) -> NDArray[np.intp]:
    """Ascending indices of every key that is at least the k-th largest less `slack`, and few others.

    The keys are laid out as a table of `_BLOCKS` columns and reduced to the largest of each column, the only
    pass over all of them. The k-th largest of those is at most the k-th largest key, so only columns that
    reach it are looked into.
    """
    n = len(keys)
    if k >= n:
        return np.arange(n)
    whole = n - n % _BLOCKS
    if k > _BLOCKS // 4 or whole < 4 * _BLOCKS:
        return np.flatnonzero(keys >= np.partition(keys, n - k)[n - k] - slack)
    table = keys[:whole].reshape(-1, _BLOCKS)
    maxima = np.maximum.reduce(table, axis=0)
    floor = np.partition(maxima, _BLOCKS - k)[_BLOCKS - k] - slack
    columns = (maxima >= floor).nonzero()[0]
    rows, places = (table.take(columns, axis=1) >= floor).nonzero()
    found = rows * _BLOCKS + columns[places]
    if whole < n and keys[whole:].max() >= floor:
        found = np.concatenate([found, (keys[whole:] >= floor).nonzero()[0] + whole])
    if len(found) > 4 * k:
        kept = keys[found]
        found = found[kept >= np.partition(kept, len(kept) - k)[len(kept) - k] - slack]
    return found


def _best(keys: NDArray[np.floating], k: int) -> NDArray[np.intp]:
    k = min(k, len(keys))
    candidates = _contenders(keys, k, 0.0)
    best: NDArray[np.intp] = candidates[np.argsort(-keys[candidates], kind="stable")][:k]
    return best


def _ranked(
    candidates: NDArray[np.intp],
    exact: NDArray[np.float64],
    keys: NDArray[np.float64],
    scores: NDArray[np.float32],
    k: int,
) -> Nearest:
    """Order the candidates, which are ascending, by their exact keys."""
    downwards = -keys
    order = downwards.argsort(kind="stable")
    downwards = downwards[order]
    at_least_as_good = downwards.searchsorted(downwards[:k], side="right")
    best = order[:k]
    return Nearest(candidates[best], exact[best], len(scores) - at_least_as_good, scores)
