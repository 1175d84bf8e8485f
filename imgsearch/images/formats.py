"""The outside of a picture file: its kind, size, orientation and colour profile, read without decoding.

Decoders are written for honest files. What a hostile file attacks is mostly not the pixels but all that
surrounds them: a million text chunks, an EXIF directory whose thousand entries each claim the whole file,
a canvas of 16,000 x 16,000 announced by forty bytes. So the outside is walked here, every count is checked,
and the decoder is given a new file with only what the pixels need.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from imgsearch import ImgsearchError

MAX_SIDE = 16_384
"""Longest side in pixels that is decoded."""
MAX_PIXELS = 50_000_000
"""Most pixels that are decoded; a telephone's 48 megapixels are inside."""
MAX_MEMORY = 210_000_000
"""Most bytes that one decoder may need for its pixels, by the estimates of this module."""

MAX_PROFILE = 2_000_000  # bytes; a printing press profile has 0.5 to 2 million
MAX_CHUNKS = 50_000  # parts of a JPEG, PNG or WebP file
MAX_EXIF_ENTRIES = 1_000
MAX_SCAN_PIXELS = 600_000_000  # pixels times scans of a progressive JPEG: time, not memory
MAX_GIF_EXTENSIONS = 4_000_000  # bytes of comments and the like before the first frame
MAX_RLE_BYTES = 2_000_000  # Pillow unpacks run lengths in Python
MAX_TIFF_PARTS = 20_000  # strips or tiles

READABLE = "JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF"

EMPTY = "The file is empty: choose it again, or choose another picture."
UNKNOWN = f"This is not a picture that can be read here: send {READABLE}."
BROKEN = "The picture is damaged or cut short: send the whole file again, or save it anew as JPEG or PNG."
UNUSUAL = "The picture is stored in an unusual way that cannot be read here: save it anew as JPEG or PNG."
HEIC = "This is a HEIC picture, which cannot be read here: share or export it as JPEG."


class PictureError(ImgsearchError):
    """Why a picture cannot be used: one sentence that says what is wrong and what to do.

    The sentence never holds a path or anything that the file itself says.
    """


@dataclass(frozen=True, slots=True)
class Container:
    """What is known of a picture before it is decoded.

    Attributes
    ----------
    kind : str
        Pillow's name of the format.
    width, height : int
        Stored size in pixels, before the orientation is applied; both at least 1.
    data : bytes
        A file with only what the pixels need.
    memory : float
        Bytes that the decoder needs for one pixel.
    orientation : int
        EXIF orientation, 1 to 8.
    profile : bytes or None
        Embedded ICC profile.
    inverted : bool
        Whether Pillow would invert the inks of a CMYK picture that is not inverted.
    """

    kind: str
    width: int
    height: int
    data: bytes
    memory: float
    orientation: int = 1
    profile: bytes | None = None
    inverted: bool = False


def read_container(data: bytes) -> Container:
    """Find out what `data` is by its content, never by its name, and check it against the bounds.

    Parameters
    ----------
    data : bytes
        A whole file.

    Returns
    -------
    Container

    Raises
    ------
    PictureError
        When this is not a picture of a kind that is read here, is damaged, or is too large.
    """
    if not data:
        raise PictureError(EMPTY)
    reader = next((reader for accepts, reader in _READERS if accepts(data)), None)
    if reader is None:
        raise PictureError(_unreadable(data))
    try:
        container = reader(data)
    except (struct.error, IndexError):
        raise PictureError(BROKEN) from None
    _check_size(container)
    return container


def _check_size(container: Container) -> None:
    width, height = container.width, container.height
    if width < 1 or height < 1:
        raise PictureError(BROKEN)
    most = int(min(MAX_PIXELS, MAX_MEMORY / container.memory))
    if max(width, height) > MAX_SIDE:
        raise PictureError(f"The picture is too long: send a copy whose longer side has at most {MAX_SIDE:,} pixels.")
    if width * height > most:
        raise PictureError(f"The picture has too many pixels: send a copy of at most {most // 1_000_000} megapixels.")


