"""Pictures: every kind and mode has a defined answer, and what is wrong is said in one sentence."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image, ImageCms

from imgsearch.images import reading
from imgsearch.images.reading import read_picture, stored_format
from imgsearch.images.transforms import fit
from tests.hostile import exif, samples, saved, scene

SAMPLES = samples()


MODES = ("1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "LA", "PA", "RGBX", "RGBa", "La")


DEEP_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")


COLOUR = np.asarray(scene()).astype(int)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_kind_comes_out_as_rgb_of_eight_bits(name):
    picture = read_picture(SAMPLES[name])
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert sorted(picture.shape[:2]) == [30, 40]
    assert picture.flags.c_contiguous
    assert not picture.flags.writeable


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_lossless_kinds_come_out_exactly(kind):
    np.testing.assert_array_equal(read_picture(saved(scene(), kind)), np.asarray(scene()))


@pytest.mark.parametrize(("kind", "options"), [("JPEG", {"quality": 95}), ("WEBP", {"quality": 95})])
def test_lossy_kinds_come_out_nearly(kind, options):
    smooth = np.asarray(scene().resize((400, 300), Image.Resampling.BICUBIC))
    picture = read_picture(saved(Image.fromarray(smooth), kind, **options))
    assert np.abs(picture.astype(int) - smooth).mean() < 4


def test_the_kind_is_found_by_content_not_by_name(tmp_path):
    wrong = tmp_path / "picture.gif"
    wrong.write_bytes(saved(scene(), "PNG"))
    np.testing.assert_array_equal(read_picture(wrong), np.asarray(scene()))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(kind, orientation):
    corner = np.full((20, 30, 3), 255, np.uint8)
    corner[:8, :12] = (250, 0, 0)
    stored = Image.fromarray(corner)
    if kind == "TIFF":
        data = saved(stored, kind, tiffinfo={274: orientation})
    else:
        data = saved(stored, kind, exif=exif(orientation), **({"lossless": True} if kind == "WEBP" else {}))
    picture = read_picture(data)
    assert picture.shape == ((20, 30, 3) if orientation < 5 else (30, 20, 3))
    red = picture[:, :, 1] < 128
    top, left = {1: (0, 0), 2: (0, 1), 3: (1, 1), 4: (1, 0), 5: (0, 0), 6: (0, 1), 7: (1, 1), 8: (1, 0)}[orientation]
    assert red[-1 if top else 0, -1 if left else 0]
    assert not red[0 if top else -1, 0 if left else -1]


@pytest.mark.parametrize("orientation", [0, 9, 65_535])
def test_an_impossible_orientation_is_none(orientation):
    assert read_picture(saved(scene(), "JPEG", exif=exif(orientation))).shape == (30, 40, 3)


def test_inks_are_read_whether_stored_inverted_or_not():
    data = saved(scene(), "PNG")
    adobe = saved(Image.open(io.BytesIO(data)).convert("CMYK"), "JPEG", quality=98)
    assert np.abs(read_picture(adobe).astype(int) - COLOUR).mean() < 8
    marker = adobe.index(b"\xff\xee")
    plain = adobe[:marker] + adobe[marker + 16 :]
    assert b"Adobe" not in plain
    # Without Adobe's mark the same numbers mean the opposite amount of ink.
    opposite = Image.fromarray(255 - np.asarray(scene().convert("CMYK")), "CMYK").convert("RGB")
    assert np.abs(read_picture(plain).astype(int) - np.asarray(opposite)).mean() < 8


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled_not_clipped(kind):
    ramp = np.linspace(0, 65_535, 256).astype(np.uint16)[None].repeat(4, axis=0)
    picture = read_picture(saved(Image.fromarray(ramp), kind))
    np.testing.assert_allclose(picture[0, :, 0], np.arange(256), atol=1)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.float32([[0, 0.5, 1.0]]), [0, 128, 255]),
        (np.float32([[0, 100, 255]]), [0, 100, 255]),
        (np.float32([[0, 32_768, 65_535]]), [0, 128, 255]),
        (np.float32([[-5, 0, 5]]), [0, 128, 255]),
        (np.float32([[7, 7, 7]]), [7, 7, 7]),
        (np.float32([[np.nan, 0, 1]]), [0, 0, 255]),
        (np.float32([[-np.inf, 0.0, np.inf]]), [0, 0, 255]),
        (np.float32([[np.nan, np.nan, np.nan]]), [0, 0, 0]),
        (np.int32([[0, 65_535, 32_768]]), [0, 255, 128]),
        (np.int32([[0, 200, 255]]), [0, 200, 255]),
        (np.int32([[-100, 0, 100]]), [0, 128, 255]),
    ],
)
def test_floating_point_and_wide_integers_are_brought_to_eight_bits(values, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = read_picture(saved(Image.fromarray(values), "TIFF"))
    np.testing.assert_allclose(picture[0, :, 0], expected, atol=1)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "La", "RGBa"])
def test_what_is_transparent_lies_on_white(mode):
    image = Image.new("RGBA", (8, 8), (10, 20, 30, 0))
    image.paste((10, 20, 30, 255), (0, 0, 4, 8))
    if mode == "PA":
        image = image.convert("RGB").convert("P").convert("PA")
        image.putalpha(Image.fromarray(np.uint8([[255] * 4 + [0] * 4] * 8)))
    else:
        image = image.convert("LA").convert("La") if mode == "La" else image.convert(mode)
    picture = reading._to_rgb(reading._decode(image, 4096), 4096)
    assert picture[0, 7].tolist() == [255, 255, 255]
    assert picture[0, 0].max() < 60  # the palette has no darker blue


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_a_transparent_colour_lies_on_white(mode):
    image = Image.new(mode, (8, 8), 0)
    key = (0, 0, 0) if mode == "RGB" else 0
    assert (read_picture(saved(image, "PNG", transparency=key)) == 255).all()


def test_half_transparent_is_half_white():
    picture = read_picture(saved(Image.new("RGBA", (4, 4), (0, 0, 0, 128)), "PNG"))
    np.testing.assert_allclose(picture, 127, atol=1)


def test_transparency_is_not_mixed_with_hidden_colours_when_reduced():
    hidden = np.zeros((600, 600, 4), np.uint8)  # black where nothing is seen
    hidden[::2] = (255, 255, 255, 255)
    assert (read_picture(saved(Image.fromarray(hidden), "PNG"), longest=100) == 255).all()


@pytest.mark.parametrize(
    "mode",
    [*MODES, *DEEP_MODES],
)
def test_every_mode_that_pillow_knows_is_converted(mode):
    picture = reading._to_rgb(reading._decode(Image.new(mode, (5, 4)), 4096), 4096)
    assert picture.shape == (4, 5, 3)
    assert picture.dtype == np.uint8


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_taken(kind):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "green", "blue")]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:] * 50)
    np.testing.assert_allclose(read_picture(data).mean(axis=(0, 1)), [255, 0, 0], atol=4)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_later_frames_are_not_decoded(kind):
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "green")]
    data = bytearray(saved(frames[0], kind, save_all=True, append_images=frames[1:]))
    data[-60:-12] = bytes(48)
    assert read_picture(bytes(data)).shape == (64, 64, 3)


def test_an_embedded_profile_is_converted_to_srgb():
    wide = _profile_with_swapped_primaries()
    plain, tagged = saved(scene(), "PNG"), saved(scene(), "PNG", icc_profile=wide)
    assert np.abs(read_picture(plain).astype(int) - read_picture(tagged)).mean() > 20


def test_the_profile_srgb_changes_nothing():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    tagged = read_picture(saved(scene(), "PNG", icc_profile=profile))
    np.testing.assert_array_equal(tagged, np.asarray(scene()))


def test_a_broken_profile_costs_only_the_colours():
    for profile in (b"nonsense", bytes(128), _profile_with_swapped_primaries()[:200]):
        picture = read_picture(saved(scene(), "JPEG", icc_profile=profile))
        assert picture.shape == (30, 40, 3)


def _profile_with_swapped_primaries() -> bytes:
    """The profile of a screen whose red is green."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be")).replace(b"sRGB", b"mine")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("longest", [1, 7, 39, 40, 1000])
