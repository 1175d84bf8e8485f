"""Method 1: a picture → a histogram, a vector of how much of each grey level or colour it has."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise, product
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import fit
from imgsearch.methods.explanations import BinExplanation, Side
from imgsearch.methods.histogram_bins import Bins, colour_bins, grey_bins
from imgsearch.methods.method import Preview
from imgsearch.ranking.metrics import EUCLIDEAN, Metric

MAX_DIMENSIONS = 65_536
_PREVIEW_SIDE = 192


class Histogram(ABC):
    """A histogram, of the whole picture or of each cell of a grid of `grid` by `grid`."""

    kind: ClassVar[str]
    metric: Metric = EUCLIDEAN
    family = "histogram"
    caption = "How much of each shade there is"
    grid: int
    dimensions: int

    def _name(self, version: int) -> None:
        """Set the names. Raise the version of a kind when the same settings come to give other vectors."""
        whole = self.grid == 1
        self.key = "histogram" if whole else "histogram-grid"
        self.variant = "Overall" if whole else "By region"
        self.title = "Euclidean histogram" if whole else f"Euclidean histogram, {self.grid}×{self.grid} grid"
        settings = json.dumps([version, self.config()], sort_keys=True)
        self.fingerprint = hashlib.sha256(settings.encode()).hexdigest()[:16]

    @property
    @abstractmethod
    def named_bins(self) -> Bins:
        """What its numbers stand for."""

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """The settings that it is made from."""

    @abstractmethod
    def describe(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(h, w, 3) uint8 → (d,) float32."""

    def normalise(self, vector: NDArray[np.float64]) -> NDArray[np.float32]:
        """A vector that was moved, as a histogram again: nothing negative, and each cell sums to its share."""
        return per_cell(np.maximum(vector, 0).reshape(self.grid**2, -1)).astype(np.float32)

    def format_score(self, score: float) -> str:
        return self.metric.format_score(score)

    def preview(self, picture: NDArray[np.uint8]) -> Preview:
        """The picture's pixels in order, since a histogram does not know where they were."""
        return Preview(
            sorted_pixels(fit(picture, _PREVIEW_SIDE), self.grid),
            "What the histogram sees",
            "How much of each shade, not where." if self.grid == 1 else "How much of each shade, region by region.",
            "The pixels of the query, sorted from dark to bright",
        )

    def idea(self, picture: NDArray[np.uint8], label: str) -> str:
        shares = self.named_bins.shares(self.describe(picture))
        most = int(np.argmax(shares))
        return (
            f"Count how much of each shade a picture has. The query is {100 * shares[most]:.0f} % "
            f"{self.named_bins.names[most]}. Two pictures are close when these amounts are: the distance adds up the "
            "squared differences and takes the root. Where a shade is does not count, so a boot can match a coat. "
            "A grid counts in each part of the picture by itself."
        )

    def explain(self, query: Side, match: Side) -> BinExplanation:
        """Split the distance of two vectors, the root of Σ_i (q_i − x_i)², over cells and bins; needs no picture."""
        parts = (query.vector.astype(np.float64) - match.vector.astype(np.float64)) ** 2
        return BinExplanation(
            score=float(np.sqrt(parts.sum())),
            parts=parts.reshape(self.grid, self.grid, -1),
            query=self.named_bins.shares(query.vector),
            match=self.named_bins.shares(match.vector),
            bins=self.named_bins,
        )


