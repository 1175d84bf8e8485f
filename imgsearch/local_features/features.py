"""What is kept of the keypoints of a picture, and of all pictures of a gallery."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture
from imgsearch.local_features.codebook import PLAIN_BYTES, WORD_BYTES, Encoded, codebook
from imgsearch.local_features.dense import (
    CODE_BYTES,
    Cells,
    KeptCells,
    cells_of,
    kept_cells,
    n_kept,
    query_cells,
    unpacked,
)
from imgsearch.local_features.keypoints import (
    KEPT_SIDE,
    MAX_KEPT,
    MAX_QUERY,
    QUERY_SIDE,
    Keypoints,
    find_keypoints,
    mirrored,
)

_QUERY_WORDS = 3
_CELL_WORDS = 4
EVERY_CELL = 2
_BYTES = WORD_BYTES + PLAIN_BYTES
STEPS = np.array([64, 64, 64, 128], np.float32)
"""Steps of a pixel, or of a degree, in which places are kept: 65,535 of them reach over any picture that is kept."""


@dataclass(frozen=True)
class Features:
    """The keypoints of one picture of that width and height, in few bytes.

    `places` are (m, 4) float32: x, y and diameter in pixels, direction in degrees; `words` are (m,) uint16, `bits`
    (m, 24) uint8.
    """

    places: NDArray[np.float32]
    words: NDArray[np.uint16]
    bits: NDArray[np.uint8]
    width: int
    height: int

    def __len__(self) -> int:
        return len(self.places)


@dataclass(frozen=True)
class KeptFeatures(Features):
    """Those of a picture of a gallery, with its cells and their words, (c,) uint16."""

    kept_cells: KeptCells
    cell_words: NDArray[np.uint16]

    @cached_property
    def cells(self) -> Cells:
        """Places all over the picture, whether there is a keypoint or not."""
        return cells_of(self.kept_cells)


@dataclass(frozen=True)
class QueryFeatures(Features):
    """Those of a query, with several words each: blur and noise push many a vector over the border of its word.

    `near` are those of the keypoints, `near_cells` those of every second cell; the mirror image has no cells.
    """

    near: Encoded
    cells: Cells | None = None
    near_cells: Encoded | None = None


def describe_kept(picture: Picture) -> KeptFeatures:
    """The features of a picture of a gallery, (h, w, 3) uint8. CodebookError if there is no codebook."""
    found = find_keypoints(picture, side=KEPT_SIDE, most=MAX_KEPT, large_first=True)
    encoded, bits = _encoded(found.descriptors, 1)
    cells = kept_cells(picture)
    cell_words = codebook().cell_words.encode(unpacked(cells.codes)).words[:, 0]
    return KeptFeatures(found.places, encoded.words[:, 0], bits, found.width, found.height, cells, cell_words)


def describe_query(picture: Picture) -> tuple[QueryFeatures, QueryFeatures]:
    """The features of a query, (h, w, 3) uint8, and those of its mirror image, at the same places."""
    found = find_keypoints(picture, side=QUERY_SIDE, most=MAX_QUERY)
    cells = query_cells(picture)
    near_cells = codebook().cell_words.encode(cells.vectors[::EVERY_CELL], _CELL_WORDS)
    return _of_query(found, found.descriptors, cells, near_cells), _of_query(found, mirrored(found.descriptors))


def _of_query(
    found: Keypoints, descriptors: NDArray[np.uint8], cells: Cells | None = None, near_cells: Encoded | None = None
) -> QueryFeatures:
    near, bits = _encoded(descriptors, _QUERY_WORDS)
    return QueryFeatures(found.places, near.words[:, 0], bits, found.width, found.height, near, cells, near_cells)


def _encoded(descriptors: NDArray[np.uint8], n_words: int) -> tuple[Encoded, NDArray[np.uint8]]:
    """Words, and all the bits of descriptors: those within the first word, and the plain ones, (m, 24) uint8."""
    projected = codebook().project(descriptors)
    near = codebook().words.encode(projected, n_words)
    return near, np.concatenate([near.bits[:, 0], codebook().plain_bits(projected)], axis=1)


PARTS: dict[str, tuple[str, tuple[int | None, ...]]] = {
    "feature-offsets": ("int64", (None,)),
    "feature-places": ("uint16", (None, 4)),
    "feature-words": ("uint16", (None,)),
    "feature-bits": ("uint8", (None, _BYTES)),
    "feature-shapes": ("uint16", (None, 2)),
    "cell-grids": ("uint8", (None, 2)),
    "cell-codes": ("uint8", (None, CODE_BYTES)),
    "cell-words": ("uint16", (None,)),
}
"""Type and shape of the arrays of a table, by the name of the file in which a gallery keeps each."""


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """The features of all pictures of a gallery, one after the other; ValueError if the arrays do not belong together.

    `offsets`, (n + 1,), say where the features of each picture begin, and the end; `places`, (m, 4), are in steps of
    1/64 pixel and 1/128 degree; `shapes`, (n, 2), are width and height of each picture as it was looked at, and
    `cell_grids`, (n, 2), its rows and columns of cells, of which some are kept.
    """

    offsets: NDArray[np.int64]
    places: NDArray[np.uint16]
    words: NDArray[np.uint16]
    bits: NDArray[np.uint8]
    shapes: NDArray[np.uint16]
    cell_grids: NDArray[np.uint8]
    cell_codes: NDArray[np.uint8]
    cell_words: NDArray[np.uint16]

    def __post_init__(self) -> None:
        n, m = len(self.offsets) - 1, len(self.places)
        rising = n >= 0 and self.offsets[0] == 0 and self.offsets[-1] == m and bool((np.diff(self.offsets) >= 0).all())
        c = int(self.cell_offsets[-1])
        expected = (m, 4), (m,), (m, _BYTES), (n, 2), (n, 2), (c, CODE_BYTES), (c,)
        fit = tuple(array.shape for array in self.arrays[1:]) == expected
        known = bool((self.words < codebook().words.n).all() and (self.cell_words < codebook().cell_words.n).all())
        positive = bool(self.shapes.all() and self.places[:, 2].all() and self.cell_grids.all())
        if not (rising and fit and known and positive):
            raise ValueError("the local features do not fit together")

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """What it was made of, in the order of `PARTS`."""
        return tuple(getattr(self, field.name) for field in fields(self))

    @cached_property
    def cell_offsets(self) -> NDArray[np.int64]:
        """Where the cells of each picture begin, and the end, (n + 1,)."""
        return np.concatenate([[0], np.cumsum(n_kept(self.cell_grids))]).astype(np.int64)

    def __getitem__(self, index: int) -> KeptFeatures:
        """The features of one picture."""
        part = slice(self.offsets[index], self.offsets[index + 1])
        cells = slice(self.cell_offsets[index], self.cell_offsets[index + 1])
        width, height = self.shapes[index].tolist()
        rows, columns = self.cell_grids[index].tolist()
        return KeptFeatures(
            (self.places[part] / STEPS).astype(np.float32),
            self.words[part],
            self.bits[part],
            width,
            height,
            KeptCells(self.cell_codes[cells], (rows, columns)),
            self.cell_words[cells],
        )


def table_of(pictures: Iterable[KeptFeatures]) -> FeatureTable:
    """Put the features of several pictures together."""
    listed = list(pictures)
    counts = np.array([len(one) for one in listed], np.int64)
    places = [np.rint(one.places * STEPS).astype(np.uint16) for one in listed]
    return FeatureTable(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.concatenate([np.empty((0, 4), np.uint16), *places]),
        np.concatenate([np.empty(0, np.uint16), *(one.words for one in listed)]),
        np.concatenate([np.empty((0, _BYTES), np.uint8), *(one.bits for one in listed)]),
        np.array([(one.width, one.height) for one in listed], np.uint16).reshape(-1, 2),
        np.array([one.kept_cells.grid for one in listed], np.uint8).reshape(-1, 2),
        np.concatenate([np.empty((0, CODE_BYTES), np.uint8), *(one.kept_cells.codes for one in listed)]),
        np.concatenate([np.empty(0, np.uint16), *(one.cell_words for one in listed)]),
    )
