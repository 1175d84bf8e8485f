"""A query laid over a picture of the gallery, as their agreement says."""

import cv2
import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture
from imgsearch.local_features.features import Features
from imgsearch.local_features.geometry import Agreement

SIDE = 160  # pixels along the longer side at which a query and a kept picture are compared


def laid_over(
    query: Picture, agreed: Agreement, of_query: Features, of_kept: Features, size: tuple[int, int], *, border: int
) -> tuple[Picture, NDArray[np.uint8]]:
    """The query over a kept picture of `size`, width and height, and how far it reaches, 0 to 255 for each pixel.

    The agreement is in pixels of the features. `border` is OpenCV's way to fill what lies outside the query.
    """
    there, scale = of_side(query, max(of_query.width, of_query.height), of_query)
    transform = to_size(size, of_kept) @ np.linalg.inv(scale @ agreed.transform)
    reach = cv2.warpPerspective(np.full(there.shape[:2], 255, np.uint8), transform, size)
    reduced = np.sqrt(abs(np.linalg.det(transform[:2, :2] / transform[2, 2])))
    if reduced < 1:
        there = np.asarray(cv2.GaussianBlur(there, (0, 0), min(0.5 / reduced, 20.0)), np.uint8)
    return np.asarray(cv2.warpPerspective(there, transform, size, borderMode=border), np.uint8), np.asarray(reach)


def of_side(picture: Picture, side: int, features: Features) -> tuple[Picture, NDArray[np.float64]]:
    """The picture with that longer side, and the matrix from the features' pixels to its own."""
    scale = side / max(picture.shape[:2])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    resized = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8), to_size(size, features)


def to_size(size: tuple[int, int], features: Features) -> NDArray[np.float64]:
    """The matrix from the features' pixels to those of a picture of that width and height, (3, 3)."""
    return np.diag([size[0] / features.width, size[1] / features.height, 1.0])
