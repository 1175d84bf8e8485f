"""Search by an engine, scored here: the same answers as the exact index of one machine."""

import threading
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from imgsearch.ranking.engine import EngineError
from imgsearch.ranking.index import ExactIndex, Nearest, best_of
from imgsearch.ranking.metrics import Metric
from imgsearch.ranking.milvus import MOST, Collection
from imgsearch.ranking.vectors import Vectors

# What is asked for beside the k: a few near the k-th are in most galleries as near as rounding can tell.
_BESIDE = 20
_MORE = 4
# An approximate index finds more of the k nearest when it is asked for more.
_APPROXIMATE = 4


class RemoteIndex:
    """Vectors that an engine searches and that are scored here from the gallery's own file.

    The engine names candidates by float32 arithmetic of its own. All that it could have ranked among the k best by
    a rounding error are scored in float64; where the last candidate is not clearly worse, it is asked for more.
    `vectors` are mapped from the gallery's file, of which only rows that are scored are read.
    """

    def __init__(self, metric: Metric, vectors: Vectors, collection: Collection, key: str) -> None:
        self.metric = metric
        self.collection = collection
        self.n = len(vectors)
        self.dimensions = vectors.dimensions
        self.most = min(self.n, MOST)
        self._vectors = vectors
        self._key = key
        self._lock = threading.Lock()
        self._checked = False

    def nearest(self, query: NDArray[np.float32], k: int) -> Nearest:
        query, length = self._vectors.checked(query)
        self._check()
        k = min(k, self.n)
        if k > MOST:
            raise EngineError(f"An engine gives {MOST:,} matches at most: ask for fewer.")
        wanted = k + _BESIDE if self.collection.engine.is_exact else _APPROXIMATE * k + _BESIDE
        while True:
            wanted = min(wanted, self.n, MOST)
            candidates, complete = self._candidates(query, length, k, wanted)
            if complete or wanted == MOST:
                break
            wanted *= _MORE
        candidates.sort()
        scores = self.metric.exact_scores(self._vectors, query, candidates)
        found = best_of(self.metric, candidates, scores, k, self.n)
        return found._replace(note=self._note(complete))

    def rows(self, which: NDArray[np.intp]) -> NDArray[np.float32]:
        return self._vectors.rows(which)

    def sample(self) -> Vectors:
        return self._here.sample()

    @cached_property
    def _here(self) -> ExactIndex:
        return ExactIndex(self.metric, self._vectors)

    def look(self) -> None:
        """EngineError if the engine is not there, or has not what belongs to the gallery."""
        self._checked = False
        self._check()

    def _candidates(
        self, query: NDArray[np.float32], length: float, k: int, wanted: int
    ) -> tuple[NDArray[np.intp], bool]:
        """Whatever could be among the k best of what the engine found, and whether nothing else could be."""
        found = self.collection.nearest(query, wanted)
        values = found.values if self.metric.higher_is_better else -found.values
        if len(values) < k or (len(values) and not (found.ids.min() >= 0 and found.ids.max() < self.n)):
            raise self._other_vectors()
        # Twice, for the k-th best and for the one that is compared with it.
        slack = 2 * self.metric.foreign_slack(length, float(values[-1]), self._vectors.rounding)
        floor = values[k - 1] - slack
        candidates = found.ids[values >= floor]
        self._compare(query, candidates[:k], values[:k], slack)
        return candidates, bool(len(values) == self.n or values[-1] < floor or not self.collection.engine.is_exact)

    def _compare(
        self, query: NDArray[np.float32], which: NDArray[np.intp], values: NDArray[np.float64], slack: float
    ) -> None:
        """EngineError if the engine's vectors are not those of the gallery, as far as these tell."""
        own = self.metric.rank_value(self.metric.exact_scores(self._vectors, query, which))
        if not (np.abs(own - values) <= slack).all():
            raise self._other_vectors()

    def _check(self) -> None:
        """Once: whether the engine has as many vectors, as long as the gallery's."""
        if self._checked:
            return
        with self._lock:
            if self._checked:
                return
            found = self.collection.stored_dimensions()
            if found != self.dimensions:
                raise EngineError(
                    f"The engine at {self.collection.engine.uri} has vectors of {found} numbers for {self._key}, "
                    f"where {self.dimensions} belong: push the gallery again."
                )
            count = self.collection.count()
            if count != self.n:
                raise EngineError(
                    f"The engine at {self.collection.engine.uri} has {count:,} vectors of {self._key} for "
                    f"{self.n:,} pictures: push the gallery again, which goes on where it was cut off."
                )
            self._checked = True

    def _other_vectors(self) -> EngineError:
        self._checked = False
        return EngineError(
            f"The engine at {self.collection.engine.uri} has other vectors of {self._key} than this gallery: "
            "push the gallery again."
        )

    def _note(self, complete: bool) -> str:
        engine = self.collection.engine
        if not engine.is_exact:
            share = engine.recall.get(self._key)
            measured = f": of the ten nearest it found {share:.1%} when it was measured" if share is not None else ""
            return f"Approximate{measured}."
        if not complete:
            return f"More than {MOST:,} pictures are as near as the last of these: which of them come first is chance."
        return ""
