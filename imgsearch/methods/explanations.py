"""What an explanation of a match is: the parts that its score is the sum of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from imgsearch.methods.histogram_bins import Bins

REMAINDER = "what its picture does not give"
"""Name of the part of a heat that a vector holds beyond its picture, as when it was made from another copy."""


@dataclass(frozen=True)
class Side:
    """One of the two that a score compares: a query, or a match.

    `parts` are what was added, by name, to the picture's own vector, such as marked pictures: ``vector − Σ parts`` is a
    multiple of that vector.
    """

    vector: NDArray[np.float32]  # (d,), exactly as it was searched with, or as the gallery stores it
    picture: NDArray[np.uint8] | None = None  # (h, w, 3), what it was made from; None for a word
    parts: Mapping[str, NDArray[np.floating]] = field(default_factory=dict)


@dataclass(frozen=True)
class Heat:
    """One picture's account of a score: what each of its positions adds, and what belongs to no position."""

    picture: NDArray[np.uint8]  # as the method sees it
    maps: Mapping[str, NDArray[np.float64]]  # (rows, columns) by scale, over all of it; negative is against the match
    parts: Mapping[str, float] = field(default_factory=dict)  # those of the side, and `REMAINDER` if there is one
    rounding: float = 0.0  # how much of the maps is that of the vector's numbers, spread over all positions alike

    @property
    def places(self) -> float:
        """What all positions add up to."""
        return sum(float(values.sum()) for values in self.maps.values())

    @property
    def total(self) -> float:
        """What all positions and parts add up to: the score."""
        return self.places + sum(self.parts.values())

    def over(self, height: int, width: int) -> NDArray[np.float64]:
        """All maps enlarged linearly to (height, width) and added up; the sum stays that of `places`."""
        total = np.zeros((height, width))
        for values in self.maps.values():
            total += _spread(values.shape[0], height) @ values @ _spread(values.shape[1], width).T
        return total


@dataclass(frozen=True)
class HeatExplanation:
    """A similarity split over the positions of both pictures; each side's heat adds up to `score`."""

    score: float
    query: Heat | None  # None for a side without a picture
    match: Heat | None


@dataclass(frozen=True)
class BinExplanation:
    """A Euclidean distance split over the cells and bins of two histograms."""

    score: float
    parts: NDArray[np.float64]  # (grid, grid, b), what each bin of each cell adds to ``score²``
    query: NDArray[np.float64]  # (b,), the share of the picture that falls into each bin
    match: NDArray[np.float64]  # (b,)
    bins: Bins

    @property
    def per_cell(self) -> NDArray[np.float64]:
        """The part of each cell of the grid, (grid, grid)."""
        return np.asarray(self.parts.sum(axis=2))

    @property
    def per_bin(self) -> NDArray[np.float64]:
        """The part of each bin over all cells, (b,)."""
        return np.asarray(self.parts.sum(axis=(0, 1)))


Explanation = HeatExplanation | BinExplanation


def _spread(cells: int, pixels: int) -> NDArray[np.float64]:
    """(pixels, cells) linear weights, each column summing to one."""
    centres = (np.arange(pixels) + 0.5) * cells / pixels - 0.5
    closeness = 1.0 - np.abs(np.clip(centres, 0, cells - 1)[:, None] - np.arange(cells))
    weights = np.maximum(closeness, 0.0)
    return np.asarray(weights / weights.sum(axis=0), np.float64)
