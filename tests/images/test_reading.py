"""Pictures: every kind and mode has a defined answer, and what is wrong is said in one sentence."""

import io
import os
import struct
import warnings

import numpy as np
import pytest
from PIL import Image, ImageCms

from imgsearch.images import reading
from imgsearch.images.formats import PictureError
from imgsearch.images.reading import read_picture, stored_format
from imgsearch.images.transforms import digest, encode, enlarge, fit
from tests.hostile import chunk, exif, png, samples, saved, scene, tiff

SAMPLES = samples()
MODES = ("1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "LA", "PA", "RGBX", "RGBa", "La")
DEEP_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
COLOUR = np.asarray(scene()).astype(int)


def sentence_of(data) -> str:
    with pytest.raises(PictureError) as caught:
        read_picture(data)
    return str(caught.value)


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
    picture = reading._to_rgb(image, 4096)
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
    picture = reading._to_rgb(Image.new(mode, (5, 4)), 4096)
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


# --- sizes ---------------------------------------------------------------------------------------------


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


def test_fit_averages_areas():
    board = np.indices((64, 64)).sum(axis=0) % 2 * np.uint8(255)
    reduced = fit(np.repeat(board[:, :, None], 3, axis=2).astype(np.uint8), 16)
    np.testing.assert_allclose(reduced, 127.5, atol=1)


def test_fit_keeps_thin_pictures_at_least_one_pixel_wide():
    assert fit(np.zeros((1_000, 1, 3), np.uint8), 10).shape == (10, 1, 3)


def test_longest_below_one_is_the_callers_mistake():
    with pytest.raises(ValueError, match="at least 1"):
        read_picture(SAMPLES["png"], longest=0)


# --- what is wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"hello, world", "not a picture"),
        (b"%PDF-1.7 ...", "PDF document, not a picture: save the page as JPEG"),
        (b"PK\x03\x04" + bytes(40), "zip"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "HEIC picture, which cannot be read here: save it as JPEG"),
        (b"\0\0\0\x18ftypmif1" + bytes(40), "HEIC"),
        (b"\0\0\0\x18ftypmp42" + bytes(40), "video"),
        (b"8BPS" + bytes(40), "Photoshop"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not a picture"),
        (b"SIMPLE  =                    T", "not a picture"),
        (b"\xff\x0a" + bytes(20), "JPEG XL"),
    ],
)
def test_what_is_not_read_is_named(data, says):
    sentence = sentence_of(data)
    assert says in sentence
    assert sentence.endswith(".")


def test_only_the_allowed_decoders_are_ever_asked():
    # A kind that Pillow can read, but that is not needed here.
    for kind in ("PPM", "TGA", "ICO", "PCX", "EPS", "SGI", "DDS"):
        assert "not a picture" in sentence_of(saved(scene(), kind))


def test_too_large_a_file_is_not_even_looked_at():
    sentence = sentence_of(saved(scene(), "PNG") + bytes(reading.MAX_BYTES))
    assert "25 MB" in sentence


@pytest.mark.parametrize("sides", [(60_000, 60_000), (16_385, 1), (6_000, 6_000)])
def test_too_many_pixels_are_refused_before_decoding(sides, monkeypatch):
    monkeypatch.setattr(reading, "_decode", lambda image, bound: pytest.fail("the decoder was asked"))
    assert "send a copy of at most" in sentence_of(png(*sides)) or "at most" in sentence_of(png(*sides))


@pytest.mark.parametrize("sides", [(0, 10), (10, 0), (0, 0)])
def test_sides_of_nothing_are_refused(sides):
    sentence = sentence_of(png(*sides))
    assert "damaged" in sentence
    jpeg = bytearray(SAMPLES["jpeg-grey"])
    size = jpeg.index(b"\xff\xc0") + 5
    jpeg[size : size + 4] = struct.pack(">HH", *sides)
    assert "damaged" in sentence_of(bytes(jpeg))


