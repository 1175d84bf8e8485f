"""The pictures of a gallery, as an array of one size or as encoded files."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from imgsearch.images.reading import read_picture

Encoded = bytes | memoryview


class PictureStore(Protocol):
    """Pictures that can be taken out one by one."""

    def __len__(self) -> int: ...

    def picture(self, index: int) -> NDArray[np.uint8]:
        """One picture, (h, w, 3) uint8."""

    def encoded(self, index: int) -> bytes | None:
        """The picture as the file that it is stored as, where it is one."""


class ArrayStore:
    """Grey pictures of one size, (n, h, w) uint8."""

    def __init__(self, array: NDArray[np.uint8]) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def picture(self, index: int) -> NDArray[np.uint8]:
        return np.repeat(self.array[index][..., None], 3, axis=2)

    def encoded(self, index: int) -> bytes | None:
        return None


class FileStore:
    """Pictures that are files, WebP or JPEG."""

    def __init__(self, files: Sequence[Encoded]) -> None:
        self.files = files

    def __len__(self) -> int:
        return len(self.files)

    def picture(self, index: int) -> NDArray[np.uint8]:
        return read_picture(self.files[index])

    def encoded(self, index: int) -> bytes:
        return bytes(self.files[index])

    def offsets(self) -> NDArray[np.int64]:
        """Where each file begins when they follow one another, and the end: (n + 1,) int64."""
        offsets = np.zeros(len(self.files) + 1, np.int64)
        np.cumsum([len(file) for file in self.files], out=offsets[1:])
        return offsets


class Packed(Sequence[memoryview]):
    """Files that follow one another in one piece of memory; `offsets` has where each begins, and the end."""

    def __init__(self, content: memoryview, offsets: NDArray[np.int64]) -> None:
        rising = len(offsets) > 0 and offsets[0] == 0 and bool((np.diff(offsets) >= 0).all())
        if not rising or offsets[-1] != len(content):
            raise ValueError("the offsets of the packed files do not fit their bytes")
        self._content = content
        self._offsets = offsets

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, index: int) -> memoryview:  # type: ignore[override]  # nobody asks for a slice
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._content[self._offsets[index] : self._offsets[index + 1]]
