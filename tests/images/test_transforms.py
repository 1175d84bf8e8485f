"""What is done with pixels and bytes of a picture."""

import numpy as np
from PIL import Image

from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import digest, encode, enlarge, fit
from tests.hostile import scene


def test_fit_averages_areas():
    board = np.indices((64, 64)).sum(axis=0) % 2 * np.uint8(255)
    reduced = fit(np.repeat(board[:, :, None], 3, axis=2).astype(np.uint8), 16)
    np.testing.assert_allclose(reduced, 127.5, atol=1)


def test_fit_keeps_thin_pictures_at_least_one_pixel_wide():
    assert fit(np.zeros((1_000, 1, 3), np.uint8), 10).shape == (10, 1, 3)


def test_png_round_trip_is_exact_and_the_others_are_near():
    picture = np.asarray(scene().resize((200, 150), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(read_picture(encode(picture)), picture)
    for kind in ("webp", "jpeg"):
        assert np.abs(read_picture(encode(picture, kind, quality=90)).astype(int) - picture).mean() < 6


def test_enlarge_repeats_pixels():
    picture = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    enlarged = enlarge(picture, 3)
    assert enlarged.shape == (6, 6, 3)
    np.testing.assert_array_equal(enlarged[::3, ::3], picture)


def test_digest_is_sha256():
    assert digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
