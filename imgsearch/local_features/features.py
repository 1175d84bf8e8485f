"""What is kept of the keypoints of a picture, and of all pictures of a gallery."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture
from imgsearch.local_features.codebook import PLAIN_BYTES, WORD_BYTES, codebook
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
class QueryFeatures(Features):
    """Those of a query, with several words each: blur and noise push many a descriptor over the border of its word.

    `near_words` are (m, k) uint16, the nearest first, and `near_bits` (m, k, 8) uint8 the bits within each.
    """

    near_words: NDArray[np.uint16]
    near_bits: NDArray[np.uint8]


def describe_kept(picture: Picture) -> Features:
    """The features of a picture of a gallery, (h, w, 3) uint8. CodebookError if there is no codebook."""
    found = find_keypoints(picture, side=KEPT_SIDE, most=MAX_KEPT, large_first=True)
    words, word_bits, plain_bits = codebook().encode(found.descriptors)
    bits = np.concatenate([word_bits[:, 0], plain_bits], axis=1)
    return Features(found.places, words[:, 0], bits, found.width, found.height)


def describe_query(picture: Picture) -> tuple[QueryFeatures, QueryFeatures]:
    """The features of a query, (h, w, 3) uint8, and those of its mirror image, at the same places."""
    found = find_keypoints(picture, side=QUERY_SIDE, most=MAX_QUERY)
    return _of_query(found, found.descriptors), _of_query(found, mirrored(found.descriptors))


def _of_query(found: Keypoints, descriptors: NDArray[np.uint8]) -> QueryFeatures:
    words, word_bits, plain_bits = codebook().encode(descriptors, _QUERY_WORDS)
    bits = np.concatenate([word_bits[:, 0], plain_bits], axis=1)
    return QueryFeatures(found.places, words[:, 0], bits, found.width, found.height, words, word_bits)


PARTS: dict[str, tuple[str, tuple[int | None, ...]]] = {
    "feature-offsets": ("int64", (None,)),
    "feature-places": ("uint16", (None, 4)),
    "feature-words": ("uint16", (None,)),
    "feature-bits": ("uint8", (None, _BYTES)),
    "feature-shapes": ("uint16", (None, 2)),
}
"""Type and shape of the arrays of a table, by the name of the file in which a gallery keeps each."""


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """The features of all pictures of a gallery, one after the other; ValueError if the arrays do not belong together.

    `offsets`, (n + 1,), say where the features of each picture begin, and the end; `places`, (m, 4), are in steps of
    1/64 pixel and 1/128 degree; `shapes`, (n, 2), are width and height of each picture as it was looked at.
    """

    offsets: NDArray[np.int64]
    places: NDArray[np.uint16]
    words: NDArray[np.uint16]
    bits: NDArray[np.uint8]
    shapes: NDArray[np.uint16]

    def __post_init__(self) -> None:
        offsets, places, words, bits, shapes = self.arrays
        m = len(places)
        rising = len(offsets) > 0 and offsets[0] == 0 and offsets[-1] == m and bool((np.diff(offsets) >= 0).all())
        expected = (m, 4), (m,), (m, _BYTES), (len(offsets) - 1, 2)
        fit = (places.shape, words.shape, bits.shape, shapes.shape) == expected
        sound = fit and bool(shapes.all() and places[:, 2].all() and (words < codebook().n_words).all())
        if not rising or not sound:
            raise ValueError("the local features do not fit together")

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """What it was made of, in the order of `PARTS`."""
        return self.offsets, self.places, self.words, self.bits, self.shapes

    def __getitem__(self, index: int) -> Features:
        """The features of one picture."""
        part = slice(self.offsets[index], self.offsets[index + 1])
        width, height = self.shapes[index].tolist()
        return Features(
            (self.places[part] / STEPS).astype(np.float32), self.words[part], self.bits[part], width, height
        )


def table_of(pictures: Iterable[Features]) -> FeatureTable:
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
    )
