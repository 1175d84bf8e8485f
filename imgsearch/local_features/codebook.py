"""Descriptors in few bytes: each becomes a word of a codebook and 192 bits."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch import ImgsearchError
from imgsearch.assets import ASSETS

CODEBOOK = ASSETS / "models" / "local_features.npz"
WORD_BYTES = 8  # bytes whose bits tell apart what has the same word
PLAIN_BYTES = 16  # bytes whose bits compare any two descriptors
LEVELS = 127
"""Whole numbers from −127 to 127 stand for what is computed with. Their products and sums are exact in float32, so
every order of adding, and with it every number of threads, gives the same words and bits."""

_VERSION = b"2"
"""Changes whenever keypoints are found or chosen in another way, so that galleries are given theirs anew."""


class Encoded(NamedTuple):
    """Words of descriptors, (m, n) uint16; the bits within each word, (m, n, 8) uint8; the others, (m, 16) uint8."""

    words: NDArray[np.uint16]
    word_bits: NDArray[np.uint8]
    plain_bits: NDArray[np.uint8]


class CodebookError(ImgsearchError):
    """A codebook that is missing or damaged; the text is one sentence with a remedy."""


class Codebook:
    """What `imgsearch.training.local_features` has learned.

    A descriptor is rooted (Arandjelović & Zisserman, *Three things everyone should know to improve object retrieval*,
    CVPR 2012), projected onto its principal directions, and then given the nearest of w words and, by the side of a
    median on which it lies along random directions, its bits (Jégou, Douze & Schmid, *Hamming embedding and weak
    geometric consistency*, ECCV 2008). 64 bits are cut at the medians of all that have the same word, and 128 at the
    medians of all.

    `projection` is (128, d), `words` are (w, d) and `directions` (d, 128); `centre`, (d,), is subtracted after the
    projection, and divided by `unit`, (d,). `medians`, (128,), are those of all descriptors along each direction, and
    `word_medians`, (w, 64), along the first 64 those of the descriptors that have the word.
    """

    def __init__(
        self,
        projection: NDArray[np.int8],
        centre: NDArray[np.float32],
        unit: NDArray[np.float32],
        words: NDArray[np.int8],
        directions: NDArray[np.int8],
        medians: NDArray[np.int32],
        word_medians: NDArray[np.int32],
    ) -> None:
        parts = (projection, centre, unit, words, directions, medians, word_medians)
        self.fingerprint = hashlib.sha256(_VERSION + b"".join(part.tobytes() for part in parts)).hexdigest()[:16]
        self.n_words = len(words)
        self._projection = projection.astype(np.float32)
        self._centre, self._unit = centre, unit
        self._words = words.astype(np.float32)
        self._half_norms = (self._words**2).sum(1) / 2
        self._directions = directions.astype(np.float32)
        self._medians = medians.astype(np.float32)
        self._word_medians = word_medians.astype(np.float32)

    @staticmethod
    def load(path: Path = CODEBOOK) -> "Codebook":
        """Read a codebook; CodebookError if it is not there, or is not one."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                return Codebook(*(stored[name] for name in _NAMES))
        except (OSError, ValueError, KeyError) as error:
            raise CodebookError(
                f"The codebook of the local features, {path.name}, is missing or damaged: install the program again."
            ) from error

    def project(self, descriptors: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(m, 128) uint8 → (m, d) whole numbers from −127 to 127, as float32."""
        return quantised(rooted(descriptors) @ self._projection, self._centre, self._unit)

    def encode(self, descriptors: NDArray[np.uint8], n_words: int = 1) -> Encoded:
        """The `n_words` words nearest to every descriptor, nearest first, and its bits."""
        projected = self.project(descriptors)
        distances = self._half_norms - projected @ self._words.T
        words = np.empty((len(descriptors), n_words), np.uint16)
        every = np.arange(len(descriptors))
        for place in range(n_words):
            words[:, place] = distances.argmin(1)
            distances[every, words[:, place]] = np.inf
        along = projected @ self._directions
        of_word = along[:, None, : 8 * WORD_BYTES] > self._word_medians[words]
        return Encoded(words, np.packbits(of_word, axis=2), np.packbits(along > self._medians, axis=1))


def rooted(descriptors: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The square roots of the shares of a descriptor's numbers in their sum, as whole numbers from 0 to 255."""
    sums = np.maximum(descriptors.sum(1, dtype=np.float32), 1)
    return np.asarray(np.rint(255 * np.sqrt(descriptors / sums[:, None])))


def quantised(
    values: NDArray[np.float32], centre: NDArray[np.float32], unit: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Whole numbers from −127 to 127, as float32."""
    return np.asarray(np.clip(np.rint((values - centre) / unit), -LEVELS, LEVELS))


@lru_cache(1)
def codebook() -> Codebook:
    """The codebook that is delivered; CodebookError if it is not there."""
    return Codebook.load()


_NAMES = ("projection", "centre", "unit", "words", "directions", "medians", "word_medians")
