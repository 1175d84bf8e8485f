"""Heat on a picture: laid over it, and where most of it is."""

import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture

FOR = np.array([222, 82, 38], np.float64)  # colour of what speaks for a match; RGB
AGAINST = np.array([20, 128, 160], np.float64)  # colour of what speaks against it

WARM = 0.3  # share of the peak from which on a place belongs to where the heat is
_GREY = np.array([0.299, 0.587, 0.114], np.float32)


def laid_over(picture: Picture, heat: NDArray[np.floating], *, peak: float | None = None) -> Picture:
    """A picture, greyed, with heat on it, (h, w), positive where a place speaks for the match, else negative.

    `peak` is the heat that gets the full colour, to show two pictures on one scale; else the largest of this picture.
    """
    if heat.shape != picture.shape[:2]:
        raise ValueError(f"heat of {heat.shape} does not fit a picture of {picture.shape[:2]}: enlarge it first.")
    top = float(np.abs(heat).max(initial=0.0)) if peak is None else peak
    level = np.clip(heat / top, -1, 1).astype(np.float32)[..., None] if top > 0 else np.zeros((*heat.shape, 1))
    # Neither black nor white, so that heat is seen on both.
    ground = 40 + (picture @ _GREY)[..., None] * (205 / 255)
    tint = np.where(level >= 0, FOR, AGAINST)
    return np.asarray(np.rint(ground + 0.85 * np.abs(level) ** 0.8 * (tint - ground)), np.uint8)


def hottest(heat: NDArray[np.floating]) -> tuple[float, float, float, float]:
    """The rectangle around the connected places with the most heat, (h, w): left, top, right, bottom in shares."""
    import cv2

    peak = float(heat.max())
    if peak <= 0:
        return 0.0, 0.0, 1.0, 1.0
    warm = (heat >= WARM * peak).astype(np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(warm)
    sums = np.bincount(pieces.ravel(), weights=heat.ravel())
    left, top, width, height = (int(value) for value in stats[1 + int(np.argmax(sums[1:]))][:4])
    high, wide = heat.shape
    return left / wide, top / high, (left + width) / wide, (top + height) / high
