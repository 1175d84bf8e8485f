"""Which picture files are read, within which bounds, and the sentence for each file that is not."""

import io
import re
import subprocess
import sys
import warnings

from PIL import Image, features
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from imgsearch import ImgsearchError
from imgsearch.images import avif_process

warnings.filterwarnings("ignore", module=r"PIL\.")  # they are for programmers; a person gets a sentence

MAX_SIDE = 16_384  # pixels
MAX_PIXELS = 50_000_000  # a telephone's 48 megapixels are inside
MAX_MEMORY = 210_000_000  # bytes for the pixels; with the copies made afterwards it stays within 300 MB
MAX_SCAN_PIXELS = 600_000_000  # of a progressive JPEG, as each scan goes over the whole picture
MAX_READS = 1_000_000  # Pillow walks comments, chunks and run lengths in Python
MAX_SECONDS = 5  # of the processor, for an AVIF

_BYTES_A_PIXEL = {"PNG": 8.0, "GIF": 5.0, "WEBP": 16.0, "BMP": 8.0, "AVIF": 16.0}  # of decoder and picture
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # in a JPEG, what is neither coded data nor a restart

BROKEN = "The picture is damaged or cut short: send the whole file again, or save it anew as JPEG or PNG."
UNUSUAL = "The picture is stored in an unusual way that cannot be read here: save it anew as JPEG or PNG."
TOO_MANY = "The picture has too many pixels: send a copy of at most {} megapixels."
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
    """The first frame of a picture file within the bounds, else PictureError; a damaged file can raise anything."""
    kind = next(kind for start, kind in _KINDS.items() if re.match(start, data, re.DOTALL))
    if " " in kind:
        raise PictureError(kind)
    file = _BoundedFile(data)
    if kind == "AVIF":
        image = _decoded_apart(data)
    else:  # of several pictures in one JPEG, as telephones store them, Image.open would read more than the first
        image = JpegImageFile(file) if kind == "JPEG" else Image.open(file, formats=(kind,))
    most = int(min(MAX_PIXELS, MAX_MEMORY / _bytes_a_pixel(image, data, file.tell())))
    if max(image.size) > MAX_SIDE:
        raise PictureError(f"The picture is too long: send a copy whose longer side has at most {MAX_SIDE:,} pixels.")
    if image.width * image.height > most:
        raise PictureError(TOO_MANY.format(most // 1_000_000) if most >= 1_000_000 else UNUSUAL)
    return image


class _BoundedFile(io.BytesIO):
    """A file that may be read in `MAX_READS` pieces, and four times over: what costs more is no honest file."""

    pieces = total = 0

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        self.pieces += 1
        self.total += len(content)
        if self.pieces > MAX_READS or self.total > 4 * len(self.getbuffer()) + 1_000_000:
            raise PictureError(UNUSUAL)
        return content


def _decoded_apart(data: bytes) -> Image.Image:
    """An AVIF, decoded by another process, as libavif believes any file: 2,000 bytes can cost 500 MB, or hours."""
    end, size = 0, 8
    while size >= 8 and end + 8 <= len(data):  # its outer boxes (ISO/IEC 14496-12)
        size = int.from_bytes(data[end : end + 4], "big")
        end += size
    if end > len(data):  # cut short: not worth a process
        raise PictureError(BROKEN)
    most = int(MAX_MEMORY / _BYTES_A_PIXEL["AVIF"])
    command = [sys.executable, "-P", avif_process.__file__, str(most), str(MAX_SECONDS)]
    done = subprocess.run(command, input=data, capture_output=True, timeout=12 * MAX_SECONDS)
    if b"DecompressionBombError" in done.stderr:
        raise PictureError(TOO_MANY.format(most // 1_000_000))
    image = Image.open(io.BytesIO(done.stdout), formats=("PNG",))
    image.format = "AVIF"
    return image


def _bytes_a_pixel(image: Image.Image, data: bytes, position: int) -> float:
    """Memory of decoder and picture; `position` is where the coded data of a JPEG's first scan begins."""
    pixels = image.width * image.height
    if isinstance(image, TiffImageFile):  # its strips or tiles, of any size, are each decoded whole
        tags = image.tag_v2
        part = tags[322] * tags[323] if 322 in tags else image.width * min(image.height, tags.get(278) or image.height)
        return 8 + float(part * max(tags.get(258, (1,))) * tags.get(277, 1)) / 8 / pixels
    if not isinstance(image, JpegImageFile):
        return 4.0 if image.format == "PNG" and len(image.getbands()) == 1 else _BYTES_A_PIXEL[str(image.format)]
    sampling: list[int] = [across * down for _, across, down, _ in image.layer]
    if not image.info.get("progressive") and data[data.rindex(b"\xff\xda", 0, position) + 4] == len(sampling):
        return 0.5  # read in one pass, it can be decoded smaller
    # Of several scans all coefficients are kept, two bytes each, and every scan goes over them (ITU-T T.81, annex G).
    scans = 1
    # What only looks like a scan, in metadata and behind the picture, is stepped over.
    while (found := _MARKER.search(data, position)) and found[0] != b"\xff\xd9":
        scans += found[0] == b"\xff\xda"
        if scans * pixels > MAX_SCAN_PIXELS:
            raise PictureError(UNUSUAL)
        position = found.end() + max(2, int.from_bytes(data[found.end() : found.end() + 2], "big"))
    return 0.5 + 2 * sum(sampling) / max(sampling)
