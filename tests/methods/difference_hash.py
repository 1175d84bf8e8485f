"""A third method in one file: a difference hash, 64 bits that say where a picture gets darker from left to right."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from imgsearch.methods.explanations import Side
from imgsearch.methods.method import Preview
from imgsearch.ranking.metrics import EUCLIDEAN, Metric


class DifferenceHash:
    """The square of the Euclidean distance of two hashes is their Hamming distance."""

    key = family = "difference-hash"
    title = "Difference hash"
    variant = ""
    caption = "Where it gets darker"
    metric: Metric = EUCLIDEAN
    dimensions = 64
    fingerprint = "difference-hash-1"

    def config(self) -> dict[str, Any]:
        return {"kind": "difference-hash"}

    def describe(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        small = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (9, 8), interpolation=cv2.INTER_AREA)
        return (small[:, 1:] < small[:, :-1]).astype(np.float32).ravel()

    def normalise(self, vector: NDArray[np.float64]) -> NDArray[np.float32]:
        return np.clip(vector, 0, 1).astype(np.float32)

    def format_score(self, score: float) -> str:
        return f"{score**2:.0f} bits differ"

    def preview(self, picture: NDArray[np.uint8]) -> Preview:
        bits = self.describe(picture).reshape(8, 8, 1)
        shown = np.repeat((255 * bits).astype(np.uint8), 3, axis=2)
        return Preview(shown, "What the hash sees", "64 bits.", "The 64 bits of your picture")

    def idea(self, picture: NDArray[np.uint8], label: str) -> str:
        return f"Of 64 places, yours gets darker at {int(self.describe(picture).sum())}."

    def explain(self, query: Side, match: Side) -> None:
        return None
