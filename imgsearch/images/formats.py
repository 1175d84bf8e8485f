"""Which picture files are read, within which bounds, and the sentence for each file that is not.

Pillow reads the files. Around it stand the guards that it leaves to its caller: its formats are limited, the size of
a picture is checked before its pixels are decoded, and files that would cost far more than their size announces are
turned away: in too many pieces, of too many scans, with strips or tiles larger than the picture, with AV1 streams
larger than the file says.
"""

from __future__ import annotations

import io
import re
import warnings

from PIL import AvifImagePlugin, Image, TiffImagePlugin, WebPImagePlugin, features
from PIL.JpegImagePlugin import JpegImageFile

from imgsearch import ImgsearchError
from imgsearch.images.av1_limits import still_only

# Registers these formats with Pillow, which otherwise imports all of its fifty when it first meets one of them.
_PLUGINS = (AvifImagePlugin, TiffImagePlugin, WebPImagePlugin)

# What Pillow finds odd in a file, it tells programmers; a person gets the picture, or a sentence.
warnings.filterwarnings("ignore", module=r"PIL\.")

MAX_SIDE = 16_384
"""Longest side in pixels that is decoded."""
MAX_PIXELS = 50_000_000
"""Most pixels that are decoded: a telephone's 48 megapixels are inside."""
MAX_MEMORY = 210_000_000
"""Most bytes that decoding may take for pixels; with the copies made afterwards it stays within 300 MB."""
MAX_SCAN_PIXELS = 600_000_000
"""Most pixels times scans of a progressive JPEG: each scan goes over the whole picture."""
MAX_READS = 1_000_000
"""Most pieces in which a file may be read: Pillow walks comments, chunks and run lengths in Python."""

_BYTES_A_PIXEL = {"PNG": 8.0, "GIF": 5.0, "WEBP": 16.0, "BMP": 8.0, "AVIF": 16.0}  # of decoder and picture
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # in a JPEG, what is neither coded data nor a restart

EMPTY = "The file is empty: choose it again, or choose another picture."
UNKNOWN = "This is not a picture that can be read here: send JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF."
BROKEN = "The picture is damaged or cut short: send the whole file again, or save it anew as JPEG or PNG."
UNUSUAL = "The picture is stored in an unusual way that cannot be read here: save it anew as JPEG or PNG."

_STARTS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
}
_JPEG_XL = "This is a JPEG XL picture, which cannot be read here: save it as JPEG."
_NOT_READ = {
    b"PK\x03\x04": "This is a zip archive, not a picture: unpack it, and send a picture from it.",
    b"%PDF": "This is a PDF document, not a picture: save the page as JPEG, or send a screenshot of it.",
    b"\xff\x0a": _JPEG_XL,
    b"\0\0\0\x0cJXL ": _JPEG_XL,
    b"\0\0\0\x0cjP  ": "This is a JPEG 2000 picture, which cannot be read here: save it as JPEG.",
    b"8BPS": "This is a Photoshop document, which cannot be read here: save it as JPEG or PNG.",
}
_HEIC = "This is a HEIC picture, which cannot be read here: save it as JPEG."
_VIDEO = "This is a video: send a picture, for example a screenshot of it."
_SVG = "This is an SVG drawing, which cannot be read here: save it as PNG."
_NO_AVIF = "This is an AVIF picture, which cannot be read here: save it as JPEG."


class PictureError(ImgsearchError):
    """Why a picture cannot be used: one sentence that says what is wrong and what to do.

    The sentence never holds a path or anything that the file itself says.
    """


