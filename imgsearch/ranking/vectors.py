"""The vectors of one method in one gallery, stored as narrow as they allow."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.ranking import pruning
from imgsearch.ranking.pruning import Sieve

_UNIT_ROUNDOFF = float(np.finfo(np.float32).eps) / 2
_SMALLEST = float(np.finfo(np.float32).tiny)
MAX_LENGTH = 1e19
"""Vectors that are longer cannot be ranked: the square of their length is more than float32 holds."""

_BLOCK_BYTES = 8 << 20
_PIECE_BYTES = 16 << 20
# What is expanded to be multiplied stays in the processor's cache.
_COUNTED_BYTES = 1 << 20
# Of a mapped matrix of this size, pages are given back as soon as they were read. The system brings in a megabyte
# around every row that is asked for, so that a few hundred rows would fill the memory with all of it.
_LARGE_BYTES = 64 << 20
_ROWS_AT_ONCE = 16
# A matrix that fits a processor's cache is gone through faster than a sieve is asked.
_SIEVED_BYTES = 4 << 20


class Vectors:
    """n vectors of d numbers, for a metric to rank.

    Parameters
    ----------
    stored : (n, d) float32, float16, uint8 or uint16, C-contiguous
        In memory or mapped from a file. Counts stay as they are; half precision is expanded to float32.
    count_scale : int, optional
        The numbers are whole numbers over this one: `stored` holds the whole numbers, or the float32
        quotients. What is exact is then reckoned in whole numbers, so that vectors that are equally far
        away are so to the last bit.

    Attributes
    ----------
    unit : float
        What 1 is worth in `exact_rows` and `exact_query`.
    """

    def __init__(self, stored: NDArray[Any], count_scale: int | None = None) -> None:
        counts = count_scale is not None and stored.dtype in (np.uint8, np.uint16)
        if stored.ndim != 2 or not stored.flags.c_contiguous or not (counts or stored.dtype.kind == "f"):
            raise ValueError(f"vectors must be a C-contiguous (n, d) matrix, not {stored.dtype} {stored.shape}")
        # A plain ndarray: the subclass np.memmap costs microseconds in every call on it.
        plain = stored.view(np.ndarray)
        self._stored = plain if counts else np.ascontiguousarray(plain, np.float32)
        if self._stored is not plain:
            _give_back(plain)
        self._counts = counts
        self.count_scale = count_scale
        self._searched = False
        self.unit = 1.0 if count_scale is None else 1.0 / count_scale

    def __len__(self) -> int:
        return len(self._stored)

    @property
    def dimensions(self) -> int:
        return int(self._stored.shape[1])

    @property
    def row_bytes(self) -> int:
        """Bytes of one vector as it is stored."""
        return self.dimensions * self._stored.itemsize

    def some(self, which: NDArray[np.intp]) -> Vectors:
        """A copy of some of the vectors, stored as these are."""
        return Vectors(self._some(which), self.count_scale)

    @cached_property
    def matrix(self) -> NDArray[np.float32]:
        """All vectors, (n, d) float32, C-contiguous; made and kept if they are stored as counts."""
        return unpack(self._stored, self.count_scale) if self._counts else self._stored

    def rows(self, which: NDArray[np.intp] | slice) -> NDArray[np.float32]:
        """Some of the vectors, (m, d) float32."""
        return unpack(self._stored[which], self.count_scale) if self._counts else self._stored[which]

    @cached_property
    def lengths(self) -> NDArray[np.float32]:
        """|x| of every vector, (n,) float32, not finite where a number is not."""
        lengths = np.empty(len(self), np.float32)
        for start, rows in self.blocks():
            with np.errstate(over="ignore"):
                lengths[start : start + len(rows)] = np.sqrt(np.vecdot(rows, rows)) * self.unit
        return lengths

    @cached_property
    def squared_norms(self) -> NDArray[np.float32]:
        """|x|² of every vector, (n,) float32."""
        return np.square(self.lengths)

    @cached_property
    def scales(self) -> NDArray[np.float32] | None:
        """What to divide products by to have those with vectors of length 1, (n,) float32.

        None where the vectors are of length 1 but for what float32 does to their numbers. Half precision does
        more: lengths are then off 1 by up to a thousandth, more than what tells neighbours apart.
        """
        if (np.abs(self.lengths - 1) <= self.rounding / 2).all():
            return None
        # A vector of zeros has no direction, and all its products are 0.
        return np.where(self.lengths > 0, self.lengths, np.float32(1))

    @cached_property
    def largest_norm(self) -> float:
        """The length of the longest vector; 0 for none, not a number if one has a number that is not."""
        return float(self.lengths.max(initial=0.0))

    @cached_property
    def smallest_norm(self) -> float:
        """The length of the shortest vector that is not all zeros; 1 for none."""
        return float(self.lengths.min(initial=1.0, where=self.lengths > 0))

    @cached_property
    def rounding(self) -> float:
        """The most by which `products` and `bounds` are off, for vectors and a query of length 1."""
        # Higham, Accuracy and Stability of Numerical Algorithms (2002), (3.5): in any order of summation
        # |fl(x·q) − x·q| ≤ γ_d |x|·|q|, γ_d = d u / (1 − d u), and |x|·|q| ≤ ‖x‖ ‖q‖.
        # Four more than d, for what float32 does to the numbers of the vectors themselves.
        rounding = (self.dimensions + 4) * _UNIT_ROUNDOFF
        return rounding / (1 - rounding)

    @cached_property
    def underflow(self) -> float:
        """The most by which numbers too small for float32 make `products` and `bounds` wrong beside that."""
        return (self.dimensions + 4) * _SMALLEST

    @cached_property
    def sieve(self) -> Sieve | None:
        """A cheap upper bound on the products; None where they are cheap, or where it would leave too little out."""
        if 4 * len(self) * self.dimensions < _SIEVED_BYTES or self.dimensions < 2 * pruning.width(self.dimensions):
            return None
        basis = pruning.basis(len(self), lambda which: self.exact_rows(which) * self.unit)
        if basis is None:
            return None
        return pruning.build(len(self), basis, ((start, rows * self.unit) for start, rows in self.blocks()))

    def sieve_of_a_search(self) -> Sieve | None:
        """`sieve`, but none for the first search: to make it takes as long as dozens of searches without."""
        first, self._searched = not self._searched, True
        return None if first and "sieve" not in self.__dict__ else self.sieve

    def products(self, query: NDArray[np.float32], which: NDArray[np.intp] | None = None) -> NDArray[np.float32]:
        """x·q for every vector, or for some: (n,) or (m,) float32, a new array."""
        if self._counts:
            query = query * np.float32(self.unit)
        products = np.empty(len(self) if which is None else len(which), np.float32)
        for start, rows in self._pieces(which):
            part = rows.astype(np.float32) if self._counts else rows
            np.matmul(part, query, out=products[start : start + len(rows)])
        return products

    def exact_rows(self, which: NDArray[np.intp] | slice) -> NDArray[np.float64]:
        """Some of the vectors, (m, d) float64, in `unit`."""
        rows = (self._stored[which] if isinstance(which, slice) else self._some(which)).astype(np.float64)
        if self.count_scale is not None and not self._counts:
            rows *= self.count_scale
            np.rint(rows, out=rows)
        return rows

    def exact_query(self, query: NDArray[np.float32]) -> NDArray[np.float64]:
        """Queries, (d,) or (q, d), as float64 in `unit`."""
        wide = query.astype(np.float64)
        if self.count_scale is None:
            return wide
        wide *= self.count_scale
        counts = np.rint(wide)
        # A query that was moved towards or away from others is not made of counts.
        return counts if np.allclose(wide, counts, rtol=0, atol=1e-3) else wide

    def _some(self, which: NDArray[np.intp]) -> NDArray[Any]:
        """Some rows as they are stored, (m, d)."""
        if self._stored.nbytes < _LARGE_BYTES:
            return self._stored.take(which, axis=0)
        rows = np.empty((len(which), self.dimensions), self._stored.dtype)
        for start, piece in self._pieces(which):
            rows[start : start + len(piece)] = piece
        return rows

    def _pieces(self, which: NDArray[np.intp] | None) -> Iterator[tuple[int, NDArray[Any]]]:
        """All rows as they are stored, or some, at once or some at a time; each time with the index of the first.

        Pages that are mapped from a file are given back as in `blocks`.
        """
        large = self._stored.nbytes >= _LARGE_BYTES
        if which is None:
            most = _COUNTED_BYTES if self._counts else _PIECE_BYTES if large else self._stored.nbytes
            step = max(1, most // (4 * self.dimensions))
            for start in range(0, len(self), step):
                piece = self._stored[start : start + step]
                yield start, piece
                if large:
                    _give_back(piece)
            return
        step = _ROWS_AT_ONCE if large else max(1, len(which))
        for start in range(0, len(which), step):
            yield start, self._stored.take(which[start : start + step], axis=0)
            if large:
                _give_back(self._stored)

    def blocks(self) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """`exact_rows` of all vectors, some thousands at a time, each time with the index of the first.

        Pages that are mapped from a file are given back after each block, so that going through vectors that
        are larger than the memory does not fill it.
        """
        step = max(1, _BLOCK_BYTES // (8 * self.dimensions))
        for start in range(0, len(self), step):
            yield start, self.exact_rows(slice(start, start + step))
            _give_back(self._stored[start : start + step])


def pack(matrix: NDArray[np.float32], count_scale: int | None = None) -> tuple[NDArray[Any], int | None]:
    """The narrowest form of a matrix from which `unpack` gives exactly the same numbers back.

    Parameters
    ----------
    matrix : (n, d) float32
    count_scale : int, optional
        When every number is believed to be a whole number over this one: the pixels of a picture, for a
        histogram of pictures of one size.

    Returns
    -------
    ((n, d) uint8, uint16, float16 or float32, count_scale or None)
    """
    if count_scale is not None:
        counts = np.rint(matrix * count_scale)
        if matrix.size and counts.min() >= 0 and counts.max() <= np.iinfo(np.uint16).max:
            narrow = counts.astype(np.uint8 if counts.max() <= np.iinfo(np.uint8).max else np.uint16)
            if np.array_equal(unpack(narrow, count_scale), matrix):
                return narrow, count_scale
    with np.errstate(over="ignore"):
        half = matrix.astype(np.float16)
    if np.array_equal(half.astype(np.float32), matrix):
        return half, None
    return matrix, None


def unpack(stored: NDArray[Any], count_scale: int | None) -> NDArray[np.float32]:
    """What `pack` was given: (n, d) float32, C-contiguous; a float32 matrix is not copied."""
    if count_scale is None:
        return np.ascontiguousarray(stored, np.float32)
    # A table, so that every number is the float32 nearest to the quotient, as a histogram has it.
    table = (np.arange(np.iinfo(stored.dtype).max + 1) / count_scale).astype(np.float32)
    return np.take(table, stored)


def _give_back(rows: NDArray[Any]) -> None:
    """Tell the system that the pages of some rows of a mapped file are not needed now."""
    base: Any = rows
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    if not isinstance(base, mmap.mmap) or not hasattr(mmap, "MADV_DONTNEED"):
        return
    begin = rows.__array_interface__["data"][0] - np.frombuffer(base, np.uint8).__array_interface__["data"][0]
    first = begin - begin % mmap.PAGESIZE
    base.madvise(mmap.MADV_DONTNEED, first, begin + rows.nbytes - first)