class GreyHistogram(Histogram):
    """Histogram of grey levels in 1 to 256 equal ranges; every cell's sums to the cell's share of the grid."""

    kind = "grey-histogram"

    def __init__(self, *, bins: int = 256, grid: int = 1) -> None:
        if not (1 <= bins <= 256 and 1 <= grid <= 64 and bins * grid**2 <= MAX_DIMENSIONS):
            raise ValueError(f"a grey histogram takes 1 to 256 bins on a grid of 1 to 64, not {bins} on {grid}")
        self.bins = bins
        self.grid = grid
        self.dimensions = bins * grid * grid
        self._name(version=1)

    @cached_property
    def named_bins(self) -> Bins:
        return grey_bins(self.bins, self.grid)

    def config(self) -> dict[str, Any]:
        return {"kind": self.kind, "bins": self.bins, "grid": self.grid}

    def describe(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(h, w, 3) uint8, at least `grid` pixels a side → (bins · grid²,) float32, cell after cell, black to white."""
        # Luma of ITU-R BT.601; a grey picture keeps its levels.
        luma = (picture.astype(np.uint32) @ np.array([299, 587, 114], np.uint32) + 500) // 1000
        levels = luma.astype(np.intp) * self.bins // 256
        rows, columns = (np.arange(side) * self.grid // side for side in levels.shape)
        cells = rows[:, None] * self.grid + columns
        counts = np.bincount((cells * self.bins + levels).ravel(), minlength=self.dimensions)
        return per_cell(counts.reshape(-1, self.bins)).astype(np.float32)


class ColourHistogram(Histogram):
    """Histogram of colours, of the whole picture or of each cell of a grid, through `cv2.calcHist`.

    `space` is "rgb" or "lab"; `bins` are ranges for each of its three channels. With `root`, square roots are
    taken, so that the Euclidean distance is √2 times the Hellinger distance. Values are rounded to half precision, in
    which a gallery stores them without loss.
    """

    kind = "colour-histogram"

    def __init__(
        self, *, space: str = "rgb", bins: Sequence[int] = (8, 8, 8), grid: int = 1, root: bool = False
    ) -> None:
        if space not in ("rgb", "lab"):
            raise ValueError(f"the colour space of a histogram is rgb or lab, not {space!r}")
        self.bins = tuple(int(count) for count in bins)
        if len(self.bins) != 3 or not all(1 <= count <= 256 for count in self.bins):
            raise ValueError(f"a colour histogram takes three numbers of bins from 1 to 256, not {bins}")
        self.dimensions = int(np.prod(self.bins)) * grid * grid
        if not (1 <= grid <= 64 and self.dimensions <= MAX_DIMENSIONS):
            raise ValueError(f"a colour histogram of {bins} bins on a grid of {grid} has too many numbers")
        self.space = space
        self.grid = grid
        self.root = bool(root)
        self._name(version=2)

    @cached_property
    def named_bins(self) -> Bins:
        return colour_bins(self.space, self.bins, self.grid, root=self.root)

    def config(self) -> dict[str, Any]:
        bins = list(self.bins)
        return {"kind": self.kind, "space": self.space, "bins": bins, "grid": self.grid, "root": self.root}

    def describe(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(h, w, 3) uint8 → (∏ bins · grid²,) float32, cell after cell; within one the third channel runs fastest."""
        import cv2

        coloured = _reduced(picture)
        if self.space == "lab":
            coloured = np.asarray(cv2.cvtColor(coloured, cv2.COLOR_RGB2LAB), np.uint8)
        counts = [
            cv2.calcHist([coloured[cell]], [0, 1, 2], None, list(self.bins), [0.0, 256.0] * 3).ravel()
            for cell in _cells(coloured, self.grid)
        ]
        shares = per_cell(np.array(counts, np.float64))
        if self.root:
            shares = np.sqrt(shares)
        return shares.astype(np.float16).astype(np.float32)

    def normalise(self, vector: NDArray[np.float64]) -> NDArray[np.float32]:
        """A vector that was moved, as a histogram again; with `root`, each cell's squares sum to its share."""
        if not self.root:
            return super().normalise(vector)
        return np.sqrt(per_cell(np.maximum(vector, 0).reshape(self.grid**2, -1) ** 2)).astype(np.float32)


def _cells(picture: NDArray[np.uint8], grid: int) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of each cell, row by row; a picture narrower than the grid gives a pixel to several."""
    starts = [[cell * side // grid for cell in range(grid + 1)] for side in picture.shape[:2]]
    rows, columns = ([slice(first, max(next_, first + 1)) for first, next_ in pairwise(edges)] for edges in starts)
    return product(rows, columns)


def _reduced(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    # By whole factors: averaging areas that begin between two pixels takes as long as decoding the picture.
    while max(picture.shape[:2]) >= 512:
        height, width = (max(1, side // 2) for side in picture.shape[:2])
        even = picture[: 2 * height, : 2 * width]
        picture = np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return picture


def sorted_pixels(picture: NDArray[np.uint8], grid: int = 1) -> NDArray[np.uint8]:
    """A picture's pixels from dark to bright within each cell of a grid, as a histogram knows no places."""
    result = picture.copy()
    for cell in _cells(picture, grid):
        part = picture[cell].reshape(-1, 3)
        order = np.argsort(part @ (0.299, 0.587, 0.114), kind="stable")
        result[cell] = part[order].reshape(result[cell].shape)
    return result


def per_cell(counts: NDArray[np.generic]) -> NDArray[np.float64]:
    """Counts (cells, bins) → one vector in which every cell sums to 1 / cells."""
    pixels = counts.sum(axis=1, keepdims=True)
    return np.asarray(counts / (np.where(pixels > 0, pixels, 1) * len(counts))).ravel()
