"""Pictures as a telephone would take them of a print: slanted, small or large, half hidden, badly lit."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture

MOST_TILT = 45.0  # degrees by which the print is tilted away from the camera; it is also turned by as much
_SCALES = 0.5, 2.0
_MOST_HIDDEN = 0.4
_MARGINS = 1.1, 2.0  # sides of the whole against those of the slanted print
_LIGHT = 0.6, 1.4
_BLURS = 0.3, 1.5  # pixels
_MOST_NOISE = 8.0  # of 255
_QUALITY = 40
_DISTANCE = 2.5  # of the camera, in longer sides of the print


class Slant(NamedTuple):
    """A picture of a print: the homography from the print's pixels to its own, and which of the print it shows."""

    picture: Picture
    homography: NDArray[np.float64]
    visible: NDArray[np.bool_]  # (h, w) of the print


def slanted(print_: Picture, background: Picture, before: Picture, random: np.random.Generator) -> Picture:
    """Take a print of a picture as a telephone would: it lies on `background`, and `before` hides up to 40 % of it."""
    return slant(print_, background, before, random).picture


def slant(print_: Picture, background: Picture, before: Picture, random: np.random.Generator) -> Slant:
    """The same as `slanted`, with where the print lies."""
    hidden, visible = _hidden(print_, before, random.uniform(0, _MOST_HIDDEN), random)
    height, width = print_.shape[:2]
    scale = float(np.exp(random.uniform(*np.log(_SCALES))))
    outline = _outline(width, height, scale, random)
    margin = random.uniform(*_MARGINS)
    box = outline.max(0)
    size = (int(box[0] * margin) + 1, int(box[1] * margin) + 1)
    outline += random.uniform(0, 1, 2) * (np.array(size) - box)
    square = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    transform = np.asarray(cv2.getPerspectiveTransform(square, outline.astype(np.float32)), np.float64)
    if scale < 1:
        hidden = np.asarray(cv2.GaussianBlur(hidden, (0, 0), 0.4 / scale), np.uint8)
    laid = cv2.warpPerspective(hidden, transform, size)
    where = cv2.warpPerspective(np.full((height, width), 255, np.uint8), transform, size)[..., None] / 255
    whole = laid * where + covering(background, *size) * (1 - where)
    lit = cv2.GaussianBlur(whole * random.uniform(*_LIGHT), (0, 0), random.uniform(*_BLURS))
    noisy = lit + random.normal(0, random.uniform(0, _MOST_NOISE), lit.shape)
    pixels = np.clip(noisy, 0, 255).astype(np.uint8)
    written = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1]
    return Slant(np.asarray(cv2.imdecode(written, cv2.IMREAD_COLOR), np.uint8), transform, visible)


def covering(picture: Picture, width: int, height: int) -> Picture:
    """The upper left part of a picture that is made as large as it takes to cover so many pixels."""
    scale = max(width / picture.shape[1], height / picture.shape[0])
    size = (max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)[:height, :width], np.uint8)


def _hidden(
    print_: Picture, before: Picture, share: float, random: np.random.Generator
) -> tuple[Picture, NDArray[np.bool_]]:
    """The print with a rectangle of another picture before a share of it, and where it is still seen."""
    height, width = print_.shape[:2]
    across = min(1.0, float(np.sqrt(share * np.exp(random.uniform(-0.7, 0.7)))))
    w, h = max(1, int(across * width)), max(1, int(min(1.0, share / max(across, 1e-6)) * height))
    x, y = random.integers(0, width - w + 1), random.integers(0, height - h + 1)
    hidden = print_.copy()
    hidden[y : y + h, x : x + w] = covering(before, max(w, before.shape[1]), max(h, before.shape[0]))[:h, :w]
    visible = np.ones((height, width), bool)
    visible[y : y + h, x : x + w] = False
    return hidden, visible


def _outline(width: int, height: int, scale: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Where a camera sees the corners of the tilted and turned print, (4, 2), pushed to the upper left."""
    tilt, turn = np.radians(random.uniform(0, MOST_TILT)), np.radians(random.uniform(-MOST_TILT, MOST_TILT))
    axis = random.uniform(0, 2 * np.pi)
    tilted = cv2.Rodrigues(np.array([np.cos(axis), np.sin(axis), 0]) * tilt)[0]
    turned = cv2.Rodrigues(np.array([0, 0, 1.0]) * turn)[0]
    corners = np.array([(-width, -height, 0), (width, -height, 0), (width, height, 0), (-width, height, 0)]) / 2
    places = corners @ (tilted @ turned).T
    far = _DISTANCE * max(width, height)
    seen = places[:, :2] * (far / (far + places[:, 2:])) * scale
    return np.asarray(seen - seen.min(0))
