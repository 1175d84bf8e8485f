"""Which features of two pictures look alike, and which of these pairs may belong to one movement of the whole."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.codebook import WORD_BYTES
from imgsearch.local_features.features import Features
from imgsearch.local_features.movement import agreeing

_MOST_BITS = 40
"""Bits of 128 in which a pair may differ: a third, where unrelated features differ in a half."""

_NEIGHBOURS = 2
"""Features of the query with which each of the kept picture is paired: on a repeated pattern or in a blurred picture,
the nearest is often not the right one."""

_MOST_PAIRS = 400


def pairs(query: Features, kept: Features, *, mirrored: bool) -> NDArray[np.intp]:
    """Features that look alike and may belong to one movement of the whole: (p, 2) rows of both, no feature twice.

    `mirrored` says that the query's features are those of its mirror image.
    """
    if len(query) < _NEIGHBOURS or not len(kept):
        return np.empty((0, 2), np.intp)
    found = cv2.batchDistance(_plain(kept), _plain(query), cv2.CV_32S, normType=cv2.NORM_HAMMING, K=_NEIGHBOURS)
    differing, nearest = np.asarray(found[0]), np.asarray(found[1])
    of_kept, place = np.nonzero(differing <= _MOST_BITS)
    of_query, differing = nearest[of_kept, place].astype(np.intp), differing[of_kept, place]
    if not len(of_query):
        return np.empty((0, 2), np.intp)
    best = np.lexsort((of_query, of_kept, differing))[:_MOST_PAIRS]
    of_query, of_kept, differing = of_query[best], of_kept[best], differing[best]
    agree = agreeing(query.places[of_query], kept.places[of_kept], max(query.width, query.height), mirrored=mirrored)
    most = agree[agree.sum(1).argmax()]
    return one_to_one(of_query[most], of_kept[most], differing[most])


def one_to_one(
    of_query: NDArray[np.intp], of_kept: NDArray[np.integer], differing: NDArray[np.integer]
) -> NDArray[np.intp]:
    """For every feature of the kept picture and of the query, its best pair only; (p, 2) intp."""
    order = np.lexsort((of_query, of_kept, differing))
    for side in (of_kept, of_query):
        _, first = np.unique(side[order], return_index=True)
        order = order[np.sort(first)]
    return np.stack([of_query[order], of_kept[order]], axis=1).astype(np.intp)


def _plain(features: Features) -> NDArray[np.uint8]:
    return np.ascontiguousarray(features.bits[:, WORD_BYTES:])
