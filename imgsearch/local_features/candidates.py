"""Which pictures of a gallery may show the same thing: features that look alike vote for theirs."""

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.codebook import WORD_BYTES, Encoded, codebook
from imgsearch.local_features.dense import kept_places, unpacked
from imgsearch.local_features.features import EVERY_CELL, STEPS, FeatureTable, QueryFeatures
from imgsearch.local_features.movement import agreeing, most_in_one

_NEAR = 15  # bits of 64 in which two features may differ and still vote
_NEAR_CELLS = 22
_SHARPNESS = 0.2  # share of the bits after which a vote has lost two thirds of its weight
_FEW = 50  # features that are added to each picture's, so that one of three features is not put first by one vote

_ROUGHLY = 1000
_CLOSELY = 200
"""Pictures with the most votes, in which the turns and scales of the votes are compared; and in which their places
are, too."""

_MOST_VOTES = 200  # of a picture, the weightiest: the places of every two of them are compared
_MOST_CELLS = 400  # pictures with the most votes of cells, in which the places of the votes are compared
_MOST_CELL_VOTES = 32  # of a picture
_ROWS = 8192
_TURNS, _SCALES = 18, 14  # bins of 20° and of half an octave


class _Votes(NamedTuple):
    """Vectors of the query, the kept ones that they vote for, the pictures of these, and the weights."""

    of_query: NDArray[np.intp]
    rows: NDArray[np.intp]
    pictures: NDArray[np.int32]
    weights: NDArray[np.float64]


