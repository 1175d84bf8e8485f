"""Whether what two pictures have in common shows the very same thing: a logistic regression, learned from pictures."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.likeness import Likeness

LEAST_POINTS = 12  # with fewer points that agree, nothing is told


class Evidence(NamedTuple):
    """What speaks for it: the points that agree, those that agree in no picture of another thing, and the likeness.

    Two figures speak against it. `resemblance` is 0 if too little is alike for anything to be told. `share` is that of
    the query which the picture takes: two things before one backdrop are the same there, frame on frame, while a print
    of a picture lies somewhere in a query, or looks alike all over.
    """

    points: int
    own: int
    likeness: Likeness
    resemblance: float
    share: float

    def as_vector(self) -> NDArray[np.float64]:
        """The numbers that are weighed, (6,)."""
        own = 1 + self.own
        return np.array([np.log(own), np.log(own / (1 + self.points)), *self.likeness, self.resemblance, self.share])


_BIAS = -6.472
_WEIGHTS = np.array([1.577, 6.032, 4.815, 9.115, -3.839, -4.475])
"""Learned by `python -m imgsearch.training.local_features.decision`."""

_SURE = 0.7
LEAST_ALIKE = 0.35  # of what lies on one floor, or before one wall, less is alike, however many points agree


def is_same(evidence: Evidence) -> bool:
    """Whether it is the very same thing, with a probability of at least 0.7."""
    return evidence.likeness.whole >= LEAST_ALIKE and probability(evidence) >= _SURE


def probability(evidence: Evidence) -> float:
    """How probable it is that the pictures show the very same thing, 0 to 1."""
    return 1 / (1 + math.exp(-_BIAS - float(evidence.as_vector() @ _WEIGHTS)))
