"""AVIF: decoded within bounds, whatever the streams say, and upright."""

import io
import struct
import sys

import numpy as np
import pytest
from PIL import Image, features

from imgsearch.images import formats
from imgsearch.images.formats import PictureError
from imgsearch.images.reading import read_picture
from tests.hostile import exif, lying_avif, saved, scene

pytestmark = pytest.mark.skipif(not features.check("avif"), reason="this Pillow was built without AVIF")

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the memory of a process so")


@pytest.fixture(scope="module")
def still() -> bytes:
    return saved(scene(64, 48), "AVIF")


def with_size(data: bytes, width: int, height: int) -> bytes:
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


@pytest.mark.parametrize("size", [(1, 1), (17, 5), (64, 48), (300, 200)])
def test_a_picture_of_any_size_is_read(size):
    assert read_picture(saved(scene(*size), "AVIF")).shape == (size[1], size[0], 3)


@on_linux
def test_a_stream_larger_than_its_box_costs_nothing(still):
    assert read_picture(with_size(still, 8, 8)).shape == (8, 8, 3)
    with pytest.raises(PictureError, match="damaged"):
        read_picture(lying_avif())


@pytest.mark.parametrize("sides", [(3_700, 3_600), (4_000, 4_000), (16_000, 16_000)])
def test_a_box_of_too_many_pixels_is_refused(still, sides):
    with pytest.raises(PictureError, match="too many pixels: send a copy of at most 13 megapixels"):
        read_picture(with_size(still, *sides))


def test_a_box_of_too_long_a_side_is_refused(still):
    with pytest.raises(PictureError, match="too long"):
        read_picture(with_size(still, 20_000, 1))


def test_the_largest_picture_fits_into_the_memory():
    large = Image.new("RGBA", (4_180, 3_132), (250, 120, 10, 128))
    data = saved(large, "AVIF", speed=10, subsampling="4:4:4")
    assert read_picture(data, longest=100).shape == (75, 100, 3)


def test_a_list_of_items_that_takes_hours_is_refused(still, monkeypatch):
    monkeypatch.setattr(formats, "MAX_SECONDS", 1)
    meta, items = still.index(b"meta"), still.index(b"iloc")
    ends = [at + struct.unpack(">I", still[at - 4 : at])[0] - 4 for at in (meta, items)]
    count = 1_000_000  # libavif looks for each among all of them
    rows = np.zeros((count, 10), np.uint8)
    rows[:, :4] = np.arange(1, count + 1, dtype=">u4")[:, None].view(np.uint8)
    many = b"iloc\2\0\0\0\0\0" + struct.pack(">I", count) + rows.tobytes()
    inside = still[meta : items - 4] + struct.pack(">I", 4 + len(many)) + many + still[ends[1] : ends[0]]
    with pytest.raises(PictureError, match="damaged"):
        read_picture(still[: meta - 4] + struct.pack(">I", 4 + len(inside)) + inside + still[ends[0] :])
    assert read_picture(still).shape == (48, 64, 3)


def test_of_a_film_the_first_picture_is_read():
    film = saved(scene(), "AVIF", save_all=True, append_images=[scene().rotate(90)] * 3)
    first = Image.open(io.BytesIO(film))
    assert first.n_frames == 4
    np.testing.assert_array_equal(read_picture(film), np.asarray(first.convert("RGB")))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_comes_out_upright(orientation):
    corner = np.full((40, 60, 3), 255, np.uint8)
    corner[:16, :24] = (250, 0, 0)
    picture = read_picture(saved(Image.fromarray(corner), "AVIF", exif=exif(orientation)))
    assert picture.shape == ((40, 60, 3) if orientation < 5 else (60, 40, 3))
    red = picture[:, :, 1] < 128
    top, left = {1: (0, 0), 2: (0, 1), 3: (1, 1), 4: (1, 0), 5: (0, 0), 6: (0, 1), 7: (1, 1), 8: (1, 0)}[orientation]
    assert red[-1 if top else 0, -1 if left else 0]
