"""The IDX files of Fashion-MNIST → arrays."""

import gzip
import os
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imgsearch import ImgsearchError

FASHION_LABELS = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)

_UNSIGNED_BYTE = 0x08


class DataError(ImgsearchError):
    """The training data is missing or not what it should be."""


@dataclass(frozen=True)
class Split:
    """One half of the data set: pictures (n, 28, 28) uint8, labels (n,) uint8 into `FASHION_LABELS`."""

    pictures: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def data_folder(given: Path | None = None) -> Path:
    """Where the data lies: `given`, else `$IMGSEARCH_DATA`, else `../shared/data` beside the repository."""
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    return Path(given or os.environ.get("IMGSEARCH_DATA") or default)


def is_fashion(folder: Path) -> bool:
    """Whether a folder has the train pictures of Fashion-MNIST, itself or as `fashion-mnist`."""
    return _plain_or_gzipped(fashion_folder(folder), "train-images-idx3-ubyte").is_file()


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read an IDX file of unsigned bytes (http://yann.lecun.com/exdb/mnist/), plain or gzipped, or raise DataError."""
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
    except FileNotFoundError:
        raise DataError(f"{path} is missing: name the folder that has the four IDX files with --data.") from None
    except (OSError, EOFError) as error:
        raise DataError(f"{path} cannot be read ({error}): fetch it again.") from None
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] != _UNSIGNED_BYTE:
        raise DataError(f"{path} is not an IDX file of unsigned bytes: fetch it again.")
    axes = raw[3]
    start = 4 + 4 * axes
    if len(raw) < start:
        raise DataError(f"{path} is cut short: fetch it again.")
    shape = struct.unpack(f">{axes}I", raw[4:start])
    values = np.frombuffer(raw, np.uint8, offset=start)
    if values.size != int(np.prod(shape, dtype=np.int64)):
        raise DataError(f"{path} holds {values.size} values where {shape} was announced: fetch it again.")
    return values.reshape(shape)


def read_fashion(folder: Path | None = None) -> tuple[Split, Split]:
    """The train and the test half of Fashion-MNIST; DataError if files are missing, damaged or of two sets."""
    root = fashion_folder(folder)

    def split(stem: str) -> Split:
        pictures = read_idx(_plain_or_gzipped(root, f"{stem}-images-idx3-ubyte"))
        labels = read_idx(_plain_or_gzipped(root, f"{stem}-labels-idx1-ubyte"))
        if pictures.shape[1:] != (28, 28) or labels.shape != pictures.shape[:1]:
            raise DataError(f"The {stem} files in {root} do not go together: fetch both again.")
        return Split(pictures, labels)

    return split("train"), split("t10k")


def fashion_folder(given: Path | None = None) -> Path:
    """Where the four files of Fashion-MNIST lie: `data_folder`, or `fashion-mnist` in it."""
    folder = data_folder(given)
    inner = folder / "fashion-mnist"
    return inner if inner.is_dir() else folder


def _plain_or_gzipped(root: Path, name: str) -> Path:
    plain = root / name
    return plain if plain.exists() else root / f"{name}.gz"
