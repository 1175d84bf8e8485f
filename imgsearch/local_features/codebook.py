"""Descriptors in few bytes: each becomes a word of a codebook and 192 bits."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch import ImgsearchError
from imgsearch.assets import ASSETS

CODEBOOK = ASSETS / "models" / "local_features.npz"
NETWORK = ASSETS / "models" / "local_features.tflite"
WORD_BYTES = 8  # bytes whose bits tell apart what has the same word
PLAIN_BYTES = 16  # bytes whose bits compare any two descriptors
LEVELS = 127
"""Whole numbers from −127 to 127 stand for what is computed with. Their products and sums are exact in float32, so
every order of adding, and with it every number of threads, gives the same words and bits."""

_VERSION = b"3"
"""Changes whenever keypoints are found or chosen in another way, so that galleries are given theirs anew."""


class Encoded(NamedTuple):
    """Words of vectors, (m, n) uint16, and the bits within each word, (m, n, 8) uint8."""

    words: NDArray[np.uint16]
    bits: NDArray[np.uint8]


class CodebookError(ImgsearchError):
    """A codebook that is missing or damaged; the text is one sentence with a remedy."""


class Words:
    """Words for vectors of d whole numbers, and bits within each word.

    A vector has the nearest of w words and, by the side of a median on which it lies along random directions, its bits
    (Jégou, Douze & Schmid, *Hamming embedding and weak geometric consistency*, ECCV 2008): the medians are those of all
    that have the same word.

    `words` are (w, d), `directions` (d, 64), `medians` (w, 64).
    """

    def __init__(
        self, words: NDArray[np.int8], directions: NDArray[np.int8], medians: NDArray[np.signedinteger]
    ) -> None:
        self.n = len(words)
        self._words = words.astype(np.float32)
        self._half_norms = (self._words**2).sum(1) / 2
        self._directions = directions.astype(np.float32)
        self._medians = medians.astype(np.float32)

    def encode(self, vectors: NDArray[np.float32], n_words: int = 1) -> Encoded:
        """The `n_words` words nearest to every vector, nearest first, and the bits within each."""
        distances = self._half_norms - vectors @ self._words.T
        words = np.empty((len(vectors), n_words), np.uint16)
        every = np.arange(len(vectors))
        for place in range(n_words):
            words[:, place] = distances.argmin(1)
            distances[every, words[:, place]] = np.inf
        return Encoded(words, self.bits(vectors, words))

    def bits(self, vectors: NDArray[np.float32], words: NDArray[np.uint16]) -> NDArray[np.uint8]:
        """The bits of vectors within words that are known, (m, n, 8) uint8."""
        return np.packbits((vectors @ self._directions)[:, None] > self._medians[words], axis=2)


class Codebook:
    """What `imgsearch.training.local_features` has learned.

    A descriptor of a keypoint is rooted (Arandjelović & Zisserman, *Three things everyone should know to improve object
    retrieval*, CVPR 2012) and projected onto its principal directions before it is given its words and bits; 128 more
    bits are cut at the medians of all. The vectors of cells have words and bits of their own.

    `projection` is (128, d), `words` are (w, d) and `directions` (d, 128); `centre`, (d,), is subtracted after the
    projection, and divided by `unit`, (d,). `medians`, (128,), are those of all descriptors along each direction, and
    `word_medians`, (w, 64), along the first 64 those of the descriptors that have the word.
    """

    def __init__(self, parts: Mapping[str, NDArray[Any]], network: bytes) -> None:
        arrays = [parts[name] for name in _NAMES]
        projection, self._centre, self._unit, words, directions, medians, word_medians, *of_cells = arrays
        # What the network makes of a picture is told from what another one makes of it, too.
        told = (_VERSION, *(part.tobytes() for part in arrays), network)
        self.fingerprint = hashlib.sha256(b"".join(told)).hexdigest()[:16]
        self.words = Words(words, directions[:, : 8 * WORD_BYTES], word_medians)
        self.cell_words = Words(*of_cells)
        self._projection = projection.astype(np.float32)
        self._directions = directions.astype(np.float32)
        self._medians = medians.astype(np.float32)

    @staticmethod
    def load(path: Path = CODEBOOK, network: Path = NETWORK) -> "Codebook":
        """Read a codebook; CodebookError if it, or the network whose cells it is for, is not there or is not one."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                return Codebook(stored, network.read_bytes())
        except (OSError, ValueError, KeyError) as error:
            raise CodebookError(damaged(path)) from error

    def project(self, descriptors: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(m, 128) uint8 → (m, d) whole numbers from −127 to 127, as float32."""
        return quantised(rooted(descriptors) @ self._projection, self._centre, self._unit)

    def plain_bits(self, projected: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Bits that compare any two descriptors, whatever their words, (m, 16) uint8."""
        return np.packbits(projected @ self._directions > self._medians, axis=1)


def damaged(path: Path) -> str:
    """Say what to do about a file of the local features that cannot be used."""
    return f"The codebook of the local features, {path.name}, is missing or damaged: install the program again."


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


_NAMES = (
    *("projection", "centre", "unit", "words", "directions", "medians", "word_medians"),
    *("cell_words", "cell_directions", "cell_word_medians"),
)
