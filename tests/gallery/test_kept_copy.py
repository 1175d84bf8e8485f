"""A small file of nothing but pixels stays as it is; everything else is written anew."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from imgsearch.gallery.kept_copy import MAX_ORIGINAL_BYTES, kept_copy
from imgsearch.images.formats import PictureError
from imgsearch.images.reading import read_picture
from tests.galleries import photographs


def written(picture, kind, **options):
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, kind, **options)
    return stream.getvalue()


def smooth(height=60, width=80):
    return np.linspace(0, 255, height * width * 3).reshape(height, width, 3).astype(np.uint8)


def exif(orientation=1):
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010F] = "A camera"
    return block


def text():
    info = PngInfo()
    info.add_text("Comment", "at home")
    return info


def text_behind():
    """A PNG file with a comment behind its pixels."""
    whole, end = written(smooth(), "PNG"), 12
    chunk = b"tEXtComment\0at home"
    chunk = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return whole[:-end] + chunk + whole[-end:]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_small_file_is_kept_byte_for_byte(kind):
    data = written(smooth(), kind)
    kept, picture = kept_copy(data)
    assert kept == data
    np.testing.assert_array_equal(picture, read_picture(data))


@pytest.mark.parametrize(
    "data",
    [
        written(smooth(), "GIF"),
        written(smooth(), "BMP"),
        written(smooth(), "TIFF"),
        written(smooth(700, 500), "JPEG"),
        written(smooth(), "JPEG", exif=exif()),
        written(smooth(), "JPEG", exif=exif(6)),
        written(smooth(), "JPEG", comment=b"at home"),
        written(smooth(), "WEBP", exif=exif()),
        written(smooth(), "WEBP", xmp=b"<x:xmpmeta/>"),
        written(smooth(), "PNG", pnginfo=text()),
        text_behind(),
        written(np.dstack([smooth(), np.full((60, 80), 90, np.uint8)]), "PNG"),
        written(np.dstack([smooth(), np.full((60, 80), 90, np.uint8)]), "WEBP"),
        written(smooth(), "WEBP", save_all=True, append_images=[Image.new("RGB", (80, 60))]),
        written(np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8), "PNG"),
    ],
    ids=[
        *(
            "gif",
            "bmp",
            "tiff",
            "large side",
            "camera",
            "turned",
            "comment",
            "webp camera",
            "webp xmp",
            "png text",
            "png text behind",
        ),
        *("clear png", "clear webp", "animation", "many bytes"),
    ],
)
def test_anything_else_becomes_webp_with_nothing_but_pixels(data):
    kept, picture = kept_copy(data)
    assert kept != data
    assert b"at home" not in kept and b"A camera" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.mode) == ("WEBP", "RGB")
        assert set(image.info) <= {"background", "loop"}
        assert max(image.size) <= 640
    np.testing.assert_array_equal(picture, read_picture(kept))
    assert np.abs(picture.astype(int).mean() - read_picture(data, longest=640).astype(int).mean()) < 3


def test_a_file_that_is_kept_is_not_large():
    data = written(np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8), "PNG")
    assert len(data) > MAX_ORIGINAL_BYTES
    assert len(kept_copy(data)[0]) < MAX_ORIGINAL_BYTES


def test_what_cannot_be_read_is_a_sentence():
    with pytest.raises(PictureError):
        kept_copy(written(photographs(1)[0], "PNG")[:200])