def test_longest_bounds_the_longer_side_and_never_enlarges(name, longest):
    assert max(read_picture(SAMPLES[name], longest=longest).shape) == max(3, min(40, longest))


@pytest.mark.parametrize("longest", [100, 256, 300, 511, 512, 1023])
def test_a_jpeg_read_smaller_is_the_same_picture(longest):
    large = scene(64, 48).resize((1024, 768), Image.Resampling.BICUBIC)
    data = saved(large, "JPEG", quality=95)
    smaller = read_picture(data, longest=longest)
    assert smaller.shape == (round(768 * longest / 1024), longest, 3)
    assert np.abs(smaller.astype(int) - fit(read_picture(data), longest)).mean() < 3


def test_nothing_larger_than_the_bound_is_handed_out():
    blank = Image.new("L", (6_000, 2_000), 200)
    for kind in ("JPEG", "PNG"):
        assert read_picture(saved(blank, kind)).shape == (1_365, reading.MAX_DECODED_SIDE, 3)


def test_a_file_that_a_browser_shows_as_it_is():
    assert stored_format(SAMPLES["jpeg-grey"]) == ("JPEG", 40, 30)
    assert stored_format(SAMPLES["webp-lossless"]) == ("WEBP", 40, 30)
    for telling in (SAMPLES["jpeg"], SAMPLES["webp"], saved(scene(), "JPEG", comment=b"at home")):
        assert stored_format(telling) is None
    for other in (SAMPLES["png"], b"", b"hello", SAMPLES["jpeg-grey"][:20]):
        assert stored_format(other) is None


def test_a_whole_picture_after_the_first_is_ignored():
    # Telephones put a film or a second picture behind the first.
    np.testing.assert_array_equal(
        read_picture(SAMPLES["jpeg-grey"] + SAMPLES["jpeg"] * 5), read_picture(SAMPLES["jpeg-grey"])
    )


def test_reading_leaves_pillows_settings_alone():
    before = Image.MAX_IMAGE_PIXELS
    read_picture(SAMPLES["jpeg"])
    assert before == Image.MAX_IMAGE_PIXELS


def test_the_same_bytes_as_bytearray_memoryview_or_file(tmp_path):
    data = SAMPLES["png"]
    file = tmp_path / "a.png"
    file.write_bytes(data)
    for given in (bytearray(data), memoryview(data), file):
        np.testing.assert_array_equal(read_picture(given), read_picture(data))
