"""What a method is: a way to describe a picture, to compare what it describes, and to say why two are close."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from imgsearch.methods.explanations import Explanation, Side
from imgsearch.ranking.metrics import Metric


@dataclass(frozen=True)
class Preview:
    """What a method sees of a picture, (h, w, 3) uint8, with what stands above it, below it, and in its place."""

    picture: NDArray[np.uint8]
    title: str
    note: str
    alt: str


class Method(Protocol):
    """A way of seeing. It does not change, and threads may share it."""

    key: str  # its name within a gallery, in files and on the command line; a plain word
    title: str
    family: str  # the same plain word for all variants of one idea, of which the page shows one at a time
    variant: str  # what tells this one from the others, such as "By region"
    caption: str  # what its family sees, in a few words
    metric: Metric
    dimensions: int  # d, the length of its vectors
    fingerprint: str  # changes whenever the same picture comes to give another vector

    def config(self) -> dict[str, Any]:
        """JSON-able settings from which `registry.from_config` makes an equal method."""

    def describe(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(h, w, 3) uint8 → (d,) float32."""

    def normalise(self, vector: NDArray[np.float64]) -> NDArray[np.float32]:
        """A vector (d,) that was moved, by marks say, as one that a picture could have: (d,) float32."""

    def format_score(self, score: float) -> str:
        """The score as a person reads it."""

    def preview(self, picture: NDArray[np.uint8]) -> Preview:
        """What it sees of a picture, (h, w, 3) uint8."""

    def idea(self, picture: NDArray[np.uint8], label: str) -> str:
        """How it works, in a few plain sentences with a picture as the example; its label may be empty."""

    def explain(self, query: Side, match: Side) -> Explanation | None:
        """Why the match has its score: parts that sum to it, to rounding; None if there is nothing to be said."""
