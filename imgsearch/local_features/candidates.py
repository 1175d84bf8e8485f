"""Which pictures of a gallery may show the same thing: features that look alike vote for theirs."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.codebook import WORD_BYTES, codebook
from imgsearch.local_features.features import STEPS, Features, FeatureTable

_NEAR = 13
"""Bits of 64 in which two features may differ and still vote."""

_SHARPNESS = 0.16
"""Share of the bits after which a vote has lost two thirds of its weight."""

_FEW = 50
"""Features that are added to each picture's, so that one of three features is not put first by one vote."""


_CLOSELY = 1000
"""Pictures whose votes are looked at closely."""

_TURNS = 18
_SCALES = 14
"""Bins of 20° and of half an octave."""


class _ByWord(NamedTuple):
    """Every feature by its word, and where each word begins; and what each picture's votes are divided by."""

    starts: NDArray[np.intp]
    bits: NDArray[np.uint64]
    pictures: NDArray[np.int32]
    angles: NDArray[np.float32]
    octaves: NDArray[np.float32]
    lengths: NDArray[np.float64]


class VoteIndex:
    """The features of a gallery by word."""

    def __init__(self, table: FeatureTable) -> None:
        self.table = table

    @cached_property
    def _sorted(self) -> _ByWord:
        # Only when somebody searches: most visitors of a server look at other galleries.
        table = self.table
        order = np.argsort(table.words, kind="stable")
        counts = np.diff(table.offsets)
        return _ByWord(
            starts=np.searchsorted(table.words[order], np.arange(codebook().n_words + 1)),
            bits=word_bits(table.bits[order]),
            pictures=np.repeat(np.arange(len(table), dtype=np.int32), counts)[order],
            angles=angles_of(table.places[order]),
            octaves=octaves_of(table.places[order]),
            lengths=np.sqrt(counts + float(_FEW)),
        )

    def votes(self, query: Features, *, mirrored: bool = False) -> NDArray[np.float64]:
        """How much speaks for each picture, (n,) float64.

        A feature of the query votes for the pictures that have one of the same word with nearly the same bits; the
        fewer bits differ, the more it counts. One that votes for many pictures tells little, and counts less
        (Jégou, Douze & Schmid, *On the burstiness of visual elements*, CVPR 2009). Of the
        votes for a picture, those count that agree in how it is turned and scaled, roughly: those of chance do not.
        """
        kept = self._sorted
        starts, ends = kept.starts[query.words], kept.starts[query.words.astype(np.intp) + 1]
        lengths = ends - starts
        of_query = np.repeat(np.arange(len(query)), lengths)
        rows = np.arange(len(of_query)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + starts[of_query]
        differing = np.bitwise_count(kept.bits[rows] ^ word_bits(query.bits)[of_query])
        near = differing <= _NEAR
        weights = np.exp(-((differing[near].astype(np.float64) / (8 * WORD_BYTES * _SHARPNESS)) ** 2))
        rows, of_query = rows[near], of_query[near]
        pictures = kept.pictures[rows]
        # One vote a picture: a repeated pattern would otherwise vote a hundred times.
        order = np.lexsort((-weights, pictures, of_query))
        rows, pictures, of_query, weights = rows[order], pictures[order], of_query[order], weights[order]
        first = np.ones(len(order), bool)
        first[1:] = (of_query[1:] != of_query[:-1]) | (pictures[1:] != pictures[:-1])
        rows, pictures, of_query, weights = rows[first], pictures[first], of_query[first], weights[first]
        weights /= np.sqrt(np.bincount(of_query, minlength=len(query)))[of_query]
        there, here = angles_of(query.places)[of_query], kept.angles[rows]
        turns = there + here if mirrored else there - here
        octaves = octaves_of(query.places)[of_query] - kept.octaves[rows]
        return _most_agreeing(pictures, turns, octaves, weights, len(self.table)) / kept.lengths


def _most_agreeing(
    pictures: NDArray[np.int32],
    turns: NDArray[np.float32],
    octaves: NDArray[np.float32],
    weights: NDArray[np.float64],
    n: int,
) -> NDArray[np.float64]:
    """The most votes of each picture that agree in turn and scale, to about 30° and three quarters of an octave."""
    totals = np.bincount(pictures, weights, n)
    # The others have too few votes for any of them to matter, and a histogram each would take much memory.
    best = np.argsort(-totals, kind="stable")[:_CLOSELY]
    place = np.full(n, -1)
    place[best] = np.arange(len(best))
    kept = place[pictures] >= 0
    turn = np.floor(turns[kept] * (_TURNS / 360)).astype(np.intp) % _TURNS
    octave = np.clip(np.floor(octaves[kept] * 2) + _SCALES // 2, 0, _SCALES - 1).astype(np.intp)
    cells = (place[pictures[kept]] * _TURNS + turn) * _SCALES + octave
    counts = np.bincount(cells, weights[kept], len(best) * _TURNS * _SCALES).reshape(-1, _TURNS, _SCALES)
    # What agrees may lie on both sides of a bin's edge: each is joined by its neighbours.
    counts = counts + np.roll(counts, 1, axis=1) + np.roll(counts, -1, axis=1)
    joined = counts.copy()
    joined[:, :, 1:] += counts[:, :, :-1]
    joined[:, :, :-1] += counts[:, :, 1:]
    agreeing = np.zeros(n)
    agreeing[best] = joined.max((1, 2))
    return agreeing


def word_bits(bits: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Of bits (m, 24), those within the word, (m,) uint64."""
    return np.ascontiguousarray(bits[:, :WORD_BYTES]).view(np.uint64)[:, 0]


def angles_of(places: NDArray[Any]) -> NDArray[np.float32]:
    """Directions in degrees, (m,) float32, of places as `Features` or as a table has them."""
    return (places[:, 3] / STEPS[3] if places.dtype == np.uint16 else places[:, 3]).astype(np.float32)


def octaves_of(places: NDArray[Any]) -> NDArray[np.float32]:
    """Sizes as powers of two, (m,) float32, of places as `Features` or as a table has them."""
    sizes = places[:, 2] / STEPS[2] if places.dtype == np.uint16 else places[:, 2]
    return np.asarray(np.log2(np.maximum(sizes, 1 / STEPS[2])), np.float32)
