"""The outside of an AVIF file: its boxes and the first bits of its AV1 streams, without decoding.

The box `ispe` says how large a picture is, and the AV1 stream inside says it again; a decoder believes the
stream. So both are read here, and frames are counted, because hidden ones cost as much as shown ones.

References: ISO/IEC 14496-12 (boxes), ISO/IEC 23008-12 (items), AV1 Bitstream & Decoding Process Specification,
sections 5.3 and 5.5 (open bitstream units, sequence header).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from imgsearch import ImgsearchError

MAX_BOXES = 10_000
MAX_ITEMS = 256
MAX_FRAMES = 4  # of one item; a still picture has one, a layered one few


class AvifError(ImgsearchError):
    """The file is not an AVIF file that can be trusted to a decoder."""


@dataclass(frozen=True, slots=True)
class Avif:
    """Size in pixels of the largest picture inside, and a file with only the still pictures and no metadata."""

    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class _Box:
    name: bytes
    start: int  # of the whole box
    body: int
    end: int


def read_avif(data: bytes) -> Avif:
    """Check sizes and frames of every picture of an AVIF file.

    Raises
    ------
    AvifError
        When the boxes are broken, or the streams are larger than the boxes say.
    struct.error, IndexError
        When the file is cut short.
    """
    rebuilt = bytearray(data)
    meta = None
    for box in _boxes(data, 0, len(data)):
        if box.name == b"ftyp":
            # A still picture only: of an animation the decoder then takes the one that stands for it.
            brands = (box.end - box.body) // 4 - 2
            rebuilt[box.body : box.end] = (b"avif\0\0\0\0" + b"mif1" * brands)[: box.end - box.body]
        elif box.name == b"meta" and meta is None:
            meta = box
        elif box.name != b"mdat":
            rebuilt[box.start + 4 : box.start + 8] = b"free"
    if meta is None:
        raise AvifError("no meta box")
    inside = {box.name: box for box in _boxes(data, meta.body + 4, meta.end)}
    if not {b"iloc", b"iinf", b"iprp"} <= inside.keys():
        raise AvifError("no items")
    sizes = list(_sizes(data, inside[b"iprp"]))
    if not sizes:
        raise AvifError("no size")
    kinds = dict(_kinds(data, inside[b"iinf"], rebuilt))
    idat = inside.get(b"idat")
    for item, extents in _places(data, inside[b"iloc"]):
        if kinds.get(item) != b"av01":
            continue
        stream = b"".join(_extent(data, idat, *extent) for extent in extents)
        _check_stream(stream, max(w for w, _ in sizes), max(h for _, h in sizes))
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return Avif(width, height, bytes(rebuilt))


def _boxes(data: bytes, start: int, end: int) -> Iterator[_Box]:
    for _ in range(MAX_BOXES):
        if start + 8 > end:
            return
        size, name = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, body)
            body += 8
        elif size == 0:
            size = end - start
        if size < body - start or start + size > end:
            raise AvifError("a box leaves its parent")
        yield _Box(name, start, body, start + size)
        start += size
    raise AvifError("too many boxes")


def _sizes(data: bytes, iprp: _Box) -> Iterator[tuple[int, int]]:
    for container in _boxes(data, iprp.body, iprp.end):
        if container.name == b"ipco":
            for box in _boxes(data, container.body, container.end):
                if box.name == b"ispe":
                    yield struct.unpack_from(">II", data, box.body + 4)


def _kinds(data: bytes, iinf: _Box, rebuilt: bytearray) -> Iterator[tuple[int, bytes]]:
    """Number and kind of each item; what is no picture is renamed in `rebuilt`, so that nobody reads it."""
    short = data[iinf.body] == 0
    for box in _boxes(data, iinf.body + (6 if short else 8), iinf.end):
        version = data[box.body]
        if box.name != b"infe" or version not in (2, 3):
            raise AvifError("an item of an unknown form")
        item, _, kind = struct.unpack_from(">HH4s" if version == 2 else ">IH4s", data, box.body + 4)
        if kind not in (b"av01", b"grid"):
            at = box.body + (8 if version == 2 else 10)
            rebuilt[at : at + 4] = b"skip"
        yield item, kind


def _places(data: bytes, iloc: _Box) -> Iterator[tuple[int, list[tuple[int, int, int]]]]:
    """Of each item its number and its parts: (0 file or 1 idat, offset, length)."""
    version = data[iloc.body]
    if version > 2:
        raise AvifError("an unknown list of places")
    sizes = struct.unpack_from(">BB", data, iloc.body + 4)
    offset_size, length_size, base_size = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4
    index_size = sizes[1] & 15 if version else 0
    wide = 4 if version == 2 else 2
    position = iloc.body + 6

    def number(size: int) -> int:
        nonlocal position
        if size not in (0, 2, 4, 8) or position + size > iloc.end:
            raise AvifError("a broken list of places")
        position += size
        return int.from_bytes(data[position - size : position], "big")

    count = number(wide)
    if count > MAX_ITEMS:
        raise AvifError("too many items")
    for _ in range(count):
        item = number(wide)
        method = number(2) & 15 if version else 0
        number(2)  # in which file
        base, parts = number(base_size), number(2)
        if method > 1 or parts > MAX_ITEMS:
            raise AvifError("an item in an unknown place")
        extents = []
        for _ in range(parts):
            number(index_size)
            offset, length = number(offset_size), number(length_size)
            extents.append((method, base + offset, length))
        yield item, extents


def _extent(data: bytes, idat: _Box | None, method: int, offset: int, length: int) -> bytes:
    start, end = (idat.body, idat.end) if method and idat else (0, len(data))
    if not length or start + offset + length > end:
        raise AvifError("an item outside of the file")
    return data[start + offset : start + offset + length]


def _check_stream(stream: bytes, width: int, height: int) -> None:
    """Walk the units of an AV1 stream: no more than a few frames, none larger than width x height."""
    position = frames = 0
    found = False
    for _ in range(MAX_BOXES):
        if position >= len(stream):
            break
        head = stream[position]
        position += 2 if head & 4 else 1
        size = len(stream) - position
        if head & 2:
            size = shift = 0
            while True:
                byte = stream[position]
                position += 1
                size |= (byte & 0x7F) << shift
                shift += 7
                if not byte & 0x80 or shift > 56:
                    break
        if position + size > len(stream):
            raise AvifError("a unit leaves its stream")
        kind = head >> 3 & 15
        if kind == 1:
            found = True
            wide, high = _sequence_size(stream[position : position + size])
            if wide > width or high > height:
                raise AvifError("the stream is larger than the picture")
        frames += kind in (3, 6)
        position += size
    if not found or frames > MAX_FRAMES or position < len(stream):
        raise AvifError("not one still picture")


def _sequence_size(header: bytes) -> tuple[int, int]:
    """Largest frame width and height from a sequence header (section 5.5.1)."""
    bits = int.from_bytes(header, "big")
    left = 8 * len(header)

    def read(count: int) -> int:
        nonlocal left
        left -= count
        if left < 0:
            raise AvifError("a sequence header that is cut short")
        return bits >> left & ((1 << count) - 1)

    read(4)  # profile, still picture
    if read(1):  # the short header of still pictures
        read(5)
    else:
        delay = 0
        has_model = 0
        if read(1):  # timing
            read(64)
            if read(1):
                zeros = 0
                while not read(1):
                    zeros += 1
                read(min(zeros, 32))
            has_model = read(1)
            if has_model:
                delay = read(5) + 1
                read(42)
        has_display_delay = read(1)
        for _ in range(read(5) + 1):
            read(12)
            if read(5) > 7:
                read(1)
            if has_model and read(1):
                read(2 * delay + 1)
            if has_display_delay and read(1):
                read(4)
    wide, high = read(4) + 1, read(4) + 1
    return read(wide) + 1, read(high) + 1
