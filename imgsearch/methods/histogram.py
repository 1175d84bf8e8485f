"""Method 1: a picture → a histogram, a vector of how much of each grey level or colour it has."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.methods.histogram_base import Histogram, per_cell
from imgsearch.methods.histogram_bins import Bins, colour_bins, grey_bins

MAX_DIMENSIONS = 65_536


class GreyHistogram(Histogram):
    """Histogram of grey levels in 1 to 256 equal ranges, of the whole picture or of each cell of a grid.

    Every cell's histogram sums to the cell's share of the grid, so the whole vector sums to 1.
    """

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
        """(h, w, 3) uint8, at least `grid` pixels along each side → (bins · grid²,) float32.

        Cell after cell from the top left, row by row; within a cell from black to white.
        """
        levels = _grey(picture).astype(np.intp) * self.bins // 256
        if self.grid == 1:
            return (np.bincount(levels.ravel(), minlength=self.bins) / levels.size).astype(np.float32)
        rows, columns = (np.arange(side) * self.grid // side for side in levels.shape)
        cells = rows[:, None] * self.grid + columns
        counts = np.bincount((cells * self.bins + levels).ravel(), minlength=self.dimensions)
        return per_cell(counts.reshape(-1, self.bins)).astype(np.float32)


class ColourHistogram(Histogram):
    """Histogram of colours, of the whole picture or of each cell of a grid, through `cv2.calcHist`.

    The picture is first halved, two by two pixels averaged, until fewer than 512 are left along its longer side: a
    histogram hardly sees the difference, and the time depends little on the camera. Values are rounded to half
    precision, in which a gallery stores them without loss.

    Parameters
    ----------
    space : {"rgb", "hsv", "lab"}
    bins : ranges for each of the three channels
    grid : cells along each side; 1 is the whole picture
    root : take square roots, so that the Euclidean distance is √2 times the Hellinger distance
    """

    kind = "colour-histogram"

    def __init__(
        self, *, space: str = "rgb", bins: Sequence[int] = (8, 8, 8), grid: int = 1, root: bool = False
    ) -> None:
        if space not in ("rgb", "hsv", "lab"):
            raise ValueError(f"the colour space of a histogram is rgb, hsv or lab, not {space!r}")
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
        """(h, w, 3) uint8 → (∏ bins · grid²,) float32.

        Cell after cell from the top left, row by row; within a cell the third channel runs fastest. Without `root` it
        sums to 1 to the rounding of half precision; with it, its squares do.
        """
        import cv2

        coloured = self._converted(_reduced(picture))
        ranges = [0.0, 180.0 if self.space == "hsv" else 256.0, 0.0, 256.0, 0.0, 256.0]
        height, width = coloured.shape[:2]
        counts = np.empty((self.grid * self.grid, self.dimensions // self.grid**2), np.float64)
        for cell in range(self.grid * self.grid):
            top, bottom = _edges(cell // self.grid, height, self.grid)
            left, right = _edges(cell % self.grid, width, self.grid)
            part = coloured[top:bottom, left:right]
            counts[cell] = cv2.calcHist([part], [0, 1, 2], None, list(self.bins), ranges).ravel()
        shares = per_cell(counts)
        if self.root:
            shares = np.sqrt(shares)
        return shares.astype(np.float16).astype(np.float32)

    def normalise(self, vector: NDArray[np.float64]) -> NDArray[np.float32]:
        """A vector that was moved, as a histogram again; with `root`, each cell's squares sum to its share."""
        if not self.root:
            return super().normalise(vector)
        return np.sqrt(per_cell(np.maximum(vector, 0).reshape(self.grid**2, -1) ** 2)).astype(np.float32)

    def _converted(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        import cv2

        code = {"hsv": cv2.COLOR_RGB2HSV, "lab": cv2.COLOR_RGB2LAB}.get(self.space)
        return np.ascontiguousarray(picture) if code is None else np.asarray(cv2.cvtColor(picture, code), np.uint8)


def _grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luma of ITU-R BT.601, (h, w) uint8; a grey picture keeps its levels."""
    weighted = picture.astype(np.uint32) @ np.array([299, 587, 114], np.uint32)
    return ((weighted + 500) // 1000).astype(np.uint8)


def _edges(cell: int, length: int, grid: int) -> tuple[int, int]:
    """First pixel of a cell and of the next; a picture narrower than the grid gives a pixel to several."""
    first = cell * length // grid
    return first, max((cell + 1) * length // grid, first + 1)


def _reduced(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    # By whole factors: averaging areas that begin between two pixels takes as long as decoding the picture.
    while max(picture.shape[:2]) >= 512:
        height, width = (max(1, side // 2) for side in picture.shape[:2])
        even = picture[: 2 * height, : 2 * width]
        picture = np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return picture
