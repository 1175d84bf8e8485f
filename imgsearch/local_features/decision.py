"""Whether what two pictures have in common shows the very same thing: a logistic regression, learned from pictures."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.likeness import Likeness

LEAST_POINTS = 12  # with fewer points that agree, nothing is told


class Evidence(NamedTuple):
    """What speaks for it: the points that agree, those that agree in no picture of another thing, and the likeness."""

    points: int
    own: int
    likeness: Likeness

    def as_vector(self) -> NDArray[np.float64]:
        """The numbers that are weighed, (4,)."""
        own = 1 + self.own
        return np.log([own, own / (1 + self.points), *(_LEAST_SHARE + share for share in self.likeness)])


_LEAST_SHARE = 0.05  # below it, one share is as good as another
_BIAS = -1.421
_WEIGHTS = np.array([1.614, 5.973, 2.894, 1.787])
"""As `python -m imgsearch.training.local_features.decision` prints them."""

_SURE = 0.7
_LEAST_ALIKE = 0.35  # of what lies on one floor, or before one wall, less is alike, however many points agree


def is_same(evidence: Evidence) -> bool:
    """Whether it is the very same thing, with a probability of at least 0.7."""
    return evidence.likeness.whole >= _LEAST_ALIKE and probability(evidence) >= _SURE


def probability(evidence: Evidence) -> float:
    """How probable it is that the pictures show the very same thing, 0 to 1."""
    return 1 / (1 + math.exp(-_BIAS - float(evidence.as_vector() @ _WEIGHTS)))