def _unreadable(data: bytes) -> str:
    """The sentence for a file that is none of the kinds read here."""
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand[:2] == b"he" or brand in (b"mif1", b"msf1"):
            return HEIC
        return "This is a video: send a picture, for example a screenshot of it."
    for start, sentence in (
        (b"PK\x03\x04", "This is a zip archive, not a picture: unpack it, and send a picture from it."),
        (b"%PDF", "This is a PDF document, not a picture: send a screenshot of it."),
        (b"\xff\x0a", "This is a JPEG XL picture, which cannot be read here: share or export it as JPEG."),
        (
            b"\0\0\0\x0cJXL ",
            "This is a JPEG XL picture, which cannot be read here: share or export it as JPEG.",
        ),
        (b"\0\0\0\x0cjP  ", "This is a JPEG 2000 picture, which cannot be read here: export it as JPEG."),
        (b"8BPS", "This is a Photoshop document, which cannot be read here: export it as JPEG or PNG."),
    ):
        if data.startswith(start):
            return sentence
    if b"<svg" in data[:1024].lower():
        return "This is an SVG drawing, which cannot be read here: export it as PNG."
    return UNKNOWN


# --- EXIF ----------------------------------------------------------------------------------------------


def _exif_orientation(exif: bytes) -> int:
    """Orientation 1 to 8 from an EXIF block, 1 when there is none; only this one number is read.

    EXIF is a TIFF directory (CIPA DC-008): entries of 12 bytes, the orientation is entry 0x0112.
    """
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (offset,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, offset)
        for entry in range(min(count, MAX_EXIF_ENTRIES)):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", exif, offset + 2 + 12 * entry)
            if tag == 0x0112:
                return value if kind == 3 and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


# --- JPEG ----------------------------------------------------------------------------------------------

_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def _read_jpeg(data: bytes) -> Container:
    """Walk the segments up to the first scan (ITU-T T.81 annex B), keep those that the decoder needs."""
    kept = [b"\xff\xd8"]
    exif = b""
    profile: list[bytes] = []
    frame: bytes | None = None
    adobe = progressive = False
    position = 2
    for _ in range(MAX_CHUNKS):
        if data[position] != 0xFF:
            raise PictureError(BROKEN)
        while data[position + 1] == 0xFF:  # any number of fill bytes may come before a marker
            position += 1
        marker = data[position + 1]
        if marker in (0x00, 0xD8, 0xD9) or 0xD0 <= marker <= 0xD7:
            raise PictureError(BROKEN)
        (length,) = struct.unpack_from(">H", data, position + 2)
        segment = data[position : position + 2 + length]
        if length < 2 or len(segment) < 2 + length:
            raise PictureError(BROKEN)
        body = segment[4:]
        if marker == 0xDA:
            break
        if marker in (0xC0, 0xC1, 0xC2):
            if frame is not None:
                raise PictureError(BROKEN)
            frame, progressive = body, marker == 0xC2
            kept.append(segment)
        elif 0xC3 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            raise PictureError(UNUSUAL)  # lossless, hierarchical or arithmetic coding
        elif marker in (0xC4, 0xDB, 0xDD) or (marker == 0xE0 and body.startswith(b"JFIF\0") and length <= 16):
            kept.append(segment)
        elif marker == 0xEE and body.startswith(b"Adobe") and length == 14:
            adobe = True
            kept.append(segment)
        elif marker == 0xE1 and body.startswith(b"Exif\0\0") and not exif:
            exif = body
        elif marker == 0xE2 and body.startswith(b"ICC_PROFILE\0") and len(profile) < 255:
            profile.append(body[12:])
        position += 2 + length
    else:
        raise PictureError(UNUSUAL)
    if frame is None or len(frame) < 6:
        raise PictureError(BROKEN)
    precision, height, width, components = struct.unpack_from(">BHHB", frame)
    if precision != 8 or components not in (1, 3, 4):
        raise PictureError(UNUSUAL)
    if len(frame) < 6 + 3 * components:
        raise PictureError(BROKEN)
    sampling = [(frame[7 + 3 * c] >> 4, frame[7 + 3 * c] & 15) for c in range(components)]
    widest, highest = max(h for h, _ in sampling), max(v for _, v in sampling)
    if not all(1 <= h <= 4 and 1 <= v <= 4 for h, v in sampling):
        raise PictureError(BROKEN)
    memory = 0.5  # the decoder is asked for a smaller picture when the whole one would be large
    if progressive or data[position + 4] != components:
        # The coefficients of the whole picture are kept, two bytes each, and every scan goes over them.
        memory += 2 * sum(h * v for h, v in sampling) / (widest * highest)
        if width * height * _count_scans(data, position) > MAX_SCAN_PIXELS:
            raise PictureError(UNUSUAL)
    return Container(
        "JPEG",
        width,
        height,
        b"".join(kept) + data[position:],
        memory,
        _exif_orientation(exif),
        _joined_profile(profile),
        inverted=components == 4 and not adobe,
    )


