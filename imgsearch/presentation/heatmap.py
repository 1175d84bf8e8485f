"""A picture with heat laid over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture

FOR = np.array([222, 82, 38], np.float64)
"""Colour of what speaks for a match; RGB."""
AGAINST = np.array([20, 128, 160], np.float64)
"""Colour of what speaks against it."""


def laid_over(picture: Picture, heat: NDArray[np.floating], *, peak: float | None = None) -> Picture:
    """A picture with heat on it: the more a place counts, the more of the colour, over a greyed picture.

    Parameters
    ----------
    picture : (h, w, 3) uint8
    heat : (h, w)
        Positive where a place speaks for the match, negative where it speaks against it.
    peak : float, optional
        The heat that gets the full colour, to show two pictures on one scale; else the largest of this picture.
    """
    if heat.shape != picture.shape[:2]:
        raise ValueError(f"heat of {heat.shape} does not fit a picture of {picture.shape[:2]}: enlarge it first.")
    top = float(np.abs(heat).max(initial=0.0)) if peak is None else peak
    strength = np.clip(np.abs(heat) / top, 0, 1)[..., None] if top > 0 else np.zeros((*heat.shape, 1))
    grey = np.repeat((picture @ (0.299, 0.587, 0.114))[..., None], 3, axis=2)
    # Neither black nor white, so that heat is seen on both.
    ground = 40 + grey * (205 / 255)
    colour = np.where(heat[..., None] >= 0, FOR, AGAINST)
    alpha = 0.85 * strength**0.8
    return np.asarray(np.rint(ground * (1 - alpha) + colour * alpha), np.uint8)
