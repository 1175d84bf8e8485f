"""Whether two pictures look alike around the points that agree."""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture
from imgsearch.local_features.features import Features
from imgsearch.local_features.geometry import Agreement
from imgsearch.local_features.keypoints import grey_of_side

_BLUR = 1.5
"""Pixels: half a pixel of misplacement and the loss of an encoder do not count."""

_PATCH = 41
"""Pixels along the sides of the squares that are compared, around every point that agrees."""


class Likeness(NamedTuple):
    """How the brightness of two pictures goes together, −1 to 1.

    `around` each of the points that agree, their median: what hides a part of the thing has no say; and `between` them,
    inside the outermost of these points.
    """

    around: float
    between: float


def likeness(query: Picture, kept: Picture, agreed: Agreement, of_query: Features, of_kept: Features) -> Likeness:
    """Lay a picture over the query as the agreement, in pixels of the features, says, and compare their brightness."""
    there = grey_of_side(query, max(of_query.width, of_query.height))
    here = grey_of_side(kept, max(of_kept.width, of_kept.height))
    laid = cv2.warpPerspective(here, agreed.transform, there.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    one, other = (cv2.GaussianBlur(part, (0, 0), _BLUR).astype(np.float64) for part in (laid, there))
    inside = np.zeros_like(there)
    cv2.fillConvexPoly(inside, cv2.convexHull(np.rint(agreed.query).astype(np.int32)), 1)
    x, y = np.clip(np.rint(agreed.query).astype(int), 0, np.array(there.shape[::-1]) - 1).T
    around = _correlation(_mean(one), _mean(other), _mean(one * one), _mean(other * other), _mean(one * other))
    part = inside.astype(bool)
    between = _correlation(*(values[part].mean() for values in (one, other, one * one, other * other, one * other)))
    return Likeness(float(np.median(around[y, x])), float(between))


def _correlation(one: Any, other: Any, one_squared: Any, other_squared: Any, product: Any) -> Any:
    """The correlation of two brightnesses by the means of both, of their squares and of their product."""
    spreads = np.maximum(one_squared - one * one, 0) * np.maximum(other_squared - other * other, 0)
    # Less than a level of brightness is nothing that could be alike.
    return (product - one * other) / np.sqrt(np.maximum(spreads, 1))


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.boxFilter(values, -1, (_PATCH, _PATCH)))
