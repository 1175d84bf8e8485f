"""The IDX files of Fashion-MNIST → arrays."""

import gzip
import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imgsearch import ImgsearchError

FASHION_LABELS = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)


class DataError(ImgsearchError):
    """The training data is missing or not what it should be."""


@dataclass(frozen=True)
class Split:
    """One half of the data set: pictures (n, 28, 28) uint8, labels (n,) uint8 into `FASHION_LABELS`."""

    pictures: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def is_fashion(folder: Path) -> bool:
    """Whether a folder has the train pictures of Fashion-MNIST."""
    return (folder / "train-images-idx3-ubyte.gz").is_file()


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read a gzipped IDX file of unsigned bytes (http://yann.lecun.com/exdb/mnist/), or raise DataError."""
    try:
        raw = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        raise DataError(f"{path} is missing: name the folder that has the four IDX files with --data.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}): fetch it again.") from None
    if len(raw) < 4 or raw[:3] != b"\0\0\x08":
        raise DataError(f"{path} is not an IDX file of unsigned bytes: fetch it again.")
    start = 4 + 4 * raw[3]
    shape = [int.from_bytes(raw[at : at + 4], "big") for at in range(4, start, 4)]
    if len(raw) != start + math.prod(shape):
        raise DataError(f"{path} is cut short or too long: fetch it again.")
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape)


def read_fashion(folder: Path) -> tuple[Split, Split]:
    """The train and the test half of Fashion-MNIST; DataError if files are missing, damaged or of two sets."""

    def split(stem: str) -> Split:
        pictures = read_idx(folder / f"{stem}-images-idx3-ubyte.gz")
        labels = read_idx(folder / f"{stem}-labels-idx1-ubyte.gz")
        if pictures.shape[1:] != (28, 28) or labels.shape != pictures.shape[:1]:
            raise DataError(f"The {stem} files in {folder} do not go together: fetch both again.")
        return Split(pictures, labels)

    return split("train"), split("t10k")