class _InvertedFile:
    """The vectors of a gallery by word; `near` is in how many bits of 64 two may differ and still vote."""

    def __init__(
        self, words: NDArray[np.uint16], bits: NDArray[np.uint8], counts: NDArray[np.int64], n_words: int, near: int
    ) -> None:
        self.order = np.argsort(words, kind="stable")
        self._starts = np.searchsorted(words[self.order], np.arange(n_words + 1))
        self._bits = _as_numbers(bits[self.order])
        self._pictures = np.repeat(np.arange(len(counts), dtype=np.int32), counts)[self.order]
        self._near = near
        self.lengths = np.sqrt(counts + float(_FEW))

    def votes(self, query: Encoded) -> _Votes:
        """A vector of the query votes for the pictures that have one of the same word with nearly the same bits.

        The fewer bits differ, the more it counts. One that votes for many pictures tells little, and counts less
        (Jégou, Douze & Schmid, *On the burstiness of visual elements*, CVPR 2009).
        """
        words = query.words.ravel().astype(np.intp)
        starts, ends = self._starts[words], self._starts[words + 1]
        lengths = ends - starts
        of_word = np.repeat(np.arange(len(words)), lengths)
        rows = np.arange(len(of_word)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + starts[of_word]
        differing = np.bitwise_count(self._bits[rows] ^ _as_numbers(query.bits.reshape(-1, WORD_BYTES))[of_word])
        near = differing <= self._near
        rows, of_query = rows[near], of_word[near] // query.words.shape[1]
        pictures = self._pictures[rows]
        # One vote a picture: a repeated pattern would otherwise vote a hundred times.
        order = np.lexsort((differing[near], pictures, of_query))
        order = order[_changes(of_query[order]) | _changes(pictures[order])]
        weights = np.exp(-((differing[near][order] / (8 * WORD_BYTES * _SHARPNESS)) ** 2))
        weights /= np.sqrt(np.bincount(of_query[order], minlength=len(query.words)))[of_query[order]]
        return _Votes(of_query[order], rows[order], pictures[order], weights)


class VoteIndex:
    """The keypoints and the cells of a gallery by word."""

    def __init__(self, table: FeatureTable) -> None:
        self.table = table

    # Only when somebody searches: most visitors of a server look at other galleries.
    @cached_property
    def _keypoints(self) -> _InvertedFile:
        table = self.table
        bits = table.bits[:, :WORD_BYTES]
        return _InvertedFile(table.words, bits, np.diff(table.offsets), codebook().words.n, _NEAR)

    @cached_property
    def _places(self) -> NDArray[np.uint16]:
        return self.table.places[self._keypoints.order]

    @cached_property
    def _cells(self) -> _InvertedFile:
        table, words = self.table, codebook().cell_words
        bits = np.empty((len(table.cell_words), WORD_BYTES), np.uint8)
        for start in range(0, len(bits), _ROWS):
            part = slice(start, start + _ROWS)
            bits[part] = words.bits(unpacked(table.cell_codes[part]), table.cell_words[part, None])[:, 0]
        return _InvertedFile(table.cell_words, bits, np.diff(table.cell_offsets), words.n, _NEAR_CELLS)

    @cached_property
    def _cell_places(self) -> NDArray[np.complex64]:
        table = self.table
        grids, shapes = table.cell_grids.tolist(), table.shapes.tolist()
        places = [_square(kept_places(*grid), *shape) for grid, shape in zip(grids, shapes, strict=True)]
        return np.concatenate([np.empty(0, np.complex64), *places])[self._cells.order]

    def tally(self, query: QueryFeatures, *, mirrored: bool = False) -> NDArray[np.float64]:
        """How much the keypoints speak for each picture, (n,) float64: votes that agree in one movement."""
        kept = self._keypoints
        votes = kept.votes(query.near)
        there, here = query.places[votes.of_query], (self._places[votes.rows] / STEPS).astype(np.float32)
        rough = _most_agreeing(votes, there, here, len(self.table), mirrored=mirrored) / kept.lengths
        best = np.argsort(-rough, kind="stable")[:_CLOSELY]
        order = np.lexsort((-votes.weights, votes.pictures))
        starts, ends = (np.searchsorted(votes.pictures[order], best, side=side) for side in ("left", "right"))
        counted = np.zeros(len(self.table))
        for picture, start, end in zip(best, starts, ends, strict=True):
            chosen = order[start:end][:_MOST_VOTES]
            if len(chosen):
                agree = agreeing(there[chosen], here[chosen], max(query.width, query.height), mirrored=mirrored)
                # Several features of the query that vote for one of the picture have one vote together.
                _, which, shared = np.unique(votes.rows[chosen], return_inverse=True, return_counts=True)
                counted[picture] = (agree @ (votes.weights[chosen] / shared[which])).max()
        return np.asarray(counted / kept.lengths)

    def tally_cells(self, query: QueryFeatures) -> NDArray[np.float64]:
        """How much the cells speak for each picture, (n,) float64: votes that agree in one movement."""
        assert query.near_cells is not None and query.cells is not None
        kept = self._cells
        votes = kept.votes(query.near_cells)
        totals = np.bincount(votes.pictures, votes.weights, len(self.table)) / kept.lengths
        best = np.argsort(-totals, kind="stable")[:_MOST_CELLS]
        line = np.full(len(totals), -1)
        line[best] = np.arange(len(best))
        order = np.lexsort((-votes.weights, votes.pictures))
        column = np.arange(len(order)) - np.searchsorted(votes.pictures[order], votes.pictures[order])
        chosen = (line[votes.pictures[order]] >= 0) & (column < _MOST_CELL_VOTES)
        order, column = order[chosen], column[chosen]
        at = line[votes.pictures[order]], column
        there, here = (np.full((len(best), _MOST_CELL_VOTES), np.nan, np.complex64) for _ in range(2))
        weights = np.zeros(there.shape, np.float32)
        there[at] = _square(query.cells.places[::EVERY_CELL], query.width, query.height)[votes.of_query[order]]
        here[at] = self._cell_places[votes.rows[order]]
        weights[at] = votes.weights[order]
        tally = np.zeros(len(totals))
        tally[best] = most_in_one(there, here, weights) / kept.lengths[best]
        return tally


def _square(places: NDArray[np.float32], width: int, height: int) -> NDArray[np.complex64]:
    """Places in shares of width and height, (m, 2), as x + iy in shares of the longer side."""
    x, y = (places * (np.array([width, height], np.float32) / max(width, height))).T
    return np.asarray(x + 1j * y, np.complex64)


def _changes(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where values differ from those before them."""
    return np.asarray(np.diff(values, prepend=values[:1] - 1) != 0)


def _most_agreeing(
    votes: _Votes, there: NDArray[np.float32], here: NDArray[np.float32], n: int, *, mirrored: bool
) -> NDArray[np.float64]:
    """The most votes of each picture that agree in turn and scale, to about 30° and three quarters of an octave."""
    pictures, weights = votes.pictures, votes.weights
    turns = there[:, 3] + here[:, 3] if mirrored else there[:, 3] - here[:, 3]
    octaves = np.log2(there[:, 2] / here[:, 2])
    totals = np.bincount(pictures, weights, n)
    # The others have too few votes for any of them to matter, and a histogram each would take much memory.
    best = np.argsort(-totals, kind="stable")[:_ROUGHLY]
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


def _as_numbers(bits: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Bits (m, 8) as one number each."""
    return np.ascontiguousarray(bits).view(np.uint64)[:, 0]
