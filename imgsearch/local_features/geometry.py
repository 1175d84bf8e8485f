"""Whether one picture shows what another shows: the points in which they agree, and where the thing is."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.codebook import WORD_BYTES
from imgsearch.local_features.features import EVERY_CELL, Features, KeptFeatures, QueryFeatures
from imgsearch.local_features.matching import one_to_one, pairs

_FEWEST = 4  # points that a homography takes
_TOLERANCE = 0.006  # share of the query's longer side by which a point may miss its place: 4 pixels of 640
_CELL_TOLERANCE = 0.022  # the same of a cell, which is 8 pixels wide of 448
_ROUGHLY = 0.03  # the same where an affine movement stands for a slant
_MOST_ROUGH_TRIALS = 200
_LEAST_COSINE = 0.5  # of the vectors of two cells that are paired
_GUIDED_BITS = 36  # bits of 128 in which two features may differ that lie where the transform puts them
_MOST_TRIALS = 2000
_LEAST_SHARE = 0.002
_MOST_STRETCH = 6.0


@dataclass(frozen=True)
class Agreement:
    """What two pictures have in common: the keypoints and cells that agree, each in the picture's own pixels."""

    query: NDArray[np.float64]  # (p, 2)
    kept: NDArray[np.float64]  # (p, 2)
    transform: NDArray[np.float64]  # (3, 3), from the kept picture to the query
    outline: NDArray[np.float64]  # (4, 2), the corners of the kept picture in the query
    mirrored: bool

    @property
    def points(self) -> int:
        """How many points agree."""
        return len(self.query)


def agreements(query: QueryFeatures, kept: KeptFeatures, *, mirrored: bool = False) -> list[Agreement]:
    """Compare two pictures: what agrees in the movement that keypoints give, and in that of cells, where plausible.

    `mirrored` says whether the query's features are those of its mirror image.
    """
    cells = _cells(query, kept)
    moves = [_of_keypoints(query, kept, mirrored=mirrored), homography(*cells, _reach(query, _CELL_TOLERANCE))]
    found = []
    for transform in moves:
        if transform is None or not plausible(transform, kept, query, mirrored=mirrored):
            continue
        points = _guided(query, kept, transform)
        there, here = cells
        inside = np.linalg.norm(moved(here, transform) - there, axis=1) <= _reach(query, _CELL_TOLERANCE)
        found.append(
            Agreement(
                np.concatenate([query.places[points[:, 0], :2], there[inside]]).astype(np.float64),
                np.concatenate([kept.places[points[:, 1], :2], here[inside]]).astype(np.float64),
                transform,
                moved(corners(kept), transform),
                mirrored,
            )
        )
    return found


def agreeing_cells(query: QueryFeatures, kept: KeptFeatures) -> int:
    """In how many cells two pictures agree, roughly: a quick look, before `agreements`."""
    return int(_roughly_agreeing(query, *_cells(query, kept, every=EVERY_CELL)).sum())


def _roughly_agreeing(query: Features, there: NDArray[np.float32], here: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of the pairs, (p, 2) pixels of both, agree in one affine movement, (p,): three pairs give one.

    A homography takes four, and needs ten times as many trials where one pair in ten is right.
    """
    none = np.zeros(len(there), bool)
    if len(there) < _FEWEST:
        return none
    transform, agree = cv2.estimateAffine2D(
        here,
        there,
        method=cv2.RANSAC,
        ransacReprojThreshold=_reach(query, _ROUGHLY),
        maxIters=_MOST_ROUGH_TRIALS,
        confidence=0.999,
        refineIters=0,
    )
    if transform is None or np.linalg.det(transform[:, :2]) <= 0:
        return none
    return np.asarray(agree[:, 0], bool)


def _of_keypoints(query: QueryFeatures, kept: KeptFeatures, *, mirrored: bool) -> NDArray[np.float64] | None:
    """The transform in which most keypoints agree, from the kept picture to the query; None if there is none."""

    def fitted(which: NDArray[np.intp]) -> NDArray[np.float64] | None:
        there, here = query.places[which[:, 0], :2], kept.places[which[:, 1], :2]
        return homography(there, here, _reach(query, _TOLERANCE), mirrored=mirrored)

    transform = fitted(pairs(query, kept, mirrored=mirrored))
    if transform is None or not plausible(transform, kept, query, mirrored=mirrored):
        return None
    return fitted(_guided(query, kept, transform))


def _cells(
    query: QueryFeatures, kept: KeptFeatures, *, every: int = 1
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cells of both that are most like each other, (c, 2) pixels of the query and of the kept picture.

    `every` is which of the query's cells are looked at: every one, or every second.
    """
    if query.cells is None:
        return np.empty((0, 2), np.float32), np.empty((0, 2), np.float32)
    one, other = query.cells.vectors[::every], kept.cells.vectors
    products = other @ one.T
    best = products.argmax(1)
    rows = np.arange(len(other))
    lengths = np.linalg.norm(other, axis=1) * np.linalg.norm(one[best], axis=1)
    near = (products[:, best].argmax(0) == rows) & (products[rows, best] >= _LEAST_COSINE * lengths)
    sizes = [np.array([features.width, features.height], np.float32) for features in (query, kept)]
    return query.cells.places[::every][best[near]] * sizes[0], kept.cells.places[near] * sizes[1]


def _reach(query: Features, share: float) -> float:
    return share * max(query.width, query.height)


def corners(features: Features) -> NDArray[np.float64]:
    """The corners of a picture in its own pixels, (4, 2), from the top left and around."""
    width, height = features.width, features.height
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)


