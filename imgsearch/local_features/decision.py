"""Whether what two pictures have in common shows the very same thing: a logistic regression, learned from pictures."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.likeness import Likeness

LEAST_POINTS = 12  # with fewer points that agree, nothing is told


class Evidence(NamedTuple):
    """What speaks for it: the keypoints and the cells that agree, those of them all that agree in no picture of
    another thing, and the likeness.
    """

    keypoints: int
    cells: int
    own: int
    likeness: Likeness

    def as_vector(self) -> NDArray[np.float64]:
        """The numbers that are weighed, (6,)."""
        return np.array([*(math.log(1 + count) for count in self[:3]), *self.likeness])


_BIAS = -6.402
_WEIGHTS = np.array([-3.524, 3.994, 1.0, 12.045, 7.569, -5.403])
"""As `python -m imgsearch.training.local_features.decision` prints them."""

_SURE = 0.75  # at 0.6, of 600 garments seven were told to be another on the same floor; from here on, five


def is_same(evidence: Evidence) -> bool:
    """Whether it is the very same thing, with a probability of at least 0.75."""
    return probability(evidence) >= _SURE


def probability(evidence: Evidence) -> float:
    """How probable it is that the pictures show the very same thing, 0 to 1."""
    return 1 / (1 + math.exp(-_BIAS - float(evidence.as_vector() @ _WEIGHTS)))
