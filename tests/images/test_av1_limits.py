"""AVIF: what the streams say is checked before a decoder sees them, and what is read is upright."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, features

from imgsearch.images.av1_limits import still_only
from imgsearch.images.formats import PictureError
from imgsearch.images.reading import read_picture
from tests.hostile import exif, saved, scene

pytestmark = pytest.mark.skipif(not features.check("avif"), reason="this Pillow was built without AVIF")


@pytest.fixture(scope="module")
def still() -> bytes:
    return saved(scene(64, 48), "AVIF")


def with_size(data: bytes, width: int, height: int) -> bytes:
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


@pytest.mark.parametrize("size", [(1, 1), (17, 5), (64, 48), (300, 200)])
def test_the_size_that_the_stream_says_is_found(size):
    data = saved(scene(*size), "AVIF")
    assert read_picture(data).shape == (size[1], size[0], 3)
    still_only(data, size[0] * size[1])
    with pytest.raises(ValueError, match="more pixels"):
        still_only(data, size[0] * size[1] - 1)


def test_the_long_header_of_a_film_is_read():
    film = saved(scene(), "AVIF", save_all=True, append_images=[scene().rotate(90)] * 3)
    still_only(film, 40 * 30)
    with pytest.raises(ValueError, match="more pixels"):
        still_only(film, 40 * 30 - 1)


def test_a_stream_larger_than_its_box_costs_nothing(still):
    assert read_picture(with_size(still, 8, 8)).shape == (8, 8, 3)
    large = saved(Image.new("RGB", (4_000, 3_400)), "AVIF", speed=10)
    with pytest.raises(PictureError, match="damaged"):
        read_picture(with_size(large, 8, 8))


def test_a_box_of_too_many_pixels_is_refused(still):
    for side in (4_000, 16_000):
        with pytest.raises(PictureError, match="too many pixels"):
            read_picture(with_size(still, side, side))


def test_all_frames_count(still):
    place = still.index(b"mdat") + 4
    stream = still[place:]
    long = still[: place - 8] + struct.pack(">I4s", 8 + 10 * len(stream), b"mdat") + stream * 10
    at = long.index(struct.pack(">I", len(stream)), long.index(b"iloc"))
    long = long[:at] + struct.pack(">I", 10 * len(stream)) + long[at + 4 :]
    still_only(long, 64 * 48 * 10 // 4)
    with pytest.raises(ValueError, match="more pixels"):
        still_only(long, 64 * 48 * 10 // 4 - 1)


def test_films_never_reach_the_decoder():
    film = saved(scene(), "AVIF", save_all=True, append_images=[scene().rotate(90)] * 3)
    assert b"moov" in film
    still = still_only(film, 40 * 30)
    assert b"moov" not in still
    assert b"avis" not in still
    assert Image.open(io.BytesIO(still)).n_frames == 1
    assert read_picture(film).shape == (30, 40, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_comes_out_upright(orientation):
    corner = np.full((40, 60, 3), 255, np.uint8)
    corner[:16, :24] = (250, 0, 0)
    picture = read_picture(saved(Image.fromarray(corner), "AVIF", exif=exif(orientation)))
    assert picture.shape == ((40, 60, 3) if orientation < 5 else (60, 40, 3))
    red = picture[:, :, 1] < 128
    top, left = {1: (0, 0), 2: (0, 1), 3: (1, 1), 4: (1, 0), 5: (0, 0), 6: (0, 1), 7: (1, 1), 8: (1, 0)}[orientation]
    assert red[-1 if top else 0, -1 if left else 0]
