"""Which features of two pictures look alike, and which of these pairs may belong to one movement of the whole."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.codebook import WORD_BYTES
from imgsearch.local_features.features import Features

_RATIO = 0.9
"""A pair counts if its bits differ in less than this share of those of the second best (Lowe's test)."""

_MOST_BITS = 44
"""Bits of 128 in which a pair may differ: a third, where unrelated features differ in a half."""

_SCALE = np.log(2.2)
_TURN = np.radians(40)
_SHIFT = 0.15
"""How far scale, direction and place (as a share of the query's longer side) of a pair may be from those of the
movement that another pair alone would give: a slant of 45° reaches about so far."""


def pairs(query: Features, kept: Features) -> NDArray[np.intp]:
    """Features that look more like each other than like any second one: (p, 2) rows of both, no feature twice."""
    if len(query) < 2 or len(kept) < 2:
        return np.empty((0, 2), np.intp)
    found = cv2.batchDistance(_plain(query), _plain(kept), cv2.CV_32S, normType=cv2.NORM_HAMMING, K=2)
    differing, nearest = np.asarray(found[0]), np.asarray(found[1])
    rows = np.nonzero((differing[:, 0] < _RATIO * differing[:, 1]) & (differing[:, 0] <= _MOST_BITS))[0]
    return one_to_one(rows, nearest[rows, 0], differing[rows, 0])


def one_to_one(
    of_query: NDArray[np.intp], of_kept: NDArray[np.integer], differing: NDArray[np.integer]
) -> NDArray[np.intp]:
    """For every feature of the kept picture and of the query, its best pair only; (p, 2) intp."""
    order = np.lexsort((of_query, of_kept, differing))
    for side in (of_kept, of_query):
        _, first = np.unique(side[order], return_index=True)
        order = order[np.sort(first)]
    return np.stack([of_query[order], of_kept[order]], axis=1).astype(np.intp)


def consistent(query: Features, kept: Features, pairs: NDArray[np.intp], *, mirrored: bool) -> NDArray[np.intp]:
    """The most of some (p, 2) pairs that agree with the movement which one of them alone gives.

    A keypoint has a place, a size and a direction, so a single pair says how the picture was shifted, turned and scaled
    (Philbin et al., *Object retrieval with large vocabularies and fast spatial matching*, CVPR 2007). No chance is
    in it: every pair is tried.
    """
    if not len(pairs):
        return pairs
    there, here = query.places[pairs[:, 0]].astype(np.float64), kept.places[pairs[:, 1]].astype(np.float64)
    target, source = there[:, 0] + 1j * there[:, 1], here[:, 0] + 1j * here[:, 1]
    angle = np.radians(there[:, 3] + here[:, 3]) if mirrored else np.radians(there[:, 3] - here[:, 3])
    if mirrored:
        source = source.conj()
    scale = there[:, 2] / here[:, 2]
    turn = scale * np.exp(1j * angle)
    shift = target - turn * source
    miss = np.abs(turn[:, None] * source + shift[:, None] - target)
    between = turn / turn[:, None]
    agree = (
        (miss <= _SHIFT * max(query.width, query.height))
        & (np.abs(np.log(np.abs(between))) <= _SCALE)
        & (np.abs(np.angle(between)) <= _TURN)
    )
    return np.asarray(pairs[agree[agree.sum(1).argmax()]])


def _plain(features: Features) -> NDArray[np.uint8]:
    return np.ascontiguousarray(features.bits[:, WORD_BYTES:])
