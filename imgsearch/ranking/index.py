"""What a search asks of the vectors of one method in one gallery, and the exact answer of one machine."""

import threading
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from imgsearch.ranking.metrics import Metric
from imgsearch.ranking.pruning import UpperBounds
from imgsearch.ranking.vectors import Vectors

SAMPLE = 10_000  # at most so many vectors stand for all

# A copy, beside a matrix that may be mapped.
_SAMPLE_BYTES = 16 << 20
# By a loose bound, the best of so many are scored to learn how good a match has to be.
_FIRST_LOOK = 48
# If the bounds leave more than this share, all products are cheaper than theirs.
_TOO_MANY = 1 / 8


class Nearest(NamedTuple):
    """The k best of a ranking, best first, ties by lower index."""

    indices: NDArray[np.intp]
    scores: NDArray[np.float64]  # exact
    n_worse: NDArray[np.int64]  # how many of all score worse
    note: str = ""  # one sentence where they may not be the best

    def that_pass(self, passes: NDArray[np.bool_], most: int) -> "Nearest":
        """The best of these that pass, (n,) bool, at most so many."""
        kept = np.flatnonzero(passes[self.indices])[:most]
        return Nearest(self.indices[kept], self.scores[kept], self.n_worse[kept], self.note)


class VectorIndex(Protocol):
    """n vectors of d numbers that can be searched; threads may share it."""

    n: int
    dimensions: int  # d
    most: int  # how many of the best can be asked for

    def nearest(self, query: NDArray[np.float32], k: int) -> Nearest:
        """The k best vectors, or all where there are fewer; ValueError if the query does not fit or is not finite."""

    def rows(self, which: NDArray[np.intp]) -> NDArray[np.float32]:
        """The vectors of some pictures, (m, d) float32."""

    def sample(self) -> Vectors:
        """At most `SAMPLE` vectors, the same at every call; all of them where there are no more."""


class ExactIndex:
    """Vectors in memory or mapped from a file, ranked by their exact scores.

    A search begins with rank values, or upper bounds on them, in float32, and scores in float64 everything that could
    be among the best by its value and the value's rounding error. So the ranking is that of the exact scores, and
    does not depend on the order in which a BLAS adds up or on its number of threads.
    """

    def __init__(self, metric: Metric, vectors: Vectors) -> None:
        self.metric = metric
        self.vectors = vectors
        self.n = self.most = len(vectors)
        self.dimensions = vectors.dimensions
        self._searched = False
        self._upper_bounds: UpperBounds | None = None
        self._making = threading.Lock()

    def nearest(self, query: NDArray[np.float32], k: int) -> Nearest:
        query, length = self.vectors.checked(query)
        candidates = self._candidates(self.metric.aimed(query, length), length, min(k, self.n))
        scores = self.metric.exact_scores(self.vectors, query, candidates)
        return best_of(self.metric, candidates, scores, k, self.n)

    def rows(self, which: NDArray[np.intp]) -> NDArray[np.float32]:
        return self.vectors.rows(which)

    def sample(self) -> Vectors:
        return self._sample

    @cached_property
    def _sample(self) -> Vectors:
        if self.n <= SAMPLE:
            return self.vectors
        most = max(1, min(SAMPLE, _SAMPLE_BYTES * self.n // self.vectors.nbytes))
        # Spread evenly: neighbours in a gallery are often pictures of one kind.
        return self.vectors.some(np.linspace(0, self.n - 1, most).astype(np.intp))

    def _candidates(self, query: NDArray[np.float32], length: float, k: int) -> NDArray[np.intp]:
        """Ascending indices of all vectors that could be among the k best, and few others."""
        if k == self.n:
            return np.arange(k)
        # Twice, for the k-th best and for the one that is compared with it.
        slack = 2 * self.metric.slack(length, self.vectors)
        bounds = self._bounds()
        if bounds is not None:
            loose = self.metric.from_products(self.vectors, bounds.of_products(query))
            first = _near_the_best(loose, min(max(k, _FIRST_LOOK), self.n), 0.0)
            floor = _kth_largest(self._values(query, first), k) - slack
            found = (loose >= floor).nonzero()[0]
            if len(found) <= 4 * k:
                return found
            if len(found) <= _TOO_MANY * self.n:
                return found[_near_the_best(self._values(query, found), k, slack)]
        return _near_the_best(self._values(query), k, slack)

    def _values(self, query: NDArray[np.float32], which: NDArray[np.intp] | None = None) -> NDArray[np.float32]:
        products = self.vectors.products(query, which)
        return self.metric.from_products(self.vectors, products, slice(None) if which is None else which)

    def _bounds(self) -> UpperBounds | None:
        """Upper bounds, where they help; none for the first search: to make them takes as long as dozens without."""
        if not self._searched:
            self._searched = True
        # Taken once and never given back: whoever searches while they are made goes without.
        elif self._making.acquire(blocking=False):
            self._upper_bounds = UpperBounds.of(self.vectors)
        return self._upper_bounds


def best_of(metric: Metric, candidates: NDArray[np.intp], scores: NDArray[np.float64], k: int, n: int) -> Nearest:
    """The k best of an index of n, of ascending candidates that hold whatever scores as well as one of them."""
    order = metric.order(scores)
    downwards = -scores[order] if metric.higher_is_better else scores[order]
    as_good = downwards.searchsorted(downwards[:k], side="right")
    best = order[:k]
    return Nearest(candidates[best], scores[best], n - as_good)


def _near_the_best(values: NDArray[np.float32], k: int, slack: float) -> NDArray[np.intp]:
    """Ascending indices of every value that is at least the k-th largest less `slack`."""
    return (values >= _kth_largest(values, k) - slack).nonzero()[0]


def _kth_largest(values: NDArray[np.float32], k: int) -> float:
    return float(np.partition(values, len(values) - k)[len(values) - k])