def _count_scans(data: bytes, position: int) -> int:
    """Scans from `position` on, at least as many as the decoder will see."""
    most = data.count(b"\xff\xda", position)
    if most <= 20:
        return most
    # Trailing data (a second picture, a film) counts too: look closer, from marker to marker.
    scans = 0
    while found := _SCAN_END.search(data, position):
        marker, position = data[found.start() + 1], found.start()
        if marker == 0xD9:
            break
        scans += marker == 0xDA
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        position += 2 + max(2, length)
    return scans


def _joined_profile(parts: list[bytes]) -> bytes | None:
    """The ICC profile of APP2 segments: byte 0 is the number of the part, byte 1 how many there are."""
    if not parts or any(len(part) < 2 for part in parts):
        return None
    profile = b"".join(part[2:] for part in sorted(parts, key=lambda part: part[0]))
    return profile if len(profile) <= MAX_PROFILE else None


# --- PNG -----------------------------------------------------------------------------------------------


def _read_png(data: bytes) -> Container:
    """Walk the chunks; keep header, palette, transparency and pixels (the still picture of an APNG)."""
    import zlib

    kept = [data[:8]]
    exif = b""
    profile = None
    position = 8
    for _ in range(MAX_CHUNKS):
        length, name = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        body = memoryview(data)[position + 8 : min(end - 4, len(data))]
        if name in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
            kept.append(data[position:end])
        elif name == b"eXIf":
            exif = bytes(body[:65_536])
        elif name == b"iCCP" and profile is None:
            _, _, packed = bytes(body[:MAX_PROFILE]).partition(b"\0")
            unpack = zlib.decompressobj()
            try:
                profile = unpack.decompress(packed[1:], MAX_PROFILE)
            except zlib.error:
                profile = b""
            if not unpack.eof:
                profile = b""
        if name == b"IEND" or end >= len(data):
            break
        position = end
    else:
        raise PictureError(UNUSUAL)
    length, name, width, height, _, colour = struct.unpack_from(">I4sIIBB", data, 8)
    if name != b"IHDR" or length != 13:
        raise PictureError(BROKEN)
    # 16-bit rows pass through a buffer only, but they are twice the work.
    memory = 4.0 if colour in (0, 3) else 8.0
    return Container("PNG", width, height, b"".join(kept), memory, _exif_orientation(exif), profile or None)


# --- GIF -----------------------------------------------------------------------------------------------


def _read_gif(data: bytes) -> Container:
    """Walk to the first frame; keep the palette, its transparency and its pixels."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    position = 13 + ((6 << (flags & 7)) if flags & 0x80 else 0)
    head = data[:position]
    control = b""
    limit = position + MAX_GIF_EXTENSIONS
    while (block := data[position]) != 0x2C:
        if block != 0x21:
            raise PictureError(BROKEN)
        if position > limit:
            raise PictureError(UNUSUAL)
        if data[position + 1] == 0xF9 and data[position + 2] == 4:
            control = data[position : position + 8]
        position += 2
        while size := data[position]:
            position += size + 1
            if position > limit:
                raise PictureError(UNUSUAL)
        position += 1
    x, y, wide, high = struct.unpack_from("<HHHH", data, position + 1)
    if not wide or not high:
        raise PictureError(BROKEN)
    return Container("GIF", max(width, x + wide), max(height, y + high), head + control + data[position:], 5)


# --- WebP ----------------------------------------------------------------------------------------------


def _chunks(data: bytes, position: int, end: int) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Name, body and whole of each chunk of a RIFF file."""
    for _ in range(MAX_CHUNKS):
        if position + 8 > end:
            return
        name, size = struct.unpack_from("<4sI", data, position)
        whole = position + 8 + size + (size & 1)
        if position + 8 + size > end:
            raise PictureError(BROKEN)
        yield name, data[position + 8 : position + 8 + size], data[position : min(whole, end)]
        position = whole
    raise PictureError(UNUSUAL)


