"""Bytes of a picture file become an upright RGB array, or a sentence that says why not."""

import io
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

from imgsearch.images.formats import BROKEN, MAX_PIXELS, TOO_MANY, PictureError, open_picture
from imgsearch.images.transforms import Picture, fit

MAX_BYTES = 25_000_000  # of a file
MAX_DECODED_SIDE = 4_096  # pixels; what is larger is handed out reduced

_BAND_PIXELS = 2_000_000  # converted at a time, so that a conversion costs little memory
_SRGB = ImageCms.createProfile("sRGB")


def read_picture(data: bytes | bytearray | memoryview | os.PathLike[str], *, longest: int | None = None) -> Picture:
    """Decode a picture into upright 8-bit RGB, bounded in bytes, sides and pixels before anything is decoded.

    The kind of file is found by its content. Colours are converted to sRGB by an embedded profile, deep greys scaled
    to 8 bits, what is transparent lies on white, and of an animation the first frame is taken. The result is contiguous
    and read-only, its longer side at most `longest` and `MAX_DECODED_SIDE` pixels. PictureError for any other file.
    """
    content = read_bytes(data)
    bound = min(longest or MAX_DECODED_SIDE, MAX_DECODED_SIDE)
    try:
        picture = fit(_to_rgb(_decode(open_picture(content), bound), bound), bound)
    except PictureError:
        raise
    except Image.DecompressionBombError:
        raise PictureError(TOO_MANY.format(MAX_PIXELS // 1_000_000)) from None
    except Exception:  # decoders raise whatever they like, and their words may hold parts of the file
        raise PictureError(BROKEN) from None
    picture.setflags(write=False)
    return picture


def stored_format(data: bytes) -> tuple[str, int, int] | None:
    """Kind, width and height of a JPEG or WebP that a browser can be given as it is: without metadata; else None."""
    with suppress(Exception):
        image = open_picture(data)
        if image.format in ("JPEG", "WEBP") and {"exif", "xmp", "comment", "photoshop"}.isdisjoint(image.info):
            return image.format, *image.size
    return None


def read_bytes(data: bytes | bytearray | memoryview | os.PathLike[str]) -> bytes:
    """The bytes of a file; PictureError if there are more than `MAX_BYTES`, or it is no regular file."""
    if isinstance(data, os.PathLike):
        try:
            if Path(data).exists() and not Path(data).is_file():  # to open a pipe would wait for whoever writes into it
                raise PictureError("This is not a file: choose a picture file.")
            with Path(data).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError:
            raise PictureError("The file could not be read: check that it exists and may be read.") from None
    if len(data) > MAX_BYTES:
        raise PictureError(f"The file is larger than {MAX_BYTES // 1_000_000} MB: send a smaller copy of the picture.")
    return bytes(data)


def _decode(image: Image.Image, bound: int) -> Image.Image:
    """The upright pixels of an opened picture, in sRGB or grey, as many as it has or at least `bound` along a side."""
    # libjpeg can decode at 1/2, 1/4, 1/8 of the size for a part of the time and memory; others leave draft undone.
    scale = max(max(image.size) // bound, 2 if image.width * image.height > MAX_DECODED_SIDE**2 else 1)
    image.draft(None, (max(1, image.width // scale), max(1, image.height // scale)))
    image.load()
    with suppress(Exception):  # broken metadata costs only that
        image.getexif()
        for name in ("exif", "Raw profile type exif"):  # once read, it would be written anew, which can cost gigabytes
            image.info.pop(name, None)
        ImageOps.exif_transpose(image, in_place=True)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _to_eight_bits(image)
    if image.mode == "LAB":
        return ImageCms.profileToProfile(image, ImageCms.createProfile("LAB"), _SRGB, outputMode="RGB") or image
    # Pillow takes the inks of every CMYK JPEG as inverted, which only Adobe's are.
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        image = image.point([255 - value for value in range(256)] * 4)
    profile = image.info.get("icc_profile", b"")
    # Most profiles are sRGB itself, and say so in their first tags, in ASCII (v2) or UTF-16 (v4).
    if image.mode in ("RGB", "CMYK") and profile and b"sRGB" not in profile[:1024].replace(b"\0", b""):
        if max(image.size) >= 2 * bound:
            image = image.reduce(max(image.size) // bound)
        with suppress(Exception):  # a profile that cannot be used is left aside
            return ImageCms.profileToProfile(image, io.BytesIO(profile), _SRGB, outputMode="RGB") or image
    return image


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Deep greys as 8 bits; beyond 16 bits they are 0 to 1, 255, or 65,535, or from smallest to largest."""
    low, high = 0.0, 65_535.0
    if image.mode in ("I", "F"):
        values = np.asarray(image)
        values = values[np.isfinite(values)]
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
        tops = [top for top in (1.0, 255.0, 65_535.0) if low >= 0 and high <= top and (image.mode == "F" or top > 1)]
        low, high = (0.0, tops[0]) if tops else (low, high)
    elif image.mode != "I;16":
        image = image.convert("I")
    factor = 255 / (high - low) if high > low else 0.0
    return image.point(lambda value: (value - low) * factor + 0.5).convert("L")


def _to_rgb(image: Image.Image, bound: int) -> Picture:
    """A loaded picture as RGB on white, in bands, reduced by a whole factor on the way."""
    if image.mode == "RGB" and not image.has_transparency_data and image.width * image.height <= _BAND_PIXELS:
        return np.asarray(image)  # a fifth of "describing, histogram, from a 1000×750 JPEG"
    factor = max(1, max(image.size) // bound)
    rows = max(1, _BAND_PIXELS // (image.width * factor)) * factor
    picture = np.empty((-(-image.height // factor), -(-image.width // factor), 3), np.uint8)
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(image.height, top + rows)))
        if band.has_transparency_data:
            clear = (band.convert("LA") if band.mode == "La" else band).convert("RGBA")
            band = Image.alpha_composite(Image.new("RGBA", band.size, "white"), clear)
        band = band.convert("RGB").reduce(factor)
        picture[top // factor : top // factor + band.height] = np.asarray(band)
    return picture