@pytest.mark.parametrize("name", [name for name in SAMPLES if not name.startswith("jpeg")])
def test_half_a_file_is_said_to_be_cut_short(name):
    data = SAMPLES[name]
    if "animated" in name:
        data = data[: len(data) // 3]
    assert "cut short" in sentence_of(data[: len(data) // 2])


@pytest.mark.parametrize("name", [name for name in SAMPLES if name.startswith("jpeg")])
def test_half_the_pixels_of_a_jpeg_are_said_to_be_cut_short(name):
    data = SAMPLES[name]
    start = data.index(b"\xff\xda")
    assert "cut short" in sentence_of(data[: start + (len(data) - start) // 2])


def test_the_sentence_never_repeats_the_file_or_its_path(tmp_path):
    hostile = tmp_path / "<script>.png"
    hostile.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"<script>alert(1)</script>"))
    sentence = sentence_of(hostile)
    assert "script" not in sentence
    assert str(tmp_path) not in sentence
    assert "\n" not in sentence


def test_a_path_that_is_no_file_has_its_sentence(tmp_path):
    assert "could not be read" in sentence_of(tmp_path / "missing.jpg")
    assert "not a file" in sentence_of(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert "not a file" in sentence_of(tmp_path / "pipe")


def test_metadata_costs_nothing_of_the_picture():
    texts = chunk(b"tEXt", b"Comment\0" + b"x" * 1_000) * 10
    plain, told = (png(4, 4, pixels=bytes(13 * 4), extra=extra) for extra in (b"", texts))
    np.testing.assert_array_equal(read_picture(told), read_picture(plain))
    jpeg = saved(scene(), "JPEG", comment=b"remember me", exif=exif(1), xmp=b"<x:xmpmeta/>")
    np.testing.assert_array_equal(read_picture(jpeg), read_picture(saved(scene(), "JPEG")))
    broken = saved(scene(), "JPEG", exif=b"Exif\0\0II*\0" + bytes(range(200)))
    np.testing.assert_array_equal(read_picture(broken), read_picture(jpeg))


def test_what_costs_more_than_an_honest_file_is_refused():
    gif = SAMPLES["gif"]
    first = gif.index(b"!\xf9")
    jpeg = SAMPLES["jpeg"]
    hostile = {
        "two million empty comments": gif[:first] + b"!\xfe\0" * 2_000_000 + gif[first:],
        "a comment of two million parts": gif[:first] + b"!\xfe" + b"\x01x" * 2_000_000 + b"\0" + gif[first:],
        "a million segments": jpeg[:2] + b"\xff\xfe\0\x02" * 1_000_000 + jpeg[2:],
        "no marker in ten million bytes": jpeg[:20] + bytes(10_000_000) + jpeg[20:],
        "a million chunks": png(4, 4, pixels=bytes(13 * 4), extra=chunk(b"tEXt", b"a\0b") * 1_000_000),
        "run lengths without end": b"BM"
        + struct.pack("<IIIIiiHHIIIIII", 0, 0, 1078, 40, 2_800, 2_800, 1, 8, 1, *[0] * 5)
        + bytes(1_024)
        + b"\x01\x07" * 1_200_000,
        "a tile of 900 million pixels": tiff(
            [
                *((tag, 4, 1, struct.pack("<I", value)) for tag, value in ((256, 8), (257, 8), (258, 8), (259, 8))),
                *((tag, 4, 1, struct.pack("<I", value)) for tag, value in ((262, 1), (322, 30_000), (323, 30_000))),
                *((tag, 4, 1, struct.pack("<I", value)) for tag, value in ((324, 8), (325, 64))),
            ],
            bytes(64),
        ),
    }
    for name, data in hostile.items():
        assert "stored in an unusual way" in sentence_of(data), name


def test_nonsense_is_refused_before_decoding(monkeypatch):
    monkeypatch.setattr(reading, "_decode", lambda image, bound: pytest.fail("the decoder was asked"))
    hostile = {
        "a value of a million numbers": tiff([(256, 3, 1_000_000, struct.pack("<I", 8))], bytes(2_000_000)),
        "a million entries": tiff([(256, 3, 1, bytes(4))] * 5_000),
    }
    for name, data in hostile.items():
        assert "damaged" in sentence_of(data), name


def test_a_strip_too_many_is_ignored():
    entries = [(256, 3, 1, b"\x08\0\0\0"), (257, 3, 1, b"\x08\0\0\0"), (273, 3, 2, b"\x08\0\x08\0")]
    assert read_picture(tiff(entries, bytes(64))).shape == (8, 8, 3)


@pytest.mark.parametrize("progressive", [False, True])
def test_of_several_pictures_in_a_jpeg_the_first_is_read(progressive):
    large = scene().resize((4_000, 3_000))
    alone = saved(large, "JPEG", progressive=progressive)
    several = saved(large, "MPO", save_all=True, append_images=[large.rotate(180)] * 2, progressive=progressive)
    np.testing.assert_array_equal(read_picture(several, longest=100), read_picture(alone, longest=100))
    assert stored_format(several) == ("JPEG", 4_000, 3_000)


def test_a_lossless_jpeg_is_refused():
    assert sentence_of(SAMPLES["jpeg"].replace(b"\xff\xc0", b"\xff\xc3")).endswith("save it anew as JPEG or PNG.")


def test_scans_are_counted_to_the_end_of_the_picture_only():
    # What telephones put behind it has scans of its own.
    large = saved(scene().resize((4_000, 3_000)), "JPEG", progressive=True)
    assert large.count(b"\xff\xda") < 12
    assert read_picture(large + SAMPLES["jpeg-progressive"] * 400, longest=100).shape == (75, 100, 3)


def test_scans_of_a_sequential_jpeg_count_too():
    # Its first scan holds one of the three colours, so the decoder waits for the others.
    jpeg = saved(scene(16, 16), "JPEG")
    size, start = jpeg.index(b"\xff\xc0") + 5, jpeg.index(b"\xff\xda")
    one = b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" + jpeg[start + 14 : -2]
    wide = jpeg[:size] + struct.pack(">HH", 6_000, 8_000) + jpeg[size + 4 : start]
    assert "unusual" in sentence_of(wide + one * 50 + b"\xff\xd9")


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


# --- the rest ------------------------------------------------------------------------------------------


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


def test_the_same_bytes_as_bytearray_memoryview_or_file(tmp_path):
    data = SAMPLES["png"]
    file = tmp_path / "a.png"
    file.write_bytes(data)
    for given in (bytearray(data), memoryview(data), file):
        np.testing.assert_array_equal(read_picture(given), read_picture(data))
