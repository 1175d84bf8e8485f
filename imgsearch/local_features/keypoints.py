"""Keypoints of a picture: where it has corners and blobs, and what each looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture

KEPT_SIDE = 480
"""Pixels along the longer side at which a picture of a gallery is looked at."""

QUERY_SIDE = 640
"""The same for a query, in which the thing may be small."""

MAX_KEPT = 400
MAX_QUERY = 1500
"""Keypoints at most; the strongest are taken."""

_CONTRAST = 0.006
# OpenCV's 0.04 leaves plain garments and cut-outs with a handful of keypoints.


@dataclass(frozen=True)
class Keypoints:
    """The keypoints of one picture of that width and height, the strongest first.

    `places` are (m, 4) float32: x, y and diameter in pixels, direction in degrees; `descriptors` are (m, 128) uint8, as
    SIFT gives them (Lowe, *Distinctive image features from scale-invariant keypoints*, IJCV 2004).
    """

    places: NDArray[np.float32]
    descriptors: NDArray[np.uint8]
    width: int
    height: int

    def __len__(self) -> int:
        return len(self.places)


def find_keypoints(picture: Picture, *, side: int, most: int) -> Keypoints:
    """Find at most `most` keypoints of a picture, the same ones in the same order on every run.

    Larger pictures are first reduced to `side` pixels along the longer side.
    """
    import cv2

    grey = reduce_grey(picture, side)
    height, width = grey.shape
    # SIFT takes away a border of 5 pixels and halves what is left several times.
    found: Sequence[cv2.KeyPoint] = ()
    if min(height, width) >= _LEAST_SIDE:
        found, descriptors = cv2.SIFT.create(nfeatures=most, contrastThreshold=_CONTRAST).detectAndCompute(grey, None)
    if not found:
        return Keypoints(np.empty((0, 4), np.float32), np.empty((0, 128), np.uint8), width, height)
    rows = np.array([(*point.pt, point.size, point.angle, point.response) for point in found], np.float32)
    # Threads find them in any order, and of several with the same response any may come first.
    order = np.lexsort((rows[:, 3], rows[:, 2], rows[:, 1], rows[:, 0], -rows[:, 4]))[:most]
    return Keypoints(rows[order, :4], descriptors[order].astype(np.uint8), width, height)


def reduce_grey(picture: Picture, side: int) -> NDArray[np.uint8]:
    """The brightness of a picture, (h, w) uint8, with at most `side` pixels along the longer side."""
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    scale = side / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.asarray(grey, np.uint8)


def mirrored(descriptors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the same keypoints would look like in a mirror, (m, 128) uint8, without looking at the picture again.

    A descriptor has 4×4 cells along and across the keypoint's direction, and 8 directions in each. A mirror along the
    keypoint's direction turns the cells' order across it round, and the sense of the angles.
    """
    cells = descriptors.reshape(-1, 4, 4, 8)
    return np.ascontiguousarray(cells[:, ::-1, :, _TURNED]).reshape(-1, 128)


_LEAST_SIDE = 12
_TURNED = [0, 7, 6, 5, 4, 3, 2, 1]
