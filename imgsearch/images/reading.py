"""Bytes of a picture file become an upright RGB array, or a sentence that says why not."""

import io
import os
import stat
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from imgsearch.images.formats import BROKEN, PictureError, open_picture
from imgsearch.images.transforms import Picture, fit

MAX_BYTES = 25_000_000  # of a file
MAX_DECODED_SIDE = 4_096  # pixels; what is larger is handed out reduced

_METADATA = {"exif", "xmp", "comment", "photoshop"}  # Pillow's names
_BAND_PIXELS = 2_000_000  # converted at a time, so that a conversion costs little memory


def read_picture(data: bytes | bytearray | memoryview | os.PathLike[str], *, longest: int | None = None) -> Picture:
    """Decode a picture into upright 8-bit RGB, bounded in bytes, sides and pixels before anything is decoded.

    The kind of file is found by its content. The EXIF orientation is applied, an embedded colour profile is converted
    to sRGB, what is transparent lies on white, 16-bit and floating-point greys are scaled to 8 bits, and of an
    animation the first frame is taken. The result is contiguous and read-only, its longer side at most `longest` and
    `MAX_DECODED_SIDE` pixels. PictureError if the file cannot be used.
    """
    content = read_bytes(data)
    image = open_picture(content)
    bound = min(longest or MAX_DECODED_SIDE, MAX_DECODED_SIDE)
    try:
        picture = fit(_decode(image, bound), bound)
    except PictureError:
        raise
    except Exception:
        # Decoders raise whatever they like at a damaged file, and their words may hold parts of the file.
        raise PictureError(BROKEN) from None
    upright = _upright(picture, image)
    upright.setflags(write=False)
    return upright


def stored_format(data: bytes) -> tuple[str, int, int] | None:
    """Kind, width and height of a JPEG or WebP that a browser can be given as it is: without metadata; else None."""
    try:
        image = open_picture(data)
    except PictureError:
        return None
    if image.format not in ("JPEG", "WEBP") or not _METADATA.isdisjoint(image.info):
        return None
    return image.format, *image.size


def read_bytes(data: bytes | bytearray | memoryview | os.PathLike[str]) -> bytes:
    """The bytes of a file; PictureError if there are more than `MAX_BYTES`, or it is no regular file."""
    if isinstance(data, (bytes, bytearray, memoryview)):
        content = bytes(data[: MAX_BYTES + 1])
    else:
        try:
            # Asked before opening: to open a pipe would wait for whoever writes into it.
            if not stat.S_ISREG(Path(data).stat().st_mode):
                raise PictureError("This is not a file: choose a picture file.")
            with Path(data).open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError:
            raise PictureError("The file could not be read: check that it exists and may be read.") from None
    if len(content) > MAX_BYTES:
        raise PictureError(f"The file is larger than {MAX_BYTES // 1_000_000} MB: send a smaller copy of the picture.")
    return content


def _decode(image: Image.Image, bound: int) -> Picture:
    """RGB pixels of an opened picture, as stored; large ones come out reduced, but not below `bound`."""
    # libjpeg can decode at 1/2, 1/4, 1/8 of the size for a part of the time and memory; others leave draft undone.
    scale = 1
    longer, pixels = max(image.size), image.width * image.height
    while scale < 8 and (longer // (2 * scale) >= bound or pixels // scale**2 > MAX_DECODED_SIDE**2):
        scale *= 2
    if scale > 1:
        image.draft(None, (max(1, image.width // scale), max(1, image.height // scale)))
    image.load()
    # Pillow takes the inks of every CMYK JPEG as inverted, which only Adobe's are.
    inverted = image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info
    profile = image.info.get("icc_profile")
    if inverted:
        image = image.point([255 - value for value in range(256)] * 4)
    if profile and image.mode in ("RGB", "CMYK"):
        if max(image.size) >= 2 * bound:
            image = image.reduce(max(image.size) // bound)
        image = _to_srgb(image, profile)
    return _to_rgb(image, bound)


def _to_rgb(image: Image.Image, bound: int) -> Picture:
    """A loaded picture of any of Pillow's modes as RGB, in bands, reduced by a whole factor on the way."""
    width, height = image.size
    if image.mode == "RGB" and "transparency" not in image.info and width * height <= _BAND_PIXELS:
        return np.asarray(image)
    factor = max(1, max(width, height) // bound)
    scale = _scale_of(image)
    rows = max(1, _BAND_PIXELS // (width * factor)) * factor
    picture = np.empty((-(-height // factor), -(-width // factor), 3), np.uint8)
    for top in range(0, height, rows):
        band = _band_to_rgb(image.crop((0, top, width, min(height, top + rows))), scale)
        if factor > 1:
            band = band.reduce(factor)
        picture[top // factor : top // factor + band.height] = np.asarray(band)
    return picture


def _band_to_rgb(band: Image.Image, scale: tuple[float, float] | None) -> Image.Image:
    if scale is not None:
        low, factor = scale
        with np.errstate(invalid="ignore"):  # a "signalling" not-a-number complains on its way
            grey = np.nan_to_num(np.asarray(band).astype(np.float64), nan=low, posinf=np.inf, neginf=-np.inf)
        return Image.fromarray(np.clip(np.rint((grey - low) * factor), 0, 255).astype(np.uint8)).convert("RGB")
    if band.mode == "LAB":
        from PIL import ImageCms

        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(band, lab, srgb, outputMode="RGB") or band.convert("RGB")
    if band.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in band.info:
        if band.mode == "La":
            band = band.convert("LA")
        transparent = band.convert("RGBA")
        white = Image.new("RGB", band.size, (255, 255, 255))
        white.paste(transparent.convert("RGB"), mask=transparent.getchannel("A"))
        return white
    return band.convert("RGB")


def _scale_of(image: Image.Image) -> tuple[float, float] | None:
    """What to subtract from and then multiply the greys of a deep picture with; None for 8-bit modes.

    Beyond 16 bits they are taken as what they look like: 0 to 1, 0 to 255, 0 to 65,535, or from smallest to largest.
    """
    if image.mode.startswith("I;16"):
        return 0.0, 255 / 65_535
    if image.mode not in ("I", "F"):
        return None
    values = np.asarray(image)
    finite = values[np.isfinite(values)] if image.mode == "F" else values
    if not finite.size:
        return 0.0, 0.0
    low, high = float(finite.min()), float(finite.max())
    for top in (1.0, 255.0, 65_535.0):
        if low >= 0 and high <= top and (image.mode == "F" or top > 1):
            return 0.0, 255 / top
    return low, 255 / (high - low) if high > low else 0.0


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Apply the embedded profile; a profile that cannot be used is left aside."""
    from PIL import ImageCms

    # Most profiles are sRGB itself, and say so in their first tags, in ASCII (v2) or UTF-16 (v4).
    if b"sRGB" in profile[:1024] or "sRGB".encode("utf-16-be") in profile[:1024]:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB") or image
    except Exception:
        return image


def _upright(picture: Picture, image: Image.Image) -> Picture:
    """Apply the EXIF orientation (CIPA DC-008, tag 0x0112); broken metadata costs only that."""
    orientation = 1
    with suppress(Exception):
        orientation = image.getexif().get(0x0112, 1)
    if orientation in (5, 6, 7, 8):
        picture = picture.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture)