def open_picture(data: bytes) -> Image.Image:
    """Open a picture file by its content, never by its name, and check it against the bounds.

    Parameters
    ----------
    data : bytes
        A whole file.

    Returns
    -------
    PIL.Image.Image
        Its first frame, not decoded yet. To decode it can still raise anything.

    Raises
    ------
    PictureError
        When this is not a picture of a kind that is read here, is damaged, or is too large.
    """
    kind = _kind_of(data)
    try:
        file = _BoundedFile(still_only(data, int(MAX_MEMORY / _BYTES_A_PIXEL["AVIF"])) if kind == "AVIF" else data)
        # Of several pictures in one JPEG, as telephones store them, Pillow would read more than the first.
        image = JpegImageFile(file) if kind == "JPEG" else Image.open(file, formats=(kind,))
        if min(image.size) < 1:
            raise PictureError(BROKEN)
        if isinstance(image, JpegImageFile):
            cost = _jpeg_bytes(image, data, file.tell())
        elif isinstance(image, TiffImagePlugin.TiffImageFile):
            cost = _tiff_bytes(image)
        elif kind == "PNG" and len(image.getbands()) == 1:
            cost = 4.0
        else:
            cost = _BYTES_A_PIXEL[kind]
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(_too_many_pixels(MAX_PIXELS)) from None
    except Exception:
        # At a damaged file Pillow raises OSError, SyntaxError, struct.error, KeyError, MemoryError and more.
        raise PictureError(BROKEN) from None
    if max(image.size) > MAX_SIDE:
        raise PictureError(f"The picture is too long: send a copy whose longer side has at most {MAX_SIDE:,} pixels.")
    most = int(min(MAX_PIXELS, MAX_MEMORY / cost))
    if image.width * image.height > most:
        raise PictureError(_too_many_pixels(most) if most >= 1_000_000 else UNUSUAL)
    return image


class _BoundedFile(io.BytesIO):
    """A file that may be read in `MAX_READS` pieces, and four times over: what costs more is no honest file."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._reads, self._bytes = MAX_READS, 4 * len(data) + 1_000_000

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        self._reads -= 1
        self._bytes -= len(content)
        if self._reads < 0 or self._bytes < 0:
            raise PictureError(UNUSUAL)
        return content


def _kind_of(data: bytes) -> str:
    """Pillow's name of the format.

    Raises
    ------
    PictureError
        When it is none that is read here.
    """
    if not data:
        raise PictureError(EMPTY)
    for start, kind in _STARTS.items():
        if data.startswith(start):
            return kind
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        if b"avif" in data[8:64] or b"avis" in data[8:64]:
            if features.check("avif"):
                return "AVIF"
            raise PictureError(_NO_AVIF)
        heic = data[8:10] == b"he" or data[8:12] in (b"mif1", b"msf1")
        raise PictureError(_HEIC if heic else _VIDEO)
    for start, sentence in _NOT_READ.items():
        if data.startswith(start):
            raise PictureError(sentence)
    raise PictureError(_SVG if b"<svg" in data[:1024].lower() else UNKNOWN)


def _too_many_pixels(most: int) -> str:
    return f"The picture has too many pixels: send a copy of at most {most // 1_000_000} megapixels."


def _tiff_bytes(image: TiffImagePlugin.TiffImageFile) -> float:
    """Bytes that a pixel of a TIFF costs: its strips or tiles, of any size, are each decoded whole."""
    tags = image.tag_v2
    width, height = image.size
    part = tags[322] * tags[323] if 322 in tags else width * min(height, tags.get(278) or height)
    bits: int = max(tags.get(258, (1,))) * tags.get(277, 1)
    return 8 + float(part) * bits / 8 / (width * height)


def _jpeg_bytes(image: JpegImageFile, data: bytes, start: int) -> float:
    """Bytes that a pixel of a JPEG costs, where the coded data of its first scan begins at `start`.

    Read in one pass it is decoded smaller, for little memory. Of several scans the coefficients of the whole picture
    are kept, two bytes each, and every scan goes over all of them (ITU-T T.81, annexes B and G).

    Raises
    ------
    PictureError
        When going over them would take too long.
    """
    sampling: list[int] = [across * down for _, across, down, _ in image.layer]
    header = data.rindex(b"\xff\xda", 0, start)
    if not image.info.get("progressive") and data[header + 4] == len(sampling):
        return 0.5
    most = MAX_SCAN_PIXELS // (image.width * image.height)
    # The first, quick look also counts what follows the picture.
    if data.count(b"\xff\xda", start) >= most and _further_scans(data, start) >= most:
        raise PictureError(UNUSUAL)
    return 0.5 + 2 * sum(sampling) / max(sampling)


def _further_scans(data: bytes, position: int) -> int:
    scans = 0
    while (found := _MARKER.search(data, position)) and data[found.start() + 1] != 0xD9:
        position = found.start()
        scans += data[position + 1] == 0xDA
        position += 2 + max(2, int.from_bytes(data[position + 2 : position + 4], "big"))
    return scans
