"""The vectors of one method in one gallery, as a metric scans them."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

_UNIT_ROUNDOFF = float(np.finfo(np.float32).eps) / 2


class Vectors(Protocol):
    """What a metric needs of a set of vectors, however they are stored."""

    def __len__(self) -> int: ...

    @property
    def dimensions(self) -> int: ...

    @property
    def squared_norms(self) -> NDArray[np.float32]:
        """|x|² of every vector, (n,) float32."""
        ...

    def products(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """x·q for every vector, (n,) float32, a new array."""
        ...

    @property
    def largest_norm(self) -> float:
        """The length of the longest vector; 0 for none."""
        ...

    @property
    def rounding(self) -> float:
        """The most by which any of `products` is off, for vectors and a query of length 1."""
        ...

    @property
    def unit(self) -> float:
        """What 1 is worth in `exact_rows` and `exact_query`."""
        ...

    def exact_rows(self, which: NDArray[np.intp] | slice) -> NDArray[np.float64]:
        """The vectors themselves, (m, d) float64, in `unit`."""
        ...

    def exact_query(self, query: NDArray[np.float32]) -> NDArray[np.float64]:
        """Queries, (d,) or (q, d), as float64 in `unit`."""
        ...


class DenseVectors:
    """Vectors as one float32 matrix, in memory or mapped from a file.

    Parameters
    ----------
    matrix : (n, d) float32, C-contiguous
    divisor : int, optional
        When every number is a count over this one. Then what is exact is reckoned in counts, so that vectors
        that are equally far away are so to the last bit.
    """

    def __init__(self, matrix: NDArray[np.float32], divisor: int | None = None) -> None:
        if matrix.ndim != 2 or matrix.dtype != np.float32 or not matrix.flags.c_contiguous:
            raise ValueError(f"vectors must be a C-contiguous (n, d) float32 matrix, not {matrix.dtype} {matrix.shape}")
        # A plain ndarray: the subclass np.memmap costs microseconds in every call on it.
        self.matrix = matrix.view(np.ndarray)
        self.divisor = divisor

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def dimensions(self) -> int:
        return int(self.matrix.shape[1])

    @cached_property
    def squared_norms(self) -> NDArray[np.float32]:
        norms: NDArray[np.float32] = np.einsum("nd,nd->n", self.matrix, self.matrix)
        return norms

    @cached_property
    def largest_norm(self) -> float:
        """The length of the longest vector; 0 for none."""
        return float(np.sqrt(self.squared_norms.max(initial=0.0)))

    def products(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        return self.matrix @ query

    @cached_property
    def rounding(self) -> float:
        # Higham, Accuracy and Stability of Numerical Algorithms (2002), (3.5): in any order of summation
        # |fl(x·q) − x·q| ≤ γ_d |x|·|q|, γ_d = d u / (1 − d u), and |x|·|q| ≤ ‖x‖ ‖q‖.
        # Two more than d, for what float32 does to the numbers of the vectors themselves.
        rounding = (self.dimensions + 2) * _UNIT_ROUNDOFF
        return rounding / (1 - rounding)

    @property
    def unit(self) -> float:
        return 1.0 if self.divisor is None else 1.0 / self.divisor

    def exact_rows(self, which: NDArray[np.intp] | slice) -> NDArray[np.float64]:
        rows = self.matrix[which].astype(np.float64)
        if self.divisor is not None:
            rows *= self.divisor
            np.rint(rows, out=rows)
        return rows

    def exact_query(self, query: NDArray[np.float32]) -> NDArray[np.float64]:
        wide = query.astype(np.float64)
        if self.divisor is None:
            return wide
        wide *= self.divisor
        counts = np.rint(wide)
        # A query that was moved towards or away from others is not made of counts.
        return counts if np.allclose(wide, counts, rtol=0, atol=1e-3) else wide


def pack(matrix: NDArray[np.float32], divisor: int | None = None) -> tuple[NDArray[Any], int | None]:
    """The narrowest form of a matrix from which `unpack` gives exactly the same numbers back.

    Parameters
    ----------
    matrix : (n, d) float32
    divisor : int, optional
        When every number is believed to be a whole number over this one: the pixels of a picture, for a
        histogram of pictures of one size.

    Returns
    -------
    ((n, d) uint8, uint16, float16 or float32, divisor or None)
    """
    if divisor is not None:
        counts = np.rint(matrix * divisor)
        if matrix.size and counts.min() >= 0 and counts.max() <= np.iinfo(np.uint16).max:
            narrow = counts.astype(np.uint8 if counts.max() <= np.iinfo(np.uint8).max else np.uint16)
            if np.array_equal(unpack(narrow, divisor), matrix):
                return narrow, divisor
    with np.errstate(over="ignore"):
        half = matrix.astype(np.float16)
    if np.array_equal(half.astype(np.float32), matrix):
        return half, None
    return matrix, None


def unpack(stored: NDArray[Any], divisor: int | None) -> NDArray[np.float32]:
    """What `pack` was given: (n, d) float32, C-contiguous; a float32 matrix is not copied."""
    if divisor is None:
        return np.ascontiguousarray(stored, np.float32)
    # A table, so that every number is the float32 nearest to the quotient, as a histogram has it.
    table = (np.arange(np.iinfo(stored.dtype).max + 1) / divisor).astype(np.float32)
    return np.take(table, stored)
