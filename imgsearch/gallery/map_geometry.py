"""The map of a gallery: where a query belongs on it, and what is inside an outline."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import Gallery
from imgsearch.images.transforms import Picture, fit

TILE = 28
_NEAREST = 10
_FINE = 2048  # pixels a side


def scaled(map_positions: NDArray[np.floating]) -> NDArray[np.float64]:
    """Places in the unit square, (n, 2); the second number grows downwards, as on a screen."""
    low, high = map_positions.min(axis=0), map_positions.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    places = 0.03 + 0.94 * (map_positions - low) / span
    return np.asarray(np.column_stack([places[:, 0], 1 - places[:, 1]]), np.float64)


def place_of_query(places: NDArray[np.floating], nearest: Sequence[int]) -> tuple[float, float]:
    """Where a picture that is not on the map belongs: in the middle of its nearest."""
    # The median, so that one stray neighbour does not pull it into the empty space between two groups.
    x, y = np.median(places[list(nearest)[:_NEAREST]], axis=0)
    return float(x), float(y)


def sample(n: int, most: int) -> NDArray[np.intp]:
    """At most `most` of n indices, ascending, the same every time."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, most, replace=False))


def inside(places: NDArray[np.floating], outline: NDArray[np.floating]) -> NDArray[np.intp]:
    """Indices of the places, (n, 2), inside an outline, (v, 2), both in the unit square."""
    import cv2

    # In the unit square, drawn finer than any screen.
    drawn = np.zeros((_FINE, _FINE), np.uint8)
    cv2.fillPoly(drawn, [np.rint(outline * (_FINE - 1)).astype(np.int32)], 1)
    x, y = np.rint(places.T * (_FINE - 1)).astype(int)
    return np.flatnonzero(drawn[y, x])


def sheet(gallery: Gallery, indices: Sequence[int], columns: int) -> Picture:
    """Small pictures of a gallery side by side, row by row, each `TILE` pixels square."""
    rows = -(-len(indices) // columns)
    page = np.zeros((rows * TILE, columns * TILE, 3), np.uint8)
    for position, index in enumerate(indices):
        small = fit(gallery.picture(int(index)), TILE)
        top = position // columns * TILE + (TILE - small.shape[0]) // 2
        left = position % columns * TILE + (TILE - small.shape[1]) // 2
        page[top : top + small.shape[0], left : left + small.shape[1]] = small
    return page
