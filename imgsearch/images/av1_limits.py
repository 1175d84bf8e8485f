"""Bounds on the AV1 streams inside an AVIF file, before a decoder sees them.

libavif believes these, and Pillow cannot set its limit: 2,000 bytes that announce 8 x 8 pixels can cost 500 MB. See
ISO/IEC 14496-12 (boxes), ISO/IEC 23008-12 (items), and the AV1 specification, 5.3 (units) and 5.5 (sequence header).
"""

import re
from collections.abc import Callable, Iterator

MAX_PARTS = 10_000  # boxes or units in a row, and bytes of a list of items

_LEB128 = re.compile(rb"[\x80-\xff]{0,7}[\x00-\x7f]")  # a number of seven bits a byte, the lowest first


def still_only(data: bytes, max_pixels: int) -> bytes:
    """A copy of an AVIF file, of the same length, in which the decoder finds no film.

    ValueError if a frame has more than `max_pixels`, or all frames, hidden ones too, four times as many.
    """
    still = bytearray(data)
    left = 4 * max_pixels
    for start, body, end in _boxes(data, 0, len(data)):
        name = data[start + 4 : start + 8]
        if name == b"ftyp":
            still[body:end] = (b"avif\0\0\0\0" + b"mif1" * ((end - body) // 4 - 2))[: end - body]
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
    read = _bits(iloc)
    version, _ = read(8), read(24)
    offset_bits, length_bits, base_bits, index_bits = (8 * read(4) for _ in range(4))
    wide, left = 32 if version == 2 else 16, len(data)
    for _ in range(read(wide)):
        read(wide)  # the item's number
        source = idat if version and read(16) & 15 else data
        read(16)  # in which file: this one
        base, content = read(base_bits), bytearray()
        for _ in range(read(16)):
            read(index_bits if version else 0)
            begin, length = base + read(offset_bits), read(length_bits)
            left -= length
            if not length or begin + length > len(source) or left < 0:
                raise ValueError("an item outside of the file")
            content += source[begin : begin + length]
        yield bytes(content)


def _bits(data: bytes) -> Callable[[int], int]:
    """A function that reads whole numbers of any number of bits, one after the other."""
    number, left = int.from_bytes(data[:MAX_PARTS], "big"), 8 * len(data[:MAX_PARTS])

    def read(count: int) -> int:
        nonlocal left
        left -= count
        return number >> left & ((1 << count) - 1)  # ValueError at the end of the data

    return read


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
            number = _LEB128.match(stream, position)
            if number is None:
                raise ValueError("cut short")
            size = sum((byte & 0x7F) << 7 * at for at, byte in enumerate(number[0]))
            position = number.end()
        if (kind := head >> 3 & 15) == 1:
            largest = max(largest, _sequence_pixels(_bits(stream[position : position + size])))
        frames += kind in (3, 6)
        position += size
    raise ValueError("too many units")


def _sequence_pixels(read: Callable[[int], int]) -> int:
    """Pixels of the largest frame that a sequence header announces."""
    read(4)  # profile, still picture
    if read(1):  # the short header of a still picture
        read(5)
    else:
        if read(2):  # timing, delay before showing
            raise ValueError("a film")
        for _ in range(read(5) + 1):
            read(12)
            read(1 if read(5) > 7 else 0)
    wide, high = read(4) + 1, read(4) + 1
    return (read(wide) + 1) * (read(high) + 1)