def _webp_size(name: bytes, body: bytes) -> tuple[int, int]:
    """Size in the header of a lossy (RFC 6386) or lossless (RFC 9649) bit stream."""
    if name == b"VP8 ":
        if body[3:6] != b"\x9d\x01\x2a":
            raise PictureError(BROKEN)
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    if body[0] != 0x2F:
        raise PictureError(BROKEN)
    (bits,) = struct.unpack_from("<I", body, 1)
    return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1


def _read_webp(data: bytes) -> Container:
    """Keep the pixels of the still picture or of the first frame, with their transparency."""
    kept: list[bytes] = []
    sizes: list[tuple[int, int]] = []
    exif = profile = b""
    (riff,) = struct.unpack_from("<I", data, 4)
    if riff + 8 > len(data):
        raise PictureError(BROKEN)
    done = False
    for name, body, whole in _chunks(data, 12, riff + 8):
        if name == b"VP8X" and not kept:
            sizes.append((1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")))
            # Bits 2 to 5 announce metadata, which stays behind; 0x10 is transparency, 0x02 animation.
            kept.append(whole[:8] + bytes([body[0] & 0x12]) + whole[9:])
        elif name == b"EXIF":
            exif = body
        elif name == b"ICCP" and len(body) <= MAX_PROFILE:
            profile = body
        elif done:
            continue
        elif name in (b"ANIM", b"ALPH"):
            kept.append(whole)
        elif name in (b"VP8 ", b"VP8L"):
            sizes.append(_webp_size(name, body))
            kept.append(whole)
            done = True
        elif name == b"ANMF":
            for inner, inner_body, _ in _chunks(body, 16, len(body)):
                if inner in (b"VP8 ", b"VP8L"):
                    sizes.append(_webp_size(inner, inner_body))
            kept.append(whole)
            done = True
    if not done:
        raise PictureError(BROKEN)
    pixels = b"".join(kept)
    rebuilt = b"RIFF" + struct.pack("<I", 4 + len(pixels)) + b"WEBP" + pixels
    # Pillow's decoder holds two canvases, a copy and the picture, four bytes a pixel each.
    width, height = max(w for w, _ in sizes), max(h for _, h in sizes)
    return Container("WEBP", width, height, rebuilt, 16, _exif_orientation(exif), profile or None)


# --- BMP -----------------------------------------------------------------------------------------------


def _read_bmp(data: bytes) -> Container:
    (header,) = struct.unpack_from("<I", data, 14)
    compression = 0
    if header == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
    elif 40 <= header <= 124:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
        height = abs(height)  # a negative height counts rows from the top
    else:
        raise PictureError(UNUSUAL)
    if compression in (1, 2):
        if len(data) > MAX_RLE_BYTES or width * height > 4 * MAX_RLE_BYTES:
            raise PictureError(UNUSUAL)
    elif compression in (0, 3):
        if (width * bits + 31) // 32 * 4 * height > len(data):
            raise PictureError(BROKEN)
    else:
        raise PictureError(UNUSUAL)
    return Container("BMP", width, height, data, 8)


# --- TIFF ----------------------------------------------------------------------------------------------

_TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_TIFF_FORMATS = {1: "B", 3: "H", 4: "I"}
_TIFF_PARTS = (273, 279, 324, 325)  # where strips and tiles lie, and their sizes
_TIFF_KEPT = {  # tag: most values of it
    **dict.fromkeys((256, 257, 259, 262, 266, 277, 278, 284, 292, 293, 317, 322, 323), 1),
    **dict.fromkeys((258, 338, 339), 8),  # bits, extra samples, sample format
    **dict.fromkeys(_TIFF_PARTS, MAX_TIFF_PARTS),
    320: 3 * 65_536,  # palette
    347: 65_536,  # JPEG tables
    529: 3,
    530: 2,
    531: 1,
    532: 6,
}
_TIFF_COMPRESSIONS = (1, 2, 3, 4, 5, 7, 8, 32773, 32946)


def _read_tiff(data: bytes) -> Container:
    """Copy the first directory with only the entries that the pixels need (TIFF 6.0, section 2)."""
    order = "<" if data[:2] == b"II" else ">"
    (offset,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, offset)
    if count > MAX_EXIF_ENTRIES:
        raise PictureError(UNUSUAL)
    entries: dict[int, bytes] = {}
    values: dict[int, tuple[int, ...]] = {}
    profile = b""
    for i in range(count):
        start = offset + 2 + 12 * i
        tag, kind, number = struct.unpack_from(order + "HHI", data, start)
        size = number * _TIFF_SIZES.get(kind, 1)
        if tag == 34675 and size <= MAX_PROFILE:
            (where,) = struct.unpack_from(order + "I", data, start + 8)
            profile = data[where : where + size]
        if tag not in _TIFF_KEPT and tag != 274:
            continue
        if number > _TIFF_KEPT.get(tag, 1) or kind not in _TIFF_SIZES:
            raise PictureError(UNUSUAL)
        entries[tag] = data[start : start + 12]
        where = start + 8 if size <= 4 else struct.unpack_from(order + "I", data, start + 8)[0]
        if start + 12 > len(data) or where + size > len(data):
            raise PictureError(BROKEN)
        if kind in _TIFF_FORMATS and number:
            values[tag] = struct.unpack_from(f"{order}{number}{_TIFF_FORMATS[kind]}", data, where)

    def first(tag: int, default: int) -> int:
        return values.get(tag, (default,))[0]

    width, height = first(256, 0), first(257, 0)
    bits, samples = max(values.get(258, (1,))), first(277, 1)
    if first(259, 1) not in _TIFF_COMPRESSIONS or bits > 64 or not 1 <= samples <= 8:
        raise PictureError(UNUSUAL)
    wide, high = first(322, width), first(323, first(278, height))
    if not width or not height or not wide or not high:
        raise PictureError(BROKEN)
    high = min(high, height) if 323 not in values else high
    parts = -(-width // wide) * -(-height // high) * (samples if first(284, 1) == 2 else 1)
    found = max(len(values.get(tag, ())) for tag in _TIFF_PARTS)
    if found > parts or wide * high > MAX_PIXELS:
        raise PictureError(BROKEN)
    part_bytes = wide * high * bits * samples / 8
    entries.pop(274, None)  # applied by the reader of the pixels, not twice
    directory = struct.pack(order + "H", len(entries)) + b"".join(entries[tag] for tag in sorted(entries)) + bytes(4)
    body = data[8:] + bytes(len(data) & 1)
    rebuilt = data[:4] + struct.pack(order + "I", 8 + len(body)) + body + directory
    memory = 8 + part_bytes / (width * height)
    orientation = first(274, 1)
    return Container(
        "TIFF", width, height, rebuilt, memory, orientation if 1 <= orientation <= 8 else 1, profile or None
    )


# --- AVIF ----------------------------------------------------------------------------------------------


def _read_avif(data: bytes) -> Container:
    from PIL import features

    from imgsearch.images.avif import AvifError, read_avif

    if not features.check("avif"):
        raise PictureError("This is an AVIF picture, which cannot be read here: share or export it as JPEG.")
    try:
        found = read_avif(data)
    except AvifError:
        raise PictureError(BROKEN) from None
    # Planes of up to 16 bits, the decoder's pixels, a copy and the picture.
    return Container("AVIF", found.width, found.height, found.data, 16)


_READERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], Container]], ...] = (
    (lambda data: data.startswith(b"\xff\xd8\xff"), _read_jpeg),
    (lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"), _read_png),
    (lambda data: data.startswith((b"GIF87a", b"GIF89a")), _read_gif),
    (lambda data: data.startswith(b"RIFF") and data[8:12] == b"WEBP", _read_webp),
    (lambda data: data.startswith(b"BM"), _read_bmp),
    (lambda data: data.startswith((b"II*\0", b"MM\0*")), _read_tiff),
    (lambda data: data[4:8] == b"ftyp" and (b"avif" in data[8:64] or b"avis" in data[8:64]), _read_avif),
)
