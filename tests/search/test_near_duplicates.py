"""Pictures that are almost the same are found, and those that are only alike are not."""

import cv2
import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import GalleryError
from imgsearch.gallery.persistence import open_gallery
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import encode
from imgsearch.search import near_duplicates as module
from imgsearch.search.near_duplicates import near_duplicates
from tests.galleries import gallery_of, photo_gallery

PHOTOS = ASSETS / "galleries" / "photos"
pytestmark = pytest.mark.skipif(not PHOTOS.exists(), reason="assets/galleries/photos is missing: make it first")


def cropped(picture, share):
    high, wide = (int(share / 2 * side) for side in picture.shape[:2])
    return np.ascontiguousarray(picture[high : picture.shape[0] - high, wide : picture.shape[1] - wide])


def turned(picture, degrees):
    size = picture.shape[1], picture.shape[0]
    return cv2.warpAffine(picture, cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), degrees, 1.08), size)


ALTERED = {
    "encoded again": lambda picture: read_picture(encode(picture, "jpeg", quality=40)),
    "half": lambda picture: cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
    "cropped": lambda picture: cropped(picture, 0.1),
    "brighter": lambda picture: np.clip(picture * 1.25, 0, 255).astype(np.uint8),
    "turned": lambda picture: turned(picture, 3),
}


@pytest.fixture(scope="module")
def photos():
    return open_gallery(PHOTOS)


def test_of_the_delivered_photographs_only_the_same_planet_twice_is_told(photos):
    found = near_duplicates(photos)
    assert found.note == ""
    names = [{photos.file_name(pair.first), photos.file_name(pair.second)} for pair in found.pairs]
    assert names == [{"planet/gcompris_neptune.webp", "planet/tuxpaint_planets_8_neptune.webp"}]


def test_altered_copies_are_found_and_nothing_else(photos):
    chosen = np.random.default_rng(0).choice(photos.n, 12, replace=False).tolist()
    originals = [photos.picture(index) for index in chosen]
    altered = [change(picture) for picture in originals for change in ALTERED.values()]
    names = [f"{number}.png" for number in range(12)]
    names += [f"{number} {how}.png" for number in range(12) for how in ALTERED]
    method = photos.method("siamese")
    gallery = gallery_of([*originals, *altered], [method], name="own", names=names)
    pairs = near_duplicates(gallery).pairs
    number = [int(name.split()[0].removesuffix(".png")) for name in names]
    assert all(number[pair.first] == number[pair.second] for pair in pairs)
    told = {pair.second for pair in pairs if pair.first < 12}
    assert len(told) >= 0.9 * len(altered)
    assert [pair.alike for pair in pairs] == sorted((pair.alike for pair in pairs), reverse=True)
    assert all(pair.first < pair.second for pair in pairs)


def test_the_same_file_twice_is_a_pair_even_if_nothing_is_to_be_seen_in_it(photos):
    blank = np.full((60, 80, 3), 200, np.uint8)
    gallery = gallery_of([blank, blank, photos.picture(3)], [photos.method("siamese")], name="own")
    (pair,) = near_duplicates(gallery).pairs
    assert (pair.first, pair.second, pair.alike) == (0, 1, 1.0)


def test_too_many_likely_pairs_are_said(photos, monkeypatch):
    monkeypatch.setattr(module, "MOST_COMPARED", 2)
    gallery = gallery_of([photos.picture(3)] * 3, [photos.method("siamese")], name="own")
    found = near_duplicates(gallery)
    assert len(found.pairs) == 2
    assert found.note == "Only the 2 likeliest of 3 pairs were compared: there may be more."


def test_a_gallery_without_the_network_gets_a_sentence():
    with pytest.raises(GalleryError, match="make a gallery of photographs with it"):
        near_duplicates(photo_gallery())
