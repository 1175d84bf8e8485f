"""The vectors of one method in one gallery, stored as narrow as they allow."""

import math
import mmap
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_LENGTH = 1e19  # vectors that are longer cannot be ranked: the square of their length is more than float32 holds
_UNIT_ROUNDOFF = float(np.finfo(np.float32).eps) / 2
_SMALLEST = float(np.finfo(np.float32).tiny)
_PIECE_BYTES = 8 << 20
# What is expanded to be multiplied stays in the processor's cache.
_EXPANDED_BYTES = 256 << 10
# The row "memory while searching": pages of a mapped matrix that is smaller may stay, and rereading them takes longer
# than the search.
_LARGE_BYTES = 64 << 20
# The system brings in up to a megabyte around every row that is asked for. With 256 rows at once, a search of
# 1,000,000×64 takes 192 MB instead of 94; 500 rows take 0.5 ms instead of 0.2.
_ROWS_AT_ONCE = 16


class Vectors:
    """n vectors of d numbers, for a metric to rank.

    `stored`, (n, d) float32, float16, uint8 or uint16, C-contiguous, stays as it is, in memory or mapped from a file,
    and is expanded piece by piece. With `count_scale`, it holds whole numbers, and the vectors are these over that one.
    What is exact is then reckoned in whole numbers, in `unit`, so that vectors that are equally far away are so to the
    last bit.
    """

    def __init__(self, stored: NDArray[Any], count_scale: int | None = None) -> None:
        types = (np.float16, np.float32) if count_scale is None else (np.uint8, np.uint16)
        if stored.ndim != 2 or not stored.flags.c_contiguous or stored.dtype not in types:
            raise ValueError(f"vectors must be a C-contiguous (n, d) matrix, not {stored.dtype} {stored.shape}")
        # A plain ndarray: the subclass np.memmap costs microseconds in every call on it.
        self._stored = stored.view(np.ndarray)
        self.dimensions: int = stored.shape[1]
        self.nbytes = stored.nbytes  # of all vectors as they are stored
        self._mapping = _mapping(stored) if stored.nbytes >= _LARGE_BYTES else None
        self.count_scale = count_scale
        self.unit = 1.0 if count_scale is None else 1.0 / count_scale

    def __len__(self) -> int:
        return len(self._stored)

    def some(self, which: NDArray[np.intp]) -> "Vectors":
        """A copy of some of the vectors, stored as these are."""
        return Vectors(self._take(which), self.count_scale)

    def rows(self, which: NDArray[np.intp] | slice) -> NDArray[np.float32]:
        """Some of the vectors, (m, d) float32."""
        return unpack(self._take(which), self.count_scale)

    def exact_rows(self, which: NDArray[np.intp] | slice) -> NDArray[np.float64]:
        """Some of the vectors, (m, d) float64, in `unit`."""
        return self._take(which).astype(np.float64)

    def exact_query(self, query: NDArray[np.float32]) -> NDArray[np.float64]:
        """Queries, (d,) or (q, d), as float64 in `unit`."""
        wide = query.astype(np.float64)
        if self.count_scale is None:
            return wide
        wide *= self.count_scale
        counts = np.rint(wide)
        # A query that was moved towards or away from others is not made of counts.
        return counts if np.allclose(wide, counts, rtol=0, atol=1e-3) else wide

    def checked(self, query: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
        """The query as (d,) float32, and its length; ValueError if it is of another length or not finite."""
        query = np.ascontiguousarray(query, np.float32)
        if query.shape != (self.dimensions,):
            raise ValueError(f"the query must be a vector of {self.dimensions} numbers, not of shape {query.shape}")
        wide = query.astype(np.float64)
        length = math.sqrt(np.dot(wide, wide))
        if not length <= MAX_LENGTH:
            raise ValueError("the query vector has values that are not finite")
        return query, length

    def blocks(self, which: NDArray[np.intp] | None = None) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """`exact_rows` of all vectors or of some, piece by piece, each with the place of its first."""
        for start, rows in self._pieces(which, _PIECE_BYTES // 8):
            yield start, rows.astype(np.float64)

    def products(self, query: NDArray[np.float32], which: NDArray[np.intp] | None = None) -> NDArray[np.float32]:
        """x·q for every vector, or for some: (n,) or (m,) float32, a new array."""
        if self.count_scale is not None:
            query = query * np.float32(self.unit)
        products = np.empty(len(self) if which is None else len(which), np.float32)
        if self._stored.dtype != np.float32:
            piece = _EXPANDED_BYTES
        else:
            piece = _PIECE_BYTES if self._mapping is not None or which is not None else self._stored.nbytes
        for start, rows in self._pieces(which, piece // 4):
            np.matmul(_single(rows), query, out=products[start : start + len(rows)])
        return products

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
        """What to divide products by to have those with vectors of length 1, (n,) float32; None where they are."""
        # In half precision lengths are off 1 by up to a thousandth, more than what tells neighbours apart.
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
        """The most by which `products` and upper bounds are off, for vectors and a query of length 1."""
        # Higham, Accuracy and Stability of Numerical Algorithms (2002), (3.5): in any order of summation
        # |fl(x·q) − x·q| ≤ γ_d |x|·|q|, γ_d = d u / (1 − d u), and |x|·|q| ≤ ‖x‖ ‖q‖.
        # Four more than d, for what float32 does to the numbers of the vectors themselves.
        rounding = (self.dimensions + 4) * _UNIT_ROUNDOFF
        return rounding / (1 - rounding)

    @cached_property
    def underflow(self) -> float:
        """The most by which numbers too small for float32 make products and upper bounds wrong beside that."""
        return (self.dimensions + 4) * _SMALLEST

    def _take(self, which: NDArray[np.intp] | slice) -> NDArray[Any]:
        """Some rows as they are stored, (m, d)."""
        if isinstance(which, slice):
            return self._stored[which]
        if self._mapping is None:
            return self._stored.take(which, axis=0)
        rows = np.empty((len(which), self.dimensions), self._stored.dtype)
        for start in range(0, len(which), _ROWS_AT_ONCE):
            self._stored.take(which[start : start + _ROWS_AT_ONCE], axis=0, out=rows[start : start + _ROWS_AT_ONCE])
            self._release(self._stored)
        return rows

    def _pieces(self, which: NDArray[np.intp] | None, numbers: int) -> Iterator[tuple[int, NDArray[Any]]]:
        """Rows as they are stored, about so many numbers at a time, each time with the place of the first."""
        step = max(1, numbers // self.dimensions)
        for start in range(0, len(self) if which is None else len(which), step):
            if which is None:
                rows = self._stored[start : start + step]
                yield start, rows
                self._release(rows)
            else:
                yield start, self._take(which[start : start + step])

    def _release(self, rows: NDArray[Any]) -> None:
        """Tell the system that the pages of some rows of a large mapped matrix are not needed now."""
        if self._mapping is None or not hasattr(mmap, "MADV_DONTNEED"):
            return
        origin = np.frombuffer(self._mapping, np.uint8).__array_interface__["data"][0]
        begin = rows.__array_interface__["data"][0] - origin
        first = begin - begin % mmap.PAGESIZE
        self._mapping.madvise(mmap.MADV_DONTNEED, first, begin + rows.nbytes - first)


def pack(matrix: NDArray[np.float32], count_scale: int | None = None) -> tuple[NDArray[Any], int | None]:
    """The narrowest form of a matrix, (n, d) float32, from which `unpack` gives exactly the same numbers back.

    With `count_scale`, every number is believed to be a whole number over this one: the pixels of a picture, for a
    histogram of pictures of one size. It comes back as None if that is not so.
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


def mean_direction(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of (m, d) vectors at length 1, (d,) float32."""
    mean = rows.mean(axis=0, dtype=np.float64)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), np.float32)


def _single(rows: NDArray[Any]) -> NDArray[np.float32]:
    """The same numbers in float32."""
    if rows.dtype != np.float16:
        return rows.astype(np.float32, copy=False)
    import cv2

    # NumPy converts half precision number by number: OpenCV is six times as fast.
    return np.asarray(cv2.add(rows, 0.0, dtype=cv2.CV_32F), np.float32)  # type: ignore[call-overload]


def _mapping(array: NDArray[Any]) -> mmap.mmap | None:
    """The file that an array is mapped from."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    return base if isinstance(base, mmap.mmap) else None
