"""The very same thing is found, and none is told where there is none."""

import cv2
import numpy as np
import pytest

from imgsearch.gallery.builder import GalleryBuilder
from imgsearch.gallery.persistence import from_file, open_gallery, save_gallery, to_file
from imgsearch.images.transforms import encode
from imgsearch.local_features import dense
from imgsearch.local_features.codebook import CodebookError, codebook
from imgsearch.local_features.features import FeatureTable, describe_query
from imgsearch.local_features.geometry import agreeing_cells, agreements
from imgsearch.local_features.keypoints import QUERY_SIDE, find_keypoints, mirrored
from imgsearch.methods.registry import photo_methods
from imgsearch.search.same import find_same, needs_features
from imgsearch.search.slants import slanted


def textured(seed, height=360, width=480):
    """A picture of many shapes, none like another."""
    random = np.random.default_rng(seed)
    picture = np.full((height, width, 3), random.integers(60, 200, 3), np.uint8)
    for _ in range(150):
        centre = tuple(int(v) for v in random.integers(0, (width, height)))
        axes = tuple(int(v) for v in random.integers(3, 30, 2))
        colour = tuple(int(v) for v in random.integers(0, 256, 3))
        cv2.ellipse(picture, centre, axes, int(random.integers(180)), 0, int(random.integers(120, 360)), colour, -1)
    return picture


@pytest.fixture(scope="module")
def gallery():
    builder = GalleryBuilder(photo_methods(["histogram"]))
    for seed in range(12):
        builder.add_file(f"{seed}.png", encode(textured(seed), "png"))
    return builder.finish(name="things", mapped=False)


def test_a_slanted_half_hidden_print_is_found_first_and_its_outline_lies_over_it(gallery):
    for index in (2, 7):
        query = slanted(gallery.picture(index), textured(100), textured(101), np.random.default_rng(index))
        first = find_same(gallery, query)[0]
        assert first.index == index
        assert first.points == len(first.in_query) == len(first.in_match) >= 10
        assert first.outline.min() > -0.1 and first.outline.max() < 1.1


def test_at_a_quick_look_most_cells_agree_with_the_picture_of_which_it_is_a_part(gallery):
    for index in (2, 7):
        query = describe_query(gallery.picture(index)[40:300, 60:420])[0]
        agreeing = [agreeing_cells(query, kept) for kept in gallery.features]
        right = agreeing.pop(index)
        assert right > 2 * max(agreeing)


def test_what_is_not_there_is_not_told(gallery):
    assert find_same(gallery, textured(500)) == ()
    assert find_same(gallery, gallery.picture(3), without=3) == ()


