"""AVIF: what the boxes and the streams say is checked before a decoder sees them."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, features

from imgsearch.images.avif import AvifError, _sequence_size, read_avif
from imgsearch.images.reading import PictureError, read_picture
from tests.hostile import exif, saved, scene

pytestmark = pytest.mark.skipif(not features.check("avif"), reason="this Pillow was built without AVIF")


@pytest.fixture(scope="module")
def still() -> bytes:
    return saved(scene(64, 48), "AVIF")


def with_size(data: bytes, width: int, height: int) -> bytes:
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


@pytest.mark.parametrize("size", [(1, 1), (17, 5), (64, 48), (300, 200)])
def test_the_size_is_found(size):
    found = read_avif(saved(scene(*size), "AVIF"))
    assert (found.width, found.height) == size


@pytest.mark.parametrize("size", [(64, 48), (300, 200)])
def test_the_stream_says_the_same_size(size):
    data = saved(scene(*size), "AVIF")
    stream = data[data.index(b"mdat") + 4 :]
    start = stream.index(b"\x0a")  # a sequence header that says its own length
    assert _sequence_size(stream[start + 2 : start + 2 + stream[start + 1]]) == size


def test_a_stream_larger_than_its_box_is_refused(still):
    with pytest.raises(AvifError, match="larger than the picture"):
        read_avif(with_size(still, 8, 8))
    with pytest.raises(PictureError, match="damaged"):
        read_picture(with_size(still, 8, 8))


def test_a_box_of_too_many_pixels_is_refused(still):
    with pytest.raises(PictureError, match="too many pixels"):
        read_picture(with_size(still, 16_000, 16_000))


def test_many_frames_in_one_item_are_refused(still):
    place = still.index(b"mdat") + 4
    stream = still[place:]
    long = still[: place - 8] + struct.pack(">I4s", 8 + 10 * len(stream), b"mdat") + stream * 10
    at = long.index(struct.pack(">I", len(stream)), long.index(b"iloc"))
    long = long[:at] + struct.pack(">I", 10 * len(stream)) + long[at + 4 :]
    with pytest.raises(AvifError, match="not one still picture"):
        read_avif(long)


def test_metadata_and_films_never_reach_the_decoder():
    told = Image.Exif()
    told[0x010E] = "remember me"
    described = saved(scene(64, 48), "AVIF", exif=told)
    assert b"remember me" in Image.open(io.BytesIO(described)).info["exif"]
    assert "exif" not in Image.open(io.BytesIO(read_avif(described).data)).info
    assert read_picture(described).shape == (48, 64, 3)
    film = saved(scene(), "AVIF", save_all=True, append_images=[scene().rotate(90)] * 3)
    assert b"moov" in film
    assert b"moov" not in read_avif(film).data
    assert b"avis" not in read_avif(film).data


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_comes_out_upright(orientation):
    corner = np.full((40, 60, 3), 255, np.uint8)
    corner[:16, :24] = (250, 0, 0)
    picture = read_picture(saved(Image.fromarray(corner), "AVIF", exif=exif(orientation)))
    assert picture.shape == ((40, 60, 3) if orientation < 5 else (60, 40, 3))
    red = picture[:, :, 1] < 128
    top, left = {1: (0, 0), 2: (0, 1), 3: (1, 1), 4: (1, 0), 5: (0, 0), 6: (0, 1), 7: (1, 1), 8: (1, 0)}[orientation]
    assert red[-1 if top else 0, -1 if left else 0]
