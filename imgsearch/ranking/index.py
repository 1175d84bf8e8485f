"""What a search asks of the vectors of one method in one gallery, and the exact answer of one machine."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from imgsearch.ranking.metrics import Metric, Nearest
from imgsearch.ranking.vectors import Vectors

SAMPLE = 10_000
"""At most so many vectors stand for all."""

_SAMPLE_BYTES = 16 << 20


class Sample(NamedTuple):
    """Vectors that stand for all of an index.

    Attributes
    ----------
    indices : (s,) intp, ascending
    vectors : Vectors, of those s pictures
    """

    indices: NDArray[np.intp]
    vectors: Vectors


class VectorIndex(Protocol):
    """n vectors of d numbers that can be searched; threads may share it."""

    @property
    def n(self) -> int:
        """How many vectors there are."""
        ...

    @property
    def dimensions(self) -> int:
        """The length d of each."""
        ...

    def nearest(self, query: NDArray[np.float32], k: int) -> Nearest:
        """Find the k best vectors.

        Parameters
        ----------
        query : (d,) float32
        k : int
            At least 1; an index of fewer vectors gives them all.

        Returns
        -------
        Nearest
            Scores in float64, best first, equal ones by index; and for each how many of the n are worse.

        Raises
        ------
        ValueError
            If the query has another length, or a number that is not finite.
        """
        ...

    def rows(self, which: NDArray[np.intp]) -> NDArray[np.float32]:
        """The vectors of some pictures, (m, d) float32."""
        ...

    def sample(self) -> Sample:
        """At most `SAMPLE` vectors, the same at every call; all of them where there are no more."""
        ...


class ExactIndex:
    """Vectors in memory or mapped from a file, ranked by their exact scores.

    Parameters
    ----------
    metric : Metric
    vectors : Vectors
    """

    def __init__(self, metric: Metric, vectors: Vectors) -> None:
        self.metric = metric
        self.vectors = vectors

    @property
    def n(self) -> int:
        return len(self.vectors)

    @property
    def dimensions(self) -> int:
        return self.vectors.dimensions

    def nearest(self, query: NDArray[np.float32], k: int) -> Nearest:
        return self.metric.nearest(self.vectors, query, k)

    def rows(self, which: NDArray[np.intp]) -> NDArray[np.float32]:
        return self.vectors.rows(which)

    def sample(self) -> Sample:
        return self._sample

    @cached_property
    def _sample(self) -> Sample:
        most = SAMPLE
        if self.n <= most:
            return Sample(np.arange(self.n), self.vectors)
        # Spread evenly: neighbours in a gallery are often pictures of one kind.
        most = max(1, min(most, _SAMPLE_BYTES // self.vectors.row_bytes))
        indices = np.linspace(0, self.n - 1, most).astype(np.intp)
        return Sample(indices, self.vectors.some(indices))
