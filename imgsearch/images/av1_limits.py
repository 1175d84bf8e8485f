"""Bounds on the AV1 streams inside an AVIF file, before a decoder sees them.

The decoder believes the streams, not the size that the file says it has: 2,000 bytes that announce 8 x 8 pixels can
cost 500 MB, and Pillow has no setting against it. References: ISO/IEC 14496-12 (boxes), ISO/IEC 23008-12 (items),
AV1 Bitstream & Decoding Process Specification, sections 5.3 (units) and 5.5 (sequence header).
"""

from __future__ import annotations

from collections.abc import Iterator

MAX_PARTS = 10_000
"""Most boxes or units in a row, and most bytes of a list of items."""


def still_only(data: bytes, max_pixels: int) -> bytes:
    """Check the size of every stream of an AVIF file, and hide its film from the decoder.

    Parameters
    ----------
    data : bytes
        A whole AVIF file.
    max_pixels : int
        Most pixels of one frame. All frames of all streams, hidden ones too, may have four times as many together:
        a picture, its transparency and a few layers.

    Returns
    -------
    bytes
        A file of the same length without the film.

    Raises
    ------
    ValueError, IndexError
        When the boxes are broken, or a stream is larger.
    """
    still = bytearray(data)
    left = 4 * max_pixels
    for start, body, end in _boxes(data, 0, len(data)):
        name = data[start + 4 : start + 8]
        if name == b"ftyp":
            brands = (end - body) // 4 - 2
            still[body:end] = (b"avif\0\0\0\0" + b"mif1" * brands)[: end - body]
        elif name == b"meta":
            inside = {data[at + 4 : at + 8]: data[first:last] for at, first, last in _boxes(data, body + 4, end)}
            for stream in _items(data, inside[b"iloc"], inside.get(b"idat", b"")):
                pixels, frames = _frames(stream)
                left -= pixels * frames
                if pixels > max_pixels or left < 0:
                    raise ValueError("more pixels than the file says")
        elif name != b"mdat":
            still[start + 4 : start + 8] = b"free"
    return bytes(still)


class _Bits:
    """Whole numbers of any number of bits, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._number, self._left = int.from_bytes(data[:MAX_PARTS], "big"), 8 * len(data[:MAX_PARTS])

    def read(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise ValueError("cut short")
        return self._number >> self._left & ((1 << count) - 1)


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Start, start of the body, and end of each box between two positions."""
    for _ in range(MAX_PARTS):
        if start + 8 > end:
            return
        size, body = int.from_bytes(data[start : start + 4], "big"), start + 8
        if size == 1:
            size, body = int.from_bytes(data[body : body + 8], "big"), body + 8
        elif size == 0:
            size = end - start
        if size < body - start or start + size > end:
            raise ValueError("a box leaves its parent")
        yield start, body, start + size
        start += size
    raise ValueError("too many boxes")


def _items(data: bytes, iloc: bytes, idat: bytes) -> Iterator[bytes]:
    """The content of each item; one that is no stream reads as a stream without frames."""
    bits = _Bits(iloc)
    version, _ = bits.read(8), bits.read(24)
    offset_bits, length_bits, base_bits, index_bits = (8 * bits.read(4) for _ in range(4))
    total = 0
    for _ in range(bits.read(32 if version == 2 else 16)):
        bits.read(32 if version == 2 else 16)  # its number
        source = idat if version and bits.read(16) & 15 else data
        bits.read(16)  # in which file: this one
        base, content = bits.read(base_bits), []
        for _ in range(bits.read(16)):
            bits.read(index_bits if version else 0)
            begin, length = base + bits.read(offset_bits), bits.read(length_bits)
            total += length
            if not length or begin + length > len(source) or total > len(data):
                raise ValueError("an item outside of the file")
            content.append(source[begin : begin + length])
        yield b"".join(content)


def _frames(stream: bytes) -> tuple[int, int]:
    """Pixels of the largest frame that a stream announces, and how many frames it has."""
    position = largest = frames = 0
    for _ in range(MAX_PARTS):
        if position >= len(stream):
            return largest, max(1, frames)
        head = stream[position]
        position += 2 if head & 4 else 1
        size = len(stream) - position
        if head & 2:
            size = shift = 0
            more = True
            while more and shift < 56:
                size |= (stream[position] & 0x7F) << shift
                more = stream[position] >= 0x80
                position, shift = position + 1, shift + 7
        if (kind := head >> 3 & 15) == 1:
            largest = max(largest, _sequence_pixels(_Bits(stream[position : position + size])))
        frames += kind in (3, 6)
        position += size
    raise ValueError("too many units")


def _sequence_pixels(bits: _Bits) -> int:
    """Pixels of the largest frame that a sequence header announces."""
    bits.read(4)  # profile, still picture
    if bits.read(1):  # the short header of a still picture
        bits.read(5)
    else:
        if bits.read(2):  # timing, delay before showing
            raise ValueError("a film")
        for _ in range(bits.read(5) + 1):
            bits.read(12)
            if bits.read(5) > 7:
                bits.read(1)
    wide, high = bits.read(4) + 1, bits.read(4) + 1
    return (bits.read(wide) + 1) * (bits.read(high) + 1)
