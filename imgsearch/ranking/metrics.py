"""Euclidean distance and cosine: how two vectors are compared, and which direction is better.

Both metrics rank by a *rank value* that is larger for a better match and rises with the product x·q: x·q / |x||q|
for the cosine, 2 x·q − |x|² for the distance, which is |q|² − |x − q|².
"""

import math
from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from imgsearch.ranking.vectors import Vectors

_TINY = float(np.finfo(np.float64).tiny)


def signed(value: float) -> str:
    """A number with three digits and the minus sign of print, and none before a zero."""
    text = f"{value:.3f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


class Metric(ABC):
    """How two vectors are compared, and which direction is better."""

    title: str
    higher_is_better: bool
    milvus_name: str

    def exact_scores(
        self, vectors: Vectors, query: NDArray[np.float32], which: NDArray[np.intp] | None = None
    ) -> NDArray[np.float64]:
        """The scores of all vectors or of some, (m,) float64, equal for equal vectors."""
        wide = vectors.exact_query(query)
        scores = np.empty(len(vectors) if which is None else len(which))
        for start, rows in vectors.blocks(which):
            scores[start : start + len(rows)] = self._exact(rows, wide, vectors.unit)
        return scores

    def order(self, scores: NDArray[np.floating]) -> NDArray[np.intp]:
        """Indices of all scores, best first, ties by lower index."""
        return np.argsort(-scores if self.higher_is_better else scores, kind="stable")

    def at_least(self, score: float, other: float) -> bool:
        """Whether `score` is as good as `other` or better."""
        return score >= other if self.higher_is_better else score <= other

    @abstractmethod
    def rank_values(self, vectors: Vectors, queries: NDArray[np.float32]) -> NDArray[np.float64]:
        """n vectors and (q, d) queries → (q, n) float64 that rank as the scores do, larger first."""

    @abstractmethod
    def score(self, rank_value: float) -> float:
        """The score that belongs to one of `rank_values`."""

    @abstractmethod
    def rank_value(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rank values that belong to scores, the other way round: (m,) float64 both."""

    @abstractmethod
    def foreign_slack(self, length: float, rank_value: float, rounding: float) -> float:
        """The most by which a rank value of at least `rank_value` is off that an engine has reckoned in float32."""

    @abstractmethod
    def is_exact(self, score: float) -> bool:
        """Whether `score` is that of a vector with itself."""

    @abstractmethod
    def format_score(self, score: float) -> str:
        """The score as a person reads it."""

    @abstractmethod
    def aimed(self, query: NDArray[np.float32], length: float) -> NDArray[np.float32]:
        """The query, of that length, with which products are to be made."""

    @abstractmethod
    def from_products(
        self, vectors: Vectors, products: NDArray[np.float32], which: NDArray[np.intp] | slice = slice(None)
    ) -> NDArray[np.float32]:
        """The rank values that belong to products of all vectors or of some, in the place of the products."""

    @abstractmethod
    def slack(self, length: float, vectors: Vectors) -> float:
        """The most by which rounding makes a result of `from_products` wrong, for a query of that length."""

    @abstractmethod
    def _exact(self, rows: NDArray[np.float64], query: NDArray[np.float64], unit: float) -> NDArray[np.float64]:
        """The scores of (m, d) rows, which may be overwritten: (m,) float64, equal for equal rows."""


class Euclidean(Metric):
    """Euclidean distance: 0 is the same vector, smaller is better."""

    title = "Euclidean distance"
    higher_is_better = False
    milvus_name = "L2"

    def rank_values(self, vectors: Vectors, queries: NDArray[np.float32]) -> NDArray[np.float64]:
        """−|x − q|² of every vector and query, as (q, n) float64."""
        wide = vectors.exact_query(queries)
        values = np.empty((len(queries), len(vectors)))
        for start, rows in vectors.blocks():
            part = values[:, start : start + len(rows)]
            np.matmul(wide, rows.T, out=part)
            part *= 2
            part -= np.vecdot(rows, rows)
        values -= np.vecdot(wide, wide)[:, None]
        np.minimum(values, 0, out=values)
        values *= vectors.unit**2
        return values

    def score(self, rank_value: float) -> float:
        return math.sqrt(-rank_value)

    def rank_value(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        return -np.square(scores)

    def foreign_slack(self, length: float, rank_value: float, rounding: float) -> float:
        # |x − q|² may be summed up as it is or as |x|² − 2 x·q + |q|²: either is off by at most γ (|x| + |q|)², twice
        # for the numbers themselves, and |x| ≤ |q| + |x − q|.
        return 2 * rounding * (2 * length + math.sqrt(max(-rank_value, 0.0))) ** 2

    def is_exact(self, score: float) -> bool:
        return score == 0.0

    def format_score(self, score: float) -> str:
        return f"distance {score:.3f}"

    def aimed(self, query: NDArray[np.float32], length: float) -> NDArray[np.float32]:
        return query

    def from_products(
        self, vectors: Vectors, products: NDArray[np.float32], which: NDArray[np.intp] | slice = slice(None)
    ) -> NDArray[np.float32]:
        products += products
        products -= vectors.squared_norms[which]
        return products

    def slack(self, length: float, vectors: Vectors) -> float:
        # The product counts twice, |x|² once.
        rounding = vectors.rounding * vectors.largest_norm * (2 * length + vectors.largest_norm)
        return rounding + 3 * vectors.underflow

    def _exact(self, rows: NDArray[np.float64], query: NDArray[np.float64], unit: float) -> NDArray[np.float64]:
        rows -= query
        return np.asarray(np.sqrt(np.vecdot(rows, rows)) * unit)


class Cosine(Metric):
    """Cosine of the angle between vectors of any length: 1 is the same direction, larger is better."""

    title = "Cosine similarity"
    higher_is_better = True
    milvus_name = "COSINE"

    # Between the same picture described twice by different kernels the float32 vectors differ by rounding.
    _ROUNDING = 1e-6

    def rank_values(self, vectors: Vectors, queries: NDArray[np.float32]) -> NDArray[np.float64]:
        """The cosine of every vector and query, as (q, n) float64."""
        wide = _unit(vectors.exact_query(queries))
        values = np.empty((len(queries), len(vectors)))
        for start, rows in vectors.blocks():
            np.matmul(wide, _unit(rows).T, out=values[:, start : start + len(rows)])
        return values

    def score(self, rank_value: float) -> float:
        return rank_value

    def rank_value(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        return scores

    def foreign_slack(self, length: float, rank_value: float, rounding: float) -> float:
        # The product, both lengths, and the numbers themselves.
        return 4 * rounding

    def is_exact(self, score: float) -> bool:
        return score >= 1.0 - self._ROUNDING

    def format_score(self, score: float) -> str:
        return f"cosine {signed(score)}"

    def aimed(self, query: NDArray[np.float32], length: float) -> NDArray[np.float32]:
        return (query / length).astype(np.float32) if length > 0 else query

    def from_products(
        self, vectors: Vectors, products: NDArray[np.float32], which: NDArray[np.intp] | slice = slice(None)
    ) -> NDArray[np.float32]:
        if vectors.scales is not None:
            products /= vectors.scales[which]
        return products

    def slack(self, length: float, vectors: Vectors) -> float:
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


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.sqrt(np.vecdot(rows, rows))[:, None]
    unit: NDArray[np.float64] = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit
