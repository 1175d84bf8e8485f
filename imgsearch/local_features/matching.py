"""Which features of two pictures look alike, and which of these pairs may belong to one movement of the whole."""

import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.codebook import WORD_BYTES
from imgsearch.local_features.features import Features
from imgsearch.local_features.movement import agreeing

_MOST_BITS = 40  # bits of 128 in which a pair may differ: a third, where unrelated features differ in a half
_NEIGHBOURS = 2
"""Features of the query with which each of the kept picture is paired: on a repeated pattern or in a blurred picture,
the nearest is often not the right one."""

_MOST_PAIRS = 250


def pairs(query: Features, kept: Features, *, mirrored: bool) -> NDArray[np.intp]:
    """Features that look alike and may belong to one movement of the whole: (p, 2) rows of both, no feature twice.

    `mirrored` says that the query's features are those of its mirror image.
    """
    nothing = np.empty((0, 2), np.intp)
    if len(query) < _NEIGHBOURS or not len(kept):
        return nothing
    one, other = _plain(query), _plain(kept)
    table = np.bitwise_count(other[:, None, 0] ^ one[:, 0]) + np.bitwise_count(other[:, None, 1] ^ one[:, 1])
    every = np.arange(len(kept))
    found = []
    for _ in range(_NEIGHBOURS):
        nearest = table.argmin(1)
        differing = table[every, nearest]
        table[every, nearest] = 255
        near = differing <= _MOST_BITS
        found.append((nearest[near], every[near], differing[near]))
    of_query, of_kept, differing = (np.concatenate(part) for part in zip(*found, strict=True))
    if not len(of_query):
        return nothing
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


def _plain(features: Features) -> NDArray[np.uint64]:
    return np.ascontiguousarray(features.bits[:, WORD_BYTES:]).view(np.uint64)
