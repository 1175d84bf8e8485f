"""Euclidean distance and cosine: rank vectors against a query, exactly.

Both metrics rank by a *key* that is larger for a better match and rises with the product x·q: x·q / |x||q| for the
cosine, 2 x·q − |x|² for the distance. A search starts from upper bounds on the keys, in float32, and
scores in float64 everything that could be among the best by its bound and the bound's rounding error. So the
ranking is that of the exact scores, and does not depend on the order in which a BLAS adds up or on its number of
threads.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch.ranking.vectors import MAX_LENGTH, Vectors

_COLUMNS = 512
_TINY = float(np.finfo(np.float64).tiny)
# Above this share of columns it is faster to go through all keys.
_FEW = 1 / 8
# By a loose bound, the best of so many are scored to learn how good a match has to be.
_FIRST_LOOK = 48
# If a bound leaves more than this share, all products are cheaper than theirs.
_TOO_MANY = 1 / 8


def signed(value: float, digits: int = 3) -> str:
    """A number with the minus sign of print, and none before a zero."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


class Nearest(NamedTuple):
    """The best of a ranking.

    Attributes
    ----------
    indices : (k,) intp, best first, ties by lower index
    scores : (k,) float64, exact
    n_worse : (k,) int64, how many vectors score strictly worse
    """

    indices: NDArray[np.intp]
    scores: NDArray[np.float64]
    n_worse: NDArray[np.int64]