def moved(points: NDArray[np.floating], transform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (p, 2) after a homography."""
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ transform.T
    return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:])


def share_of_query(agreed: Agreement, query: Features) -> float:
    """The share of the query that the kept picture takes, 0 to 1."""
    frame = corners(query).astype(np.float32)
    area, _ = cv2.intersectConvexConvex(frame, agreed.outline.astype(np.float32))
    return min(1.0, area / (query.width * query.height))


def plausible(transform: NDArray[np.float64], kept: Features, query: Features, *, mirrored: bool) -> bool:
    """Whether a transform is what a camera does to a flat thing: no fold, no needle, no speck."""
    homogeneous = np.column_stack([corners(kept), np.ones(4)]) @ transform.T
    if not np.isfinite(homogeneous).all() or homogeneous[:, 2].min() <= 0.1 * homogeneous[:, 2].max():
        return False
    outline = homogeneous[:, :2] / homogeneous[:, 2:]
    sides = np.roll(outline, -1, axis=0) - outline
    after = np.roll(sides, -1, axis=0)
    bends = sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0]
    if not ((bends < 0) if mirrored else (bends > 0)).all():
        return False
    area = abs(float(cv2.contourArea(outline.astype(np.float32))))
    if area < _LEAST_SHARE * query.width * query.height:
        return False
    lengths = np.linalg.norm(sides, axis=1) / [kept.width, kept.height, kept.width, kept.height]
    # The height of a needle is small against what its sides would let it be.
    upright = area / (kept.width * kept.height * lengths[:2].mean() * lengths[1:3].mean())
    return bool(lengths.max() <= _MOST_STRETCH * lengths.min() and upright >= 1 / _MOST_STRETCH)


def homography(
    there: NDArray[np.float32], here: NDArray[np.float32], reach: float, *, mirrored: bool = False
) -> NDArray[np.float64] | None:
    """What brings most points of a kept picture, (p, 2), to within `reach` of those of the query; None if too few."""
    if len(there) < _FEWEST:
        return None
    settings = cv2.UsacParams()
    settings.score = cv2.SCORE_METHOD_MAGSAC
    settings.sampler = cv2.SAMPLING_UNIFORM
    settings.loMethod = cv2.LOCAL_OPTIM_SIGMA
    settings.loIterations, settings.loSampleSize = 10, 20
    settings.confidence, settings.maxIterations = 0.999, _MOST_TRIALS
    settings.threshold = reach
    # The same pictures, the same answer: one thread, and random numbers that begin alike.
    settings.isParallel, settings.randomGeneratorState = False, 0
    # OpenCV rejects transforms that turn a picture over: it is given one that was turned over before.
    turn = np.diag([-1.0 if mirrored else 1.0, 1.0, 1.0])
    source = (here * turn.diagonal()[:2]).astype(np.float32)
    transform, _ = cv2.findHomography(source, np.ascontiguousarray(there), settings)
    return None if transform is None else np.asarray(transform @ turn, np.float64)


def _guided(query: Features, kept: Features, transform: NDArray[np.float64]) -> NDArray[np.intp]:
    """Features that look alike and lie where the transform puts them, each in one pair at most; (p, 2) intp."""
    places = moved(kept.places[:, :2], transform)
    reach = _reach(query, _TOLERANCE)
    inside = np.nonzero(((places > -reach) & (places < [query.width + reach, query.height + reach])).all(1))[0]
    x, y = places[inside].astype(np.float32).T
    across, down = query.places[:, 0] - x[:, None], query.places[:, 1] - y[:, None]
    of_kept, of_query = np.nonzero(across**2 + down**2 <= reach**2)
    of_kept = inside[of_kept]
    differing = np.bitwise_count(query.bits[of_query, WORD_BYTES:] ^ kept.bits[of_kept, WORD_BYTES:]).sum(
        1, dtype=np.int32
    )
    near = differing <= _GUIDED_BITS
    return one_to_one(of_query[near], of_kept[near], differing[near])
