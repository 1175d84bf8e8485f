"""Heat on a picture: laid over it, and where most of it is."""

import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture

FOR = np.array([222, 82, 38], np.float64)  # colour of what speaks for a match; RGB
AGAINST = np.array([20, 128, 160], np.float64)  # colour of what speaks against it

WARM = 0.3  # share of the peak from which on a place belongs to where the heat is
_GREY = np.array([0.299, 0.587, 0.114], np.float32)
# What every pixel needs of its heat is looked up: worked out pixel by pixel it was a fifth of the processor's time of a
# search ("processor time of a search" in the benchmarks).
_STEPS = 255
_STRENGTH = np.abs(np.arange(-_STEPS, _STEPS + 1)) / _STEPS
_ALPHA = 0.85 * _STRENGTH**0.8
_LEFT = (1 - _ALPHA).astype(np.float32)
# With the half that makes cutting off digits rounding.
_TINT = (_ALPHA[:, None] * np.where(np.arange(-_STEPS, _STEPS + 1)[:, None] >= 0, FOR, AGAINST) + 0.5).astype(
    np.float32
)


def laid_over(picture: Picture, heat: NDArray[np.floating], *, peak: float | None = None) -> Picture:
    """A picture, greyed, with heat on it, (h, w), positive where a place speaks for the match, else negative.

    `peak` is the heat that gets the full colour, to show two pictures on one scale; else the largest of this picture.
    """
    if heat.shape != picture.shape[:2]:
        raise ValueError(f"heat of {heat.shape} does not fit a picture of {picture.shape[:2]}: enlarge it first.")
    top = float(np.abs(heat).max(initial=0.0)) if peak is None else peak
    level = np.rint(np.clip(heat * (_STEPS / top), -_STEPS, _STEPS)) if top > 0 else np.zeros(heat.shape)
    place = level.astype(np.intp) + _STEPS
    # Neither black nor white, so that heat is seen on both.
    ground = 40 + (picture @ _GREY) * np.float32(205 / 255)
    return np.asarray((ground * _LEFT[place])[..., None] + _TINT[place], np.uint8)


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
