"""What a network makes of every part of a picture: cloth, sky and blur have no keypoints, and still differ."""

import threading
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture
from imgsearch.local_features.codebook import NETWORK, CodebookError, damaged
from imgsearch.local_features.grid import KEPT_SIDE, QUERY_SIDE, STRIDE, places, resized

DIMENSIONS = 32
CODE_BYTES = DIMENSIONS // 2
_EVERY = 3  # of a kept picture, the places whose row and column add up to a multiple of it are kept
_KEPT_LEVELS, _QUERY_LEVELS = 7, 127
_WIDEST = 0.45  # of a unit vector's values, nearly all lie between −0.45 and 0.45
_ALIKE = 0.7  # cosine from which on two cells are the like of each other
_THREADS = 2


class Cells(NamedTuple):
    """Some places of a picture, each with its vector.

    `places`, (m, 2) float32, are shares of width and height. `vectors`, (m, 32) float32, are whole numbers, as products
    of these are exact, and every order of adding gives the same.
    """

    places: NDArray[np.float32]
    vectors: NDArray[np.float32]


class KeptCells(NamedTuple):
    """The same of a picture of a gallery in few bytes: two values a byte, (m, 16) uint8, and rows and columns."""

    codes: NDArray[np.uint8]
    grid: tuple[int, int]


class CellNetwork:
    """The network through LiteRT; CodebookError if it is damaged. Threads may share it: a lock lets one through."""

    def __init__(self) -> None:
        from ai_edge_litert.interpreter import Interpreter

        try:
            self._interpreter = Interpreter(str(NETWORK), num_threads=_THREADS)
        except (OSError, ValueError) as error:
            raise CodebookError(damaged(NETWORK)) from error
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._lock = threading.Lock()

    def describe(self, picture: Picture) -> NDArray[np.float32]:
        """Unit vectors, (h/8, w/8, 32), of a picture whose sides are multiples of 32."""
        with self._lock:
            if tuple(self._interpreter.get_input_details()[0]["shape"][1:3]) != picture.shape[:2]:
                self._interpreter.resize_tensor_input(self._input, (1, *picture.shape))
                self._interpreter.allocate_tensors()
            self._interpreter.set_tensor(self._input, picture[None].astype(np.float32))
            self._interpreter.invoke()
            return np.asarray(self._interpreter.get_tensor(self._output)[0])


@lru_cache(1)
def cell_network() -> CellNetwork:
    """The network that is delivered, one for all, as it holds some 40 MB."""
    return CellNetwork()


def query_cells(picture: Picture) -> Cells:
    """Every place of a query, (h, w, 3) uint8."""
    vectors = cell_network().describe(resized(picture, QUERY_SIDE))
    rows, columns = vectors.shape[:2]
    return Cells(_shares(rows, columns), _whole(vectors.reshape(-1, DIMENSIONS), _QUERY_LEVELS))


def kept_cells(picture: Picture) -> KeptCells:
    """Every third place of a picture of a gallery, (h, w, 3) uint8."""
    vectors = cell_network().describe(resized(picture, KEPT_SIDE))
    rows, columns = vectors.shape[:2]
    values = _whole(vectors.reshape(-1, DIMENSIONS)[_kept(rows, columns)], _KEPT_LEVELS)
    halves = (values + _KEPT_LEVELS).astype(np.uint8)
    return KeptCells(np.asarray(halves[:, ::2] << 4 | halves[:, 1::2], np.uint8), (rows, columns))


def unpacked(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The vectors, (m, 32), of codes, (m, 16)."""
    values = np.stack([codes >> 4, codes & 15], axis=2).reshape(-1, DIMENSIONS)
    return values.astype(np.float32) - _KEPT_LEVELS


def cells_of(kept: KeptCells) -> Cells:
    """A kept picture's places, with their vectors."""
    return Cells(kept_places(*kept.grid), unpacked(kept.codes))


def kept_places(rows: int, columns: int) -> NDArray[np.float32]:
    """The places that are kept of a picture of so many rows and columns, (m, 2) shares of width and height."""
    return _shares(rows, columns)[_kept(rows, columns)]


def alike_at(picture: Picture, kept: KeptCells, where: NDArray[np.bool_]) -> float:
    """The share of a kept picture's cells, of those in `where`, (rows, columns), that a picture as large shares.

    0 if there are none.
    """
    chosen = where.ravel()[_kept(*kept.grid)]
    if not chosen.any():
        return 0.0
    vectors = cell_network().describe(picture).reshape(-1, DIMENSIONS)[_kept(*kept.grid)]
    known = unpacked(kept.codes)
    cosines = (vectors * known).sum(1) / np.linalg.norm(known, axis=1).clip(1e-6)
    return float((cosines[chosen] > _ALIKE).mean())


def n_kept(grid: NDArray[np.integer]) -> NDArray[np.int64]:
    """How many places of pictures of those rows and columns, (n, 2), are kept; (n,)."""
    sizes, which = np.unique(grid.reshape(-1, 2), axis=0, return_inverse=True)
    return np.asarray(np.array([len(_kept(*size)) for size in sizes.tolist()], np.int64)[which.ravel()])


@lru_cache(256)
def _kept(rows: int, columns: int) -> NDArray[np.intp]:
    row, column = np.indices((rows, columns))
    return np.flatnonzero((row + column) % _EVERY == 0)


@lru_cache(256)
def _shares(rows: int, columns: int) -> NDArray[np.float32]:
    size = rows * STRIDE, columns * STRIDE
    return np.asarray(places(*size) / np.array(size[::-1], np.float32), np.float32)


def _whole(vectors: NDArray[np.float32], levels: int) -> NDArray[np.float32]:
    return np.asarray(np.clip(np.rint(vectors * (levels / _WIDEST)), -levels, levels), np.float32)