class Metric(ABC):
    """How two vectors are compared, and which direction is better."""

    name: str
    title: str
    higher_is_better: bool

    def nearest(self, vectors: Vectors, query: NDArray[np.float32], k: int) -> Nearest:
        """The k best vectors by their exact score.

        Parameters
        ----------
        vectors : Vectors
        query : (d,) float32
        k : int
            At least 1; all of fewer vectors.

        Raises
        ------
        ValueError
            If the query has another length or a number that is not finite.
        """
        query, length = _checked(vectors, query)
        candidates = self._candidates(vectors, query, length, min(k, len(vectors)))
        rows, wide = vectors.exact_rows(candidates), vectors.exact_query(query)
        scores = self._exact(rows, wide, vectors.unit)
        downwards = -scores if self.higher_is_better else scores
        order = downwards.argsort(kind="stable")
        downwards = downwards[order]
        # Whatever is as good as one of the best is among the candidates.
        as_good = downwards.searchsorted(downwards[:k], side="right")
        best = order[:k]
        return Nearest(candidates[best], scores[best], len(vectors) - as_good)

    def scores(self, vectors: Vectors, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """The score of every vector, (n,) float32, to the rounding of float32.

        A distance near 0 is the root of a difference of large numbers: it may be off by a thousandth of the
        vectors' length.
        """
        query, length = _checked(vectors, query)
        query = self._aimed(query, length)
        return self._scores(self._keys(vectors, vectors.products(query)), query)

    def top(self, scores: NDArray[np.floating], k: int) -> NDArray[np.intp]:
        """Indices of the k best of `scores`, best first, ties by lower index."""
        keys = scores if self.higher_is_better else -scores
        candidates = _Columns(keys).at_least_the_best(min(k, len(keys)), 0.0)
        best: NDArray[np.intp] = candidates[np.argsort(-keys[candidates], kind="stable")][:k]
        return best

    def better_share(self, scores: NDArray[np.floating], score: float) -> float:
        """Share of `scores`, 0 to 1, that `score` beats."""
        worse = scores < score if self.higher_is_better else scores > score
        return np.count_nonzero(worse) / max(len(scores), 1)

    def at_least(self, score: float, other: float) -> bool:
        """Whether `score` is as good as `other` or better."""
        return score >= other if self.higher_is_better else score <= other

    def _candidates(self, vectors: Vectors, query: NDArray[np.float32], length: float, k: int) -> NDArray[np.intp]:
        """Ascending indices of all vectors that could be among the k best, and few others."""
        query = self._aimed(query, length)
        # Twice, for the k-th best and for the one that is compared with it.
        slack = 2 * self._slack(length, vectors)
        sieve = vectors.sieve_of_a_search()
        if sieve is None:
            return _Columns(self._keys(vectors, vectors.products(query))).at_least_the_best(k, slack)
        bounds = _Columns(self._keys(vectors, sieve.bounds(query)))
        first = bounds.at_least_the_best(min(max(k, _FIRST_LOOK), len(vectors)), 0.0)
        keys = self._keys(vectors, vectors.products(query, first), first)
        found = bounds.reaching(_kth_largest(keys, k) - slack)
        if len(found) > _TOO_MANY * len(vectors):
            return _Columns(self._keys(vectors, vectors.products(query))).at_least_the_best(k, slack)
        if len(found) > 4 * k:
            keys = self._keys(vectors, vectors.products(query, found), found)
            found = found[keys >= _kth_largest(keys, k) - slack]
        return found

    @abstractmethod
    def keys(self, vectors: Vectors, queries: NDArray[np.float32]) -> NDArray[np.float64]:
        """n vectors and (q, d) queries → (q, n) float64 that rank as the scores do, larger first."""

    @abstractmethod
    def score(self, key: float) -> float:
        """The score that belongs to one of `keys`."""

    @abstractmethod
    def is_exact(self, score: float) -> bool:
        """Whether `score` is that of a vector with itself."""

    @abstractmethod
    def format_score(self, score: float) -> str:
        """The score as a person reads it."""

    @abstractmethod
    def _aimed(self, query: NDArray[np.float32], length: float) -> NDArray[np.float32]:
        """The query, of that length, with which products are to be made."""

    @abstractmethod
    def _keys(
        self, vectors: Vectors, products: NDArray[np.float32], which: NDArray[np.intp] | slice = slice(None)
    ) -> NDArray[np.float32]:
        """The keys that belong to products of all vectors or of some, in the place of the products."""

    @abstractmethod
    def _scores(self, keys: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
        """The scores that belong to keys, in the place of the keys."""

    @abstractmethod
    def _slack(self, length: float, vectors: Vectors) -> float:
        """The most by which rounding makes a key or a bound of one wrong, for a query of that length."""

    @abstractmethod
    def _exact(self, rows: NDArray[np.float64], query: NDArray[np.float64], unit: float) -> NDArray[np.float64]:
        """The scores of (m, d) rows, which may be overwritten: (m,) float64, equal for equal rows."""


class Euclidean(Metric):
    """Euclidean distance: 0 is the same vector, smaller is better."""

    name = "euclidean"
    title = "Euclidean distance"
    higher_is_better = False

    def keys(self, vectors: Vectors, queries: NDArray[np.float32]) -> NDArray[np.float64]:
        """−|x − q|² of every vector and query, as (q, n) float64."""
        wide = vectors.exact_query(queries)
        keys = np.empty((len(queries), len(vectors)))
        for start, rows in vectors.blocks():
            part = keys[:, start : start + len(rows)]
            np.matmul(wide, rows.T, out=part)
            part *= 2
            part -= np.vecdot(rows, rows)
        keys -= np.vecdot(wide, wide)[:, None]
        np.minimum(keys, 0, out=keys)
        keys *= vectors.unit**2
        return keys

    def score(self, key: float) -> float:
        return math.sqrt(-key)

    def is_exact(self, score: float) -> bool:
        return score == 0.0

    def format_score(self, score: float) -> str:
        return f"distance {score:.3f}"

    def _aimed(self, query: NDArray[np.float32], length: float) -> NDArray[np.float32]:
        return query

    def _keys(
        self, vectors: Vectors, products: NDArray[np.float32], which: NDArray[np.intp] | slice = slice(None)
    ) -> NDArray[np.float32]:
        # 2 x·q − |x|² = |q|² − |x − q|²
        products += products
        products -= vectors.squared_norms[which]
        return products

    def _scores(self, keys: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
        np.subtract(np.float32(np.dot(query, query)), keys, out=keys)
        np.maximum(keys, 0, out=keys)
        return np.sqrt(keys, out=keys)

    def _slack(self, length: float, vectors: Vectors) -> float:
        # The product counts twice, |x|² once.
        rounding = vectors.rounding * vectors.largest_norm * (2 * length + vectors.largest_norm)
        return rounding + 3 * vectors.underflow

    def _exact(self, rows: NDArray[np.float64], query: NDArray[np.float64], unit: float) -> NDArray[np.float64]:
        rows -= query
        return np.asarray(np.sqrt(np.vecdot(rows, rows)) * unit)


class Cosine(Metric):
    """Cosine of the angle between vectors of any length: 1 is the same direction, larger is better."""

    name = "cosine"
    title = "Cosine similarity"
    higher_is_better = True

    # Between the same picture described twice by different kernels the float32 vectors differ by rounding.
    _ROUNDING = 1e-6

    def keys(self, vectors: Vectors, queries: NDArray[np.float32]) -> NDArray[np.float64]:
        """The cosine of every vector and query, as (q, n) float64."""
        wide = _unit(vectors.exact_query(queries))
        keys = np.empty((len(queries), len(vectors)))
        for start, rows in vectors.blocks():
            np.matmul(wide, _unit(rows).T, out=keys[:, start : start + len(rows)])
        return keys

    def score(self, key: float) -> float:
        return key

    def is_exact(self, score: float) -> bool:
        return score >= 1.0 - self._ROUNDING

    def format_score(self, score: float) -> str:
        return f"cosine {signed(score)}"

    def _aimed(self, query: NDArray[np.float32], length: float) -> NDArray[np.float32]:
        return (query / length).astype(np.float32) if length > 0 else query

    def _keys(
        self, vectors: Vectors, products: NDArray[np.float32], which: NDArray[np.intp] | slice = slice(None)
    ) -> NDArray[np.float32]:
        if vectors.scales is not None:
            products /= vectors.scales[which]
        return products

    def _scores(self, keys: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
        return keys

    def _slack(self, length: float, vectors: Vectors) -> float:
        # Twice: the product, and that vectors and query are of length 1 only to rounding, which the exact score
        # divides out, or that products are divided by rounded lengths.
        return 2 * vectors.rounding + 2 * vectors.underflow / vectors.smallest_norm

    def _exact(self, rows: NDArray[np.float64], query: NDArray[np.float64], unit: float) -> NDArray[np.float64]:
        lengths = np.sqrt(np.vecdot(rows, rows) * np.vecdot(query, query))
        # A vector of zeros has no direction: its cosine counts as 0.
        exact = np.vecdot(rows, query) / np.maximum(lengths, _TINY)
        return np.asarray(np.minimum(exact, 1.0, out=exact))


EUCLIDEAN = Euclidean()
COSINE = Cosine()


class _Columns:
    """Keys laid out as a table, of which the largest of each column are looked at first.

    Finding those is the only pass over all keys: what is looked for is then only looked for in columns whose
    largest is large enough.
    """

    def __init__(self, keys: NDArray[np.floating]) -> None:
        whole = len(keys) - len(keys) % _COLUMNS
        self._keys = keys
        self._table = keys[:whole].reshape(-1, _COLUMNS)
        self._rest = keys[whole:]
        self._largest = np.maximum.reduce(self._table, axis=0, initial=-np.inf)
        self._largest_of_rest = float(self._rest.max(initial=-np.inf))

    def at_least_the_best(self, k: int, slack: float) -> NDArray[np.intp]:
        """Ascending indices of every key that is at least the k-th largest less `slack`, and few others."""
        if k >= len(self._keys):
            return np.arange(len(self._keys))
        if k > _COLUMNS // 4 or len(self._table) < 4:
            return (self._keys >= _kth_largest(self._keys, k) - slack).nonzero()[0]
        # The k-th largest of the columns' largest is at most the k-th largest of all.
        found = self.reaching(_kth_largest(self._largest, k) - slack)
        if len(found) > 4 * k:
            kept = self._keys[found]
            found = found[kept >= _kth_largest(kept, k) - slack]
        return found

    def reaching(self, floor: float) -> NDArray[np.intp]:
        """Ascending indices of every key that is at least `floor`."""
        columns = (self._largest >= floor).nonzero()[0]
        if len(columns) > _FEW * _COLUMNS:
            return (self._keys >= floor).nonzero()[0]
        rows, places = (self._table.take(columns, axis=1) >= floor).nonzero()
        found = rows * _COLUMNS + columns[places]
        if self._largest_of_rest >= floor:
            found = np.concatenate([found, (self._rest >= floor).nonzero()[0] + self._table.size])
        return found


def _kth_largest(values: NDArray[np.floating], k: int) -> float:
    return float(np.partition(values, len(values) - k)[len(values) - k])


def _checked(vectors: Vectors, query: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """The query as float32, and its length."""
    query = np.ascontiguousarray(query, np.float32)
    if query.shape != (vectors.dimensions,):
        raise ValueError(f"the query must be a vector of {vectors.dimensions} numbers, not of shape {query.shape}")
    wide = query.astype(np.float64)
    length = math.sqrt(np.dot(wide, wide))
    if not length <= MAX_LENGTH:
        raise ValueError("the query vector has values that are not finite")
    return query, length


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.sqrt(np.vecdot(rows, rows))[:, None]
    unit: NDArray[np.float64] = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit
