"""What histograms of all kinds have in common: names, sentences, and the explanation of a distance."""

import hashlib
import json
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import fit
from imgsearch.methods.explanations import BinExplanation, Side
from imgsearch.methods.histogram_bins import Bins
from imgsearch.methods.method import Preview
from imgsearch.ranking.metrics import EUCLIDEAN, Metric

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
            "The pixels of your picture, sorted from dark to bright",
        )

    def idea(self, picture: NDArray[np.uint8], label: str) -> str:
        shares = self.named_bins.shares(self.describe(picture))
        most = int(np.argmax(shares))
        return (
            f"Count how much of each shade a picture has. Yours is {100 * shares[most]:.0f} % "
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


def sorted_pixels(picture: NDArray[np.uint8], grid: int = 1) -> NDArray[np.uint8]:
    """A picture's pixels from dark to bright within each cell of a grid, as a histogram knows no places."""
    height, width = picture.shape[:2]
    result = picture.copy()
    rows = [height * cell // grid for cell in range(grid + 1)]
    columns = [width * cell // grid for cell in range(grid + 1)]
    for top, bottom in zip(rows[:-1], rows[1:], strict=True):
        for left, right in zip(columns[:-1], columns[1:], strict=True):
            part = picture[top:bottom, left:right].reshape(-1, 3)
            order = np.argsort(part @ (0.299, 0.587, 0.114), kind="stable")
            result[top:bottom, left:right] = part[order].reshape(bottom - top, right - left, 3)
    return result


def per_cell(counts: NDArray[np.generic]) -> NDArray[np.float64]:
    """Counts (cells, bins) → one vector in which every cell sums to 1 / cells."""
    pixels = counts.sum(axis=1, keepdims=True)
    return np.asarray(counts / (np.where(pixels > 0, pixels, 1) * len(counts))).ravel()
