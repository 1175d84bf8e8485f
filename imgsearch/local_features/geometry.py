"""Whether one picture shows what another shows: the points in which they agree, and where the thing is."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.codebook import WORD_BYTES
from imgsearch.local_features.features import Features
from imgsearch.local_features.matching import one_to_one, pairs

_FEWEST = 4  # points that a homography takes
_TOLERANCE = 0.006  # share of the query's longer side by which a point may miss its place: 4 pixels of 640
_GUIDED_BITS = 36  # bits of 128 in which two features may differ that lie where the transform puts them
_MOST_TRIALS = 2000
_LEAST_SHARE = 0.002
_MOST_STRETCH = 6.0


@dataclass(frozen=True)
class Agreement:
    """What two pictures have in common: the points that agree, each in the picture's own pixels."""

    query: NDArray[np.float64]  # (p, 2)
    kept: NDArray[np.float64]  # (p, 2)
    transform: NDArray[np.float64]  # (3, 3), from the kept picture to the query
    outline: NDArray[np.float64]  # (4, 2), the corners of the kept picture in the query
    mirrored: bool

    @property
    def points(self) -> int:
        """How many points agree."""
        return len(self.query)


def agreement(query: Features, kept: Features, *, mirrored: bool = False) -> Agreement | None:
    """Compare two pictures; None if no plausible transform brings one onto the other.

    `mirrored` says whether the query's features are those of its mirror image.
    """
    transform = _homography(query, kept, pairs(query, kept, mirrored=mirrored), mirrored=mirrored)
    if transform is None or not plausible(transform, kept, query, mirrored=mirrored):
        return None
    agreeing = _guided(query, kept, transform)
    refined = _homography(query, kept, agreeing, mirrored=mirrored)
    if refined is None or not plausible(refined, kept, query, mirrored=mirrored):
        return None
    agreeing = _guided(query, kept, refined)
    return Agreement(
        query.places[agreeing[:, 0], :2].astype(np.float64),
        kept.places[agreeing[:, 1], :2].astype(np.float64),
        refined,
        moved(corners(kept), refined),
        mirrored,
    )


def corners(features: Features) -> NDArray[np.float64]:
    """The corners of a picture in its own pixels, (4, 2), from the top left and around."""
    width, height = features.width, features.height
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)


def moved(points: NDArray[np.floating], transform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (p, 2) after a homography."""
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ transform.T
    return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:])


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


def _homography(
    query: Features, kept: Features, pairs: NDArray[np.intp], *, mirrored: bool
) -> NDArray[np.float64] | None:
    if len(pairs) < _FEWEST:
        return None
    settings = cv2.UsacParams()
    settings.score = cv2.SCORE_METHOD_MAGSAC
    settings.sampler = cv2.SAMPLING_UNIFORM
    settings.loMethod = cv2.LOCAL_OPTIM_SIGMA
    settings.loIterations, settings.loSampleSize = 10, 20
    settings.confidence, settings.maxIterations = 0.999, _MOST_TRIALS
    settings.threshold = _TOLERANCE * max(query.width, query.height)
    # The same pictures, the same answer: one thread, and random numbers that begin alike.
    settings.isParallel, settings.randomGeneratorState = False, 0
    # OpenCV rejects transforms that turn a picture over: it is given one that was turned over before.
    turn = np.diag([-1.0 if mirrored else 1.0, 1.0, 1.0])
    source, target = kept.places[pairs[:, 1], :2] * turn.diagonal()[:2], query.places[pairs[:, 0], :2]
    transform, _ = cv2.findHomography(source.astype(np.float32), np.ascontiguousarray(target), settings)
    return None if transform is None else np.asarray(transform @ turn, np.float64)


def _guided(query: Features, kept: Features, transform: NDArray[np.float64]) -> NDArray[np.intp]:
    """Features that look alike and lie where the transform puts them, each in one pair at most; (p, 2) intp."""
    places = moved(kept.places[:, :2], transform)
    reach = _TOLERANCE * max(query.width, query.height)
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
