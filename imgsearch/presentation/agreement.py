"""Two pictures that show the very same thing, with lines between the points that agree."""

import cv2
import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture, fit
from imgsearch.search.same import Same

_SIDE = 480
_GAP = 16
_MOST_LINES = 60
_LINE = (255, 140, 0)
_OUTLINE = (0, 170, 90)


def draw_agreement(query: Picture, match: Picture, same: Same, *, upright: bool = False) -> Picture:
    """Draw both pictures, the points that agree, and the outline of the thing in the query.

    Side by side, or `upright`, one above the other, for a narrow screen.
    """
    one, other = fit(query, _SIDE), fit(match, _SIDE)
    (height, width), (h, w) = one.shape[:2], other.shape[:2]
    if upright:
        shape, corner = (height + _GAP + h, max(width, w), 3), np.array([0, height + _GAP])
    else:
        shape, corner = (max(height, h), width + _GAP + w, 3), np.array([width + _GAP, 0])
    canvas = np.full(shape, 255, np.uint8)
    canvas[corner[1] : corner[1] + h, corner[0] : corner[0] + w] = other
    # The outline may reach beyond the query: it is cut off there, and not drawn over the match.
    marked = one.copy()
    cv2.polylines(marked, [_pixels(same.outline, width, height)], True, _OUTLINE, 3, cv2.LINE_AA)
    canvas[:height, :width] = marked
    # Every line of two hundred would hide what they join.
    chosen = np.unique(np.linspace(0, same.points - 1, min(same.points, _MOST_LINES)).astype(int))
    ends = _pixels(same.in_query, width, height), _pixels(same.in_match, w, h) + corner
    for start, end in zip(ends[0][chosen].tolist(), ends[1][chosen].tolist(), strict=True):
        cv2.line(canvas, start, end, _LINE, 1, cv2.LINE_AA)
        for point in (start, end):
            cv2.circle(canvas, point, 3, _LINE, -1, cv2.LINE_AA)
    return canvas


def _pixels(shares: NDArray[np.float64], width: int, height: int) -> NDArray[np.int32]:
    # Far beyond the picture, whole numbers of 32 bits would overflow.
    return np.asarray(np.rint(np.clip(shares, -8, 8) * [width, height]), np.int32)
