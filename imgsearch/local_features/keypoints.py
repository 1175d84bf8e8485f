"""Keypoints of a picture: where it has corners and blobs, and what each looks like."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture

KEPT_SIDE = 480  # pixels along the longer side at which a picture of a gallery is looked at
QUERY_SIDE = 640  # the same for a query, in which the thing may be small
MAX_KEPT, MAX_QUERY = 350, 1000  # keypoints at most; the strongest are taken
_SMALL_SIDE = 320
"""A smaller picture is enlarged to this, or to four times its size: of 50 pixels a side, SIFT sees next to nothing."""

_MOST_ENLARGED = 4

_CONTRAST = 0.006
_EDGES = 20
# OpenCV's 0.04 and 10 leave plain garments and cut-outs with a handful of keypoints.


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


def find_keypoints(picture: Picture, *, side: int, most: int, large_first: bool = False) -> Keypoints:
    """Find at most `most` keypoints of a picture, the same ones in the same order on every run.

    Larger pictures are first reduced to `side` pixels along the longer side, small ones enlarged. `large_first` weighs
    a keypoint's strength with its size: what is small is not seen in a small or blurred picture of the same thing.
    """
    import cv2

    longest = max(picture.shape[:2])
    grey = grey_of_side(picture, min(side, max(longest, min(_SMALL_SIDE, _MOST_ENLARGED * longest))))
    height, width = grey.shape
    nothing = Keypoints(np.empty((0, 4), np.float32), np.empty((0, 128), np.uint8), width, height)
    # SIFT takes away a border of 5 pixels and halves what is left several times.
    if min(height, width) < _LEAST_SIDE:
        return nothing
    sift = cv2.SIFT.create(0 if large_first else most, contrastThreshold=_CONTRAST, edgeThreshold=_EDGES)
    found: Sequence[cv2.KeyPoint]
    if large_first:
        found = sift.detect(grey, None)
        found, descriptors = sift.compute(grey, [found[row] for row in _strongest(_rows(found), most, by_size=True)])
    else:
        found, descriptors = sift.detectAndCompute(grey, None)
    if not found:
        return nothing
    rows = _rows(found)
    order = _strongest(rows, most, by_size=large_first)
    return Keypoints(rows[order, :4], descriptors[order].astype(np.uint8), width, height)


def grey_of_side(picture: Picture, side: int) -> NDArray[np.uint8]:
    """The brightness of a picture, (h, w) uint8, with `side` pixels along the longer side."""
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if scale != 1:
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return np.asarray(grey, np.uint8)


def _rows(found: Sequence[Any]) -> NDArray[np.float32]:
    """x, y, diameter, direction and strength of OpenCV's keypoints, (m, 5)."""
    return np.array([(*p.pt, p.size, p.angle, p.response) for p in found], np.float32).reshape(-1, 5)


def _strongest(rows: NDArray[np.float32], most: int, *, by_size: bool) -> NDArray[np.intp]:
    strength = rows[:, 4] * rows[:, 2] if by_size else rows[:, 4]
    # Threads find them in any order, and of several with the same strength any may come first.
    return np.lexsort((rows[:, 3], rows[:, 2], rows[:, 1], rows[:, 0], -strength))[:most]


def mirrored(descriptors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the same keypoints would look like in a mirror, (m, 128) uint8, without looking at the picture again.

    A descriptor has 4×4 cells along and across the keypoint's direction, and 8 directions in each. A mirror along the
    keypoint's direction turns the cells' order across it round, and the sense of the angles.
    """
    cells = descriptors.reshape(-1, 4, 4, 8)
    return np.ascontiguousarray(cells[:, ::-1, :, _TURNED]).reshape(-1, 128)


_LEAST_SIDE = 12
_TURNED = [0, 7, 6, 5, 4, 3, 2, 1]