def checkerboard(height=480, width=640):
    y, x = np.mgrid[:height, :width]
    return np.repeat(((x // 24 + y // 24) % 2 * 255).astype(np.uint8)[..., None], 3, axis=2)


def fence(height=480, width=640):
    x = np.arange(width) % 32
    return np.repeat(np.tile(np.where(x < 12, 60, 210).astype(np.uint8), (height, 1))[..., None], 3, axis=2)


def text(size=1.0):
    picture = np.full((480, 640, 3), 255, np.uint8)
    for row in range(12):
        cv2.putText(picture, f"{row} nothing to see here {row * 7}", (10, 36 + 38 * row), 0, size, (0, 0, 0), 2)
    return picture


@pytest.mark.parametrize(
    "query",
    [
        np.full((480, 640, 3), 128, np.uint8),
        np.tile(np.linspace(0, 255, 640).astype(np.uint8)[None, :, None], (480, 1, 3)),
        checkerboard(),
        fence(),
        text(),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((3, 900, 3), np.uint8),
        cv2.resize(textured(77), (3000, 2200)),
        np.random.default_rng(0).integers(0, 256, (480, 640, 3)).astype(np.uint8),
    ],
    ids=["one colour", "no texture", "checkerboard", "fence", "text", "one pixel", "needle", "huge", "noise"],
)
def test_pictures_with_nothing_to_hold_on_to_tell_nothing(gallery, query):
    assert find_same(gallery, query) == ()


def test_a_repeated_pattern_among_others_of_its_kind_is_no_false_alarm():
    builder = GalleryBuilder(photo_methods(["histogram"]))
    for number, picture in enumerate([checkerboard(400, 400), fence(400, 400), text(0.7), textured(1)]):
        builder.add_file(f"{number}.png", encode(picture, "png"))
    patterns = builder.finish(name="patterns", mapped=False)
    for seed in range(3):
        assert (
            find_same(patterns, slanted(textured(200 + seed), fence(), checkerboard(), np.random.default_rng(seed)))
            == ()
        )


def on_a_floor(seed):
    picture = textured(300)
    picture[40:320, 60:420] = textured(seed)[40:320, 60:420]
    return picture


def test_two_things_on_the_same_floor_are_not_the_same_thing():
    builder = GalleryBuilder(photo_methods(["histogram"]))
    builder.add_file("floor.png", encode(on_a_floor(301), "png"))
    builder.add_file("other.png", encode(textured(1), "png"))
    floor = builder.finish(name="floor", mapped=False)
    query = on_a_floor(302)
    assert max(agreed.points for agreed in agreements(describe_query(query)[0], floor.features[0])) >= 20
    assert find_same(floor, query) == ()
    assert [same.index for same in find_same(floor, on_a_floor(301))] == [0]


def half_hidden(picture):
    hidden = picture.copy()
    hidden[:, 290:] = textured(400)[:, 290:]
    return hidden


def smaller_on_a_floor(seed):
    picture = textured(300)
    picture[60:300, 100:360] = textured(seed)[60:300, 100:360]
    return picture


def told_of(pictures, query):
    builder = GalleryBuilder(photo_methods(["histogram"]))
    for number, picture in enumerate(pictures):
        builder.add_file(f"{number}.png", encode(picture, "png"))
    return find_same(builder.finish(name="told", mapped=False), query)


def test_points_that_several_pictures_share_show_their_floor_and_not_the_thing():
    query = smaller_on_a_floor(302)
    floors = [smaller_on_a_floor(seed) for seed in (303, 304)]
    assert [same.index for same in told_of([floors[0], textured(1), textured(2)], query)] == [0]
    assert told_of([*floors, textured(1)], query) == ()


def test_pictures_of_the_same_thing_do_not_make_it_a_backdrop():
    picture = textured(300)
    brighter = np.clip(picture * 1.1, 0, 255).astype(np.uint8)
    told = told_of([picture, brighter, textured(1)], half_hidden(picture))
    assert sorted(same.index for same in told) == [0, 1]


def test_a_very_small_picture_is_found(gallery):
    small = cv2.resize(gallery.picture(6), (64, 48), interpolation=cv2.INTER_AREA)
    builder = GalleryBuilder(photo_methods(["histogram"]))
    builder.add_file("small.png", encode(small, "png"))
    builder.add_file("other.png", encode(textured(1), "png"))
    pictures = builder.finish(name="small", mapped=False)
    turned = np.ascontiguousarray(np.rot90(small[4:, 6:]))
    assert [same.index for same in find_same(pictures, turned)] == [0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p, "the same picture"),
        (lambda p: p[30:300, 40:400], "the same picture, cropped"),
        (lambda p: p[:, ::-1], "the same picture, mirrored"),
        (lambda p: cv2.resize(p, (240, 180), interpolation=cv2.INTER_AREA), "the same picture, resized"),
        (lambda p: np.rot90(p), "the same picture, turned"),
    ],
)
def test_a_near_copy_is_told_as_such(gallery, change, said):
    first = find_same(gallery, np.ascontiguousarray(change(gallery.picture(5))))[0]
    assert (first.index, first.near_copy) == (5, said)


def test_the_mirrored_descriptors_are_those_of_the_mirror_image():
    picture = textured(3)
    plain = find_keypoints(picture, side=QUERY_SIDE, most=400)
    other = find_keypoints(np.ascontiguousarray(picture[:, ::-1]), side=QUERY_SIDE, most=400)
    x = other.width - 1 - other.places[:, 0]
    apart = np.hypot(plain.places[:, None, 0] - x, plain.places[:, None, 1] - other.places[:, 1])
    pairs = np.nonzero(apart.min(1) < 0.5)[0]
    turned = mirrored(plain.descriptors)[pairs].astype(float) - other.descriptors[apart.argmin(1)[pairs]]
    assert len(pairs) > 50
    assert np.median(np.linalg.norm(turned, axis=1)) < 100


def test_the_number_of_threads_changes_nothing(gallery):
    query = slanted(gallery.picture(4), textured(100), textured(101), np.random.default_rng(1))
    threads = cv2.getNumThreads()
    try:
        told = []
        for count in (1, 2, 4):
            cv2.setNumThreads(count)
            features = describe_query(query)[0]
            told.append((features.places.tobytes(), features.bits.tobytes(), find_same(gallery, query)[0].as_json()))
    finally:
        cv2.setNumThreads(threads)
    assert told[0] == told[1] == told[2]


def test_a_gallery_keeps_what_it_found_by(gallery, tmp_path):
    save_gallery(gallery, tmp_path / "kept")
    query = slanted(gallery.picture(4), textured(100), textured(101), np.random.default_rng(1))
    wanted = find_same(gallery, query)[0].as_json()
    for again in (open_gallery(tmp_path / "kept"), from_file(to_file(gallery))):
        assert find_same(again, query)[0].as_json() == wanted


def test_a_gallery_of_another_codebook_opens_and_says_what_to_do(gallery, tmp_path, monkeypatch):
    save_gallery(gallery, tmp_path / "old")
    monkeypatch.setattr(codebook(), "fingerprint", "another")
    old = open_gallery(tmp_path / "old")
    assert find_same(old, gallery.picture(0)) == ()
    assert "run `index` again" in needs_features(old)


def test_a_picture_without_any_cells_is_no_part_of_a_table(gallery):
    arrays = list(gallery.features.arrays)
    arrays[5] = np.zeros_like(arrays[5])
    arrays[6], arrays[7] = arrays[6][:0], arrays[7][:0]
    with pytest.raises(ValueError, match="do not fit together"):
        FeatureTable(*arrays)


def test_a_damaged_network_says_what_to_do(tmp_path, monkeypatch):
    (tmp_path / "cells.tflite").write_bytes(b"no network")
    monkeypatch.setattr(dense, "NETWORK", tmp_path / "cells.tflite")
    with pytest.raises(CodebookError, match=r"cells\.tflite, is missing or damaged"):
        dense.CellNetwork()
