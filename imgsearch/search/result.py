"""What a search found: ranked matches with their numbers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.methods.garment_head import Guess
from imgsearch.methods.method import Method
from imgsearch.ranking.index import VectorIndex
from imgsearch.ranking.vectors import Vectors
from imgsearch.search.filtering import NO_FILTER, Filter
from imgsearch.search.judgement import Doubt


@dataclass(frozen=True)
class Match:
    """One picture of the gallery, as the query finds it."""

    rank: int
    index: int
    label: str
    name: str
    score: float
    closer_than: float  # the share of the gallery that is a worse match
    identical: bool  # whether it is the query itself

    def as_json(self) -> dict[str, Any]:
        """Everything above by its name, for the command line and for files."""
        return asdict(self)


@dataclass(frozen=True)
class Result:
    """What a search found."""

    method: Method
    matches: tuple[Match, ...]  # best first, ties by lower index
    vector: NDArray[np.float32]  # (d,), the query as the method sees it, moved by marks
    seconds: dict[str, float]  # of "describe" and "search"
    doubt: Doubt  # of the first match; "nothing" where the photo network saw no garment
    index: VectorIndex = field(repr=False)  # what was searched
    added: Mapping[str, NDArray[np.floating]] = field(default_factory=dict)  # what marks and words put into `vector`
    note: str = ""  # what a reader has to know of the ranking, one sentence; empty where it is exact
    guess: Guess | None = None  # what the photo network saw in a photograph that is searched for among garments
    filter: Filter = NO_FILTER  # what is left of the ranking; the ranks are those of what is left
    passing: int = 0  # how many pictures of the gallery are of a kind that is shown
    hidden: frozenset[int] = frozenset()  # pictures that are left out because they are the query itself

    @property
    def copies(self) -> frozenset[int]:
        """The pictures that are the query itself, among the matches or left out."""
        return self.hidden | {match.index for match in self.matches if match.identical}

    def vector_for(self, match: Match) -> NDArray[np.float32]:
        """The vector, (d,) float32, that a match's score compares it with; for a picture always the same."""
        return self.vector

    @property
    def convincing(self) -> bool:
        """Whether nothing speaks against the first match."""
        return self.doubt == "none"

    @cached_property
    def sample_scores(self) -> NDArray[np.float64]:
        """The scores of all pictures, or of a sample of a large gallery: (s,) float64; made when first asked for."""
        return self._scores(self.index.sample())

    def _scores(self, vectors: Vectors) -> NDArray[np.float64]:
        return self.method.metric.exact_scores(vectors, self.vector)
