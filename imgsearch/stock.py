"""The pictures of a gallery, as an array of one size or encoded one after the other."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Stock(Protocol):
    """Pictures that can be taken out one by one."""

    def __len__(self) -> int: ...

    def picture(self, index: int) -> NDArray[np.uint8]:
        """One picture, (h, w, 3) uint8."""
        ...

    def encoded(self, index: int) -> bytes | None:
        """The picture as the file that it is stored as, where it is one."""
        ...


class GreyStock:
    """Grey pictures of one size.

    Parameters
    ----------
    array : (n, h, w) uint8
    """

    def __init__(self, array: NDArray[np.uint8]) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def picture(self, index: int) -> NDArray[np.uint8]:
        return np.repeat(self.array[index][..., None], 3, axis=2)

    def encoded(self, index: int) -> bytes | None:
        return None


class PackedStock:
    """Encoded pictures, one after the other.

    Parameters
    ----------
    content : bytes-like
        WebP or JPEG files without a gap.
    offsets : (n + 1,) int64
        Where each begins; the last is the end.
    """

    def __init__(self, content: memoryview | bytes, offsets: NDArray[np.int64]) -> None:
        rising = len(offsets) > 0 and offsets[0] == 0 and bool((np.diff(offsets) >= 0).all())
        if not rising or offsets[-1] != len(content):
            raise ValueError("the offsets of the packed pictures do not fit their bytes")
        self.content = memoryview(content)
        self.offsets = offsets

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def picture(self, index: int) -> NDArray[np.uint8]:
        from imgsearch.pictures import read_picture

        return read_picture(self.encoded(index))

    def encoded(self, index: int) -> bytes:
        return bytes(self.content[self.offsets[index] : self.offsets[index + 1]])
