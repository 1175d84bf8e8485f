"""Which picture files are read, within which bounds, and the sentence for each file that is not.

What Pillow leaves to its caller: which formats, how many pixels, pieces and scans, and strips and streams of what size.
"""

import io
import re
import warnings

from PIL import AvifImagePlugin, Image, TiffImagePlugin, WebPImagePlugin, features  # noqa: F401 (registers them)
from PIL.JpegImagePlugin import JpegImageFile

from imgsearch import ImgsearchError
from imgsearch.images.av1_limits import still_only

warnings.filterwarnings("ignore", module=r"PIL\.")  # they are for programmers; a person gets a sentence

MAX_SIDE = 16_384  # pixels
MAX_PIXELS = 50_000_000  # a telephone's 48 megapixels are inside
MAX_MEMORY = 210_000_000  # bytes for the pixels; with the copies made afterwards it stays within 300 MB
MAX_SCAN_PIXELS = 600_000_000  # of a progressive JPEG, as each scan goes over the whole picture
MAX_READS = 1_000_000  # Pillow walks comments, chunks and run lengths in Python

_BYTES_A_PIXEL = {"PNG": 8.0, "GIF": 5.0, "WEBP": 16.0, "BMP": 8.0, "AVIF": 16.0}  # of decoder and picture
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # in a JPEG, what is neither coded data nor a restart

BROKEN = "The picture is damaged or cut short: send the whole file again, or save it anew as JPEG or PNG."
UNUSUAL = "The picture is stored in an unusual way that cannot be read here: save it anew as JPEG or PNG."

_TOO_MANY = "The picture has too many pixels: send a copy of at most {} megapixels."
_NOT_READ = "This is a {}, which cannot be read here: save it as {}."
_KINDS = {
    rb"\Z": "The file is empty: choose it again, or choose another picture.",
    rb"\xff\xd8\xff": "JPEG",
    rb"\x89PNG\r\n\x1a\n": "PNG",
    rb"GIF8[79]a": "GIF",
    rb"RIFF....WEBP": "WEBP",
    rb"BM": "BMP",
    rb"II\*\0|MM\0\*": "TIFF",
    rb"....ftyp.{0,52}avi[fs]": "AVIF" if features.check("avif") else _NOT_READ.format("AVIF picture", "JPEG"),
    rb"....ftyp(he|mif1|msf1)": _NOT_READ.format("HEIC picture", "JPEG"),
    rb"....ftyp": "This is a video: send a picture, for example a screenshot of it.",
    rb"PK\x03\x04": "This is a zip archive, not a picture: unpack it, and send a picture from it.",
    rb"%PDF": "This is a PDF document, not a picture: save the page as JPEG, or send a screenshot of it.",
    rb"\xff\x0a|\0\0\0\x0cJXL ": _NOT_READ.format("JPEG XL picture", "JPEG"),
    rb"\0\0\0\x0cjP  ": _NOT_READ.format("JPEG 2000 picture", "JPEG"),
    rb"8BPS": _NOT_READ.format("Photoshop document", "JPEG or PNG"),
    rb"(?i).{0,1020}<svg": _NOT_READ.format("SVG drawing", "PNG"),
    rb"": "This is not a picture that can be read here: send JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF.",
}
"""How files begin: Pillow's name of the format, or the sentence for one that is not read."""


class PictureError(ImgsearchError):
    """Why a picture cannot be used: what is wrong and what to do, never with a path or anything that the file says."""


def open_picture(data: bytes) -> Image.Image:
    """The first frame of a picture file within the bounds, else PictureError; to decode it can raise anything."""
    kind = next(kind for start, kind in _KINDS.items() if re.match(start, data, re.DOTALL))
    if " " in kind:
        raise PictureError(kind)
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
        else:
            cost = 4.0 if kind == "PNG" and len(image.getbands()) == 1 else _BYTES_A_PIXEL[kind]
    except PictureError:
        raise
    except Image.DecompressionBombError:
        raise PictureError(_TOO_MANY.format(MAX_PIXELS // 1_000_000)) from None
    except Exception:  # at a damaged file: OSError, SyntaxError, struct.error, KeyError, MemoryError and more
        raise PictureError(BROKEN) from None
    if max(image.size) > MAX_SIDE:
        raise PictureError(f"The picture is too long: send a copy whose longer side has at most {MAX_SIDE:,} pixels.")
    most = int(min(MAX_PIXELS, MAX_MEMORY / cost))
    if image.width * image.height > most:
        raise PictureError(_TOO_MANY.format(most // 1_000_000) if most >= 1_000_000 else UNUSUAL)
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


def _tiff_bytes(image: TiffImagePlugin.TiffImageFile) -> float:
    """Bytes that a pixel of a TIFF costs: its strips or tiles, of any size, are each decoded whole."""
    tags = image.tag_v2
    width, height = image.size
    part = tags[322] * tags[323] if 322 in tags else width * min(height, tags.get(278) or height)
    bits: int = max(tags.get(258, (1,))) * tags.get(277, 1)
    return 8 + float(part) * bits / 8 / (width * height)


def _jpeg_bytes(image: JpegImageFile, data: bytes, position: int) -> float:
    """Bytes that a pixel of a JPEG costs; `position` is where the coded data of its first scan begins."""
    sampling: list[int] = [across * down for _, across, down, _ in image.layer]
    if not image.info.get("progressive") and data[data.rindex(b"\xff\xda", 0, position) + 4] == len(sampling):
        return 0.5  # read in one pass, it can be decoded smaller
    # Of several scans all coefficients are kept, two bytes each, and every scan goes over them (ITU-T T.81, annex G).
    left = MAX_SCAN_PIXELS // (image.width * image.height)
    # What only looks like a scan, in metadata and behind the picture, is stepped over.
    while (found := _MARKER.search(data, position)) and data[found.start() + 1] != 0xD9:
        position = found.start()
        left -= data[position + 1] == 0xDA
        if left <= 0:
            raise PictureError(UNUSUAL)
        position += 2 + max(2, int.from_bytes(data[position + 2 : position + 4], "big"))
    return 0.5 + 2 * sum(sampling) / max(sampling)
