"""Pictures of the sizes that the network of the local features takes, and the places that it describes."""

import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture

KEPT_SIDE, QUERY_SIDE = 288, 448  # longer sides; a query shows more than the thing, and needs more pixels
STRIDE = 8  # pixels from one described place to the next
_MULTIPLE = 32


def resized(picture: Picture, side: int) -> Picture:
    """Bring the longer side to so many pixels, larger or smaller, and both sides to multiples of 32."""
    import cv2

    scale = side / max(picture.shape[:2])
    height, width = (max(1, round(length * scale / _MULTIPLE)) * _MULTIPLE for length in picture.shape[:2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8)


def places(height: int, width: int) -> NDArray[np.float32]:
    """The middles of the described places of a picture, (h/8 · w/8, 2), x and y in pixels, row by row."""
    rows, columns = np.mgrid[: height // STRIDE, : width // STRIDE]
    return np.asarray(np.column_stack([columns.ravel(), rows.ravel()]) * STRIDE + STRIDE / 2, np.float32)
