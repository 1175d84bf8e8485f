"""Which pictures of a gallery may show the same thing: features that look alike vote for theirs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.codebook import WORD_BYTES
from imgsearch.local_features.features import Features, FeatureTable

_NEAR = 16
"""Bits of 64 in which two features may differ and still vote."""

_SHARPNESS = 0.16
"""Share of the bits after which a vote has lost two thirds of its weight."""

_FEW = 50
"""Features that are added to each picture's, so that one of three features is not put first by one vote."""


class VoteIndex:
    """The features of a gallery by word.

    Parameters
    ----------
    table : FeatureTable
    """

    def __init__(self, table: FeatureTable, n_words: int) -> None:
        order = np.argsort(table.words, kind="stable")
        self._starts = np.searchsorted(table.words[order], np.arange(n_words + 1))
        self._bits = np.ascontiguousarray(table.bits[order, :WORD_BYTES]).view(np.uint64)[:, 0]
        counts = np.diff(table.offsets)
        self._pictures = np.repeat(np.arange(len(table), dtype=np.int32), counts)[order]
        self._lengths = np.sqrt(counts + float(_FEW))
        self._n = len(table)

    def votes(self, query: Features) -> NDArray[np.float64]:
        """How much speaks for each picture, (n,) float64.

        A feature of the query votes for the pictures that have one of the same word with nearly the same bits; the
        fewer bits differ, the more it counts. One that votes for many pictures tells little, and counts less
        (Jégou, Douze & Schmid, *On the burstiness of visual elements*, CVPR 2009).
        """
        starts, ends = self._starts[query.words], self._starts[query.words.astype(np.intp) + 1]
        lengths = ends - starts
        of_query = np.repeat(np.arange(len(query)), lengths)
        rows = np.arange(len(of_query)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + starts[of_query]
        bits = np.ascontiguousarray(query.bits[:, :WORD_BYTES]).view(np.uint64)[:, 0]
        differing = np.bitwise_count(self._bits[rows] ^ bits[of_query])
        near = differing <= _NEAR
        weights = np.exp(-((differing[near] / (8 * WORD_BYTES * _SHARPNESS)) ** 2))
        pictures, of_query = self._pictures[rows[near]], of_query[near]
        # One vote a picture: a repeated pattern would otherwise vote a hundred times.
        order = np.lexsort((-weights, pictures, of_query))
        pictures, of_query, weights = pictures[order], of_query[order], weights[order]
        first = np.ones(len(order), bool)
        first[1:] = (of_query[1:] != of_query[:-1]) | (pictures[1:] != pictures[:-1])
        pictures, of_query, weights = pictures[first], of_query[first], weights[first]
        weights /= np.sqrt(np.bincount(of_query, minlength=len(query)))[of_query]
        return np.bincount(pictures, weights, self._n) / self._lengths
