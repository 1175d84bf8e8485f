"""The same places of pictures and of slanted prints of them, as the trunk describes them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture
from imgsearch.local_features.grid import KEPT_SIDE, QUERY_SIDE, STRIDE, places, resized
from imgsearch.search.slants import Slant, covering, slant

N_SAME, N_ELSEWHERE = 200, 300  # places of a pair
_FAR = 3 * STRIDE  # what is beyond the edge by so many pixels of the kept picture is not in it
_LARGEST_MARGIN = 3.0  # longer side of a query against that of the thing in it

Trunk = Callable[[Picture], NDArray[np.float32]]  # (h, w, 3) to (h/8, w/8, c)


class Pair(NamedTuple):
    """A picture and a query that shows it, of the sizes that the network takes."""

    kept: Picture
    query: Picture
    homography: NDArray[np.float64]  # from the pixels of the one to those of the other
    visible: NDArray[np.bool_]  # (h/8, w/8) of the kept picture's places


class Correspondences(NamedTuple):
    """n places of a picture and the same ones of the query, and m places of the query that are not in the picture."""

    kept: NDArray[np.float16]  # (n, c)
    query: NDArray[np.float16]  # (n, c)
    cells: NDArray[np.float32]  # (n, 2), column and row of the places of the kept picture
    elsewhere: NDArray[np.float16]  # (m, c)


def slanted_pair(pictures: Sequence[Picture], index: int, random: np.random.Generator) -> Pair:
    """A picture and a slanted print of it among others of the pictures; every other print is small in its query."""
    print_, others = pictures[index], np.delete(np.arange(len(pictures)), index)
    behind, before, around = (pictures[i] for i in random.choice(others, 3, replace=False))
    taken = slant(print_, behind, before, random)
    if random.random() < 0.5:
        taken = _surrounded(taken, around, random)
    kept, query = resized(print_, KEPT_SIDE), resized(taken.picture, QUERY_SIDE)
    homography = _scaling(taken.picture.shape, query.shape) @ taken.homography @ _scaling(kept.shape, print_.shape)
    size = (kept.shape[1] // STRIDE, kept.shape[0] // STRIDE)
    visible = cv2.resize(taken.visible.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return Pair(kept, query, homography, visible)


def same_places(pair: Pair) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Which places of the kept picture, row by row, the query shows, (n,), and at which of its pixels, (n, 2)."""
    seen = _moved(places(*pair.kept.shape[:2]), pair.homography)
    same = np.flatnonzero(_within(seen, pair.query, -STRIDE / 2) & pair.visible.ravel())
    return same, seen[same]


def correspondences(pair: Pair, trunk: Trunk, random: np.random.Generator) -> Correspondences | None:
    """Some of the places of a pair, described; None where the query shows too little of the picture or nothing else."""
    same, seen = same_places(pair)
    back = _moved(places(*pair.query.shape[:2]), np.asarray(np.linalg.inv(pair.homography), np.float64))
    elsewhere = np.flatnonzero(~_within(back, pair.kept, _FAR))
    if len(same) < N_SAME or len(elsewhere) == 0:
        return None
    chosen = random.choice(len(same), N_SAME, replace=False)
    kept, query = trunk(pair.kept), trunk(pair.query)
    rows, columns = np.unravel_index(same[chosen], kept.shape[:2])
    return Correspondences(
        kept=kept[rows, columns].astype(np.float16),
        query=_between(query, seen[chosen] / STRIDE - 0.5).astype(np.float16),
        cells=np.column_stack([columns, rows]).astype(np.float32),
        elsewhere=query.reshape(-1, query.shape[-1])[random.choice(elsewhere, N_ELSEWHERE)].astype(np.float16),
    )


def _surrounded(taken: Slant, around: Picture, random: np.random.Generator) -> Slant:
    """The same with a larger background, of the longer side that a query has."""
    height, width = taken.visible.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)])
    margin = max(taken.picture.shape[:2]) / np.ptp(_moved(corners, taken.homography), axis=0).max()
    smaller = random.uniform(1, max(1.0, _LARGEST_MARGIN / margin))
    size = np.array(taken.picture.shape[:2]) * (QUERY_SIDE / max(taken.picture.shape[:2]))
    whole, (h, w) = size.round().astype(int), np.maximum(1, size / smaller).round().astype(int)
    y, x = random.integers(0, whole - (h, w) + 1)
    picture = covering(around, whole[1], whole[0]).copy()
    picture[y : y + h, x : x + w] = cv2.resize(taken.picture, (w, h), interpolation=cv2.INTER_AREA)
    moved = np.array([(1.0, 0, x), (0, 1, y), (0, 0, 1)]) @ _scaling(taken.picture.shape, (h, w))
    return Slant(picture, moved @ taken.homography, taken.visible)


def _scaling(size: Sequence[int], other: Sequence[int]) -> NDArray[np.float64]:
    """From the pixels of a picture of one height and width to those of a picture of another that shows the same."""
    return np.diag([other[1] / size[1], other[0] / size[0], 1.0])


def _moved(points: NDArray[np.generic], homography: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.perspectiveTransform(points[None].astype(np.float64), homography)[0])


def _within(points: NDArray[np.float64], picture: Picture, beyond: float) -> NDArray[np.bool_]:
    """Which of the points, (n, 2), lie in a picture that is larger by so many pixels on each side."""
    height, width = picture.shape[:2]
    return np.asarray(((points > -beyond) & (points < (width + beyond, height + beyond))).all(axis=1))


def _between(grid: NDArray[np.float32], points: NDArray[np.float64]) -> NDArray[np.float32]:
    """The values of a grid, (h, w, c), at some points between its own, (n, 2), by linear interpolation: (n, c)."""
    low = np.clip(np.floor(points).astype(int), 0, np.array(grid.shape[1::-1]) - 2)
    (x, y), (right, down) = low.T, (points - low).T[..., None]
    upper = grid[y, x] * (1 - right) + grid[y, x + 1] * right
    lower = grid[y + 1, x] * (1 - right) + grid[y + 1, x + 1] * right
    return np.asarray(upper * (1 - down) + lower * down, np.float32)
