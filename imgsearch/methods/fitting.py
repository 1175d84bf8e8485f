"""A picture brought to the size that a network takes."""

import numpy as np
from numpy.typing import NDArray


def squash(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Resize (h, w, 3) uint8 to (height, width, 3), whatever its proportions: by area down, linearly up."""
    if picture.shape[:2] == (height, width):
        return picture
    import cv2

    shrinks = picture.shape[0] >= height and picture.shape[1] >= width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8).reshape(height, width, -1)


def letterbox(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Resize (h, w, 3) uint8 to (height, width, 3) with its proportions kept, centred on white."""
    scale = min(height / picture.shape[0], width / picture.shape[1])
    tall = min(height, max(1, round(picture.shape[0] * scale)))
    wide = min(width, max(1, round(picture.shape[1] * scale)))
    page = np.full((height, width, 3), 255, np.uint8)
    top, left = (height - tall) // 2, (width - wide) // 2
    page[top : top + tall, left : left + wide] = squash(picture, tall, wide)
    return page


FITS = {"squash": squash, "letterbox": letterbox}  # by the name that a model file has for it
