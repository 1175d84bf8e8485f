"""Which files are no picture that is read here, and the sentence for each."""

import os
import struct

import numpy as np
import pytest

from imgsearch.images import reading
from imgsearch.images.formats import PictureError
from imgsearch.images.reading import read_picture, stored_format
from tests.hostile import chunk, exif, png, samples, saved, scene, tiff

SAMPLES = samples()


def sentence_of(data) -> str:
    with pytest.raises(PictureError) as caught:
        read_picture(data)
    return str(caught.value)


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
