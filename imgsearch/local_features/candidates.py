"""Which pictures of a gallery may show the same thing: features that look alike vote for theirs."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.codebook import WORD_BYTES, codebook
from imgsearch.local_features.features import Features, FeatureTable

_NEAR = 13
"""Bits of 64 in which two features may differ and still vote."""

_SHARPNESS = 0.16
"""Share of the bits after which a vote has lost two thirds of its weight."""

_FEW = 50
"""Features that are added to each picture's, so that one of three features is not put first by one vote."""


class _ByWord(NamedTuple):
    """Bits and picture of every feature, by word; where each word begins; what each picture's votes are divided by."""

    starts: NDArray[np.intp]
    bits: NDArray[np.uint64]
    pictures: NDArray[np.int32]
    lengths: NDArray[np.float64]


class VoteIndex:
    """The features of a gallery by word.

    Parameters
    ----------
    table : FeatureTable
    """

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
            lengths=np.sqrt(counts + float(_FEW)),
        )

    def votes(self, query: Features) -> NDArray[np.float64]:
        """How much speaks for each picture, (n,) float64.

        A feature of the query votes for the pictures that have one of the same word with nearly the same bits; the
        fewer bits differ, the more it counts. One that votes for many pictures tells little, and counts less
        (Jégou, Douze & Schmid, *On the burstiness of visual elements*, CVPR 2009).
        """
        kept = self._sorted
        starts, ends = kept.starts[query.words], kept.starts[query.words.astype(np.intp) + 1]
        lengths = ends - starts
        of_query = np.repeat(np.arange(len(query)), lengths)
        rows = np.arange(len(of_query)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + starts[of_query]
        differing = np.bitwise_count(kept.bits[rows] ^ word_bits(query.bits)[of_query])
        near = differing <= _NEAR
        weights = np.exp(-((differing[near].astype(np.float64) / (8 * WORD_BYTES * _SHARPNESS)) ** 2))
        pictures, of_query = kept.pictures[rows[near]], of_query[near]
        # One vote a picture: a repeated pattern would otherwise vote a hundred times.
        order = np.lexsort((-weights, pictures, of_query))
        pictures, of_query, weights = pictures[order], of_query[order], weights[order]
        first = np.ones(len(order), bool)
        first[1:] = (of_query[1:] != of_query[:-1]) | (pictures[1:] != pictures[:-1])
        pictures, of_query, weights = pictures[first], of_query[first], weights[first]
        weights /= np.sqrt(np.bincount(of_query, minlength=len(query)))[of_query]
        return np.bincount(pictures, weights, len(self.table)) / kept.lengths


def word_bits(bits: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Of bits (m, 24), those within the word, (m,) uint64."""
    return np.ascontiguousarray(bits[:, :WORD_BYTES]).view(np.uint64)[:, 0]
