"""The photo network and its gallery, as they are delivered."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import Gallery
from imgsearch.gallery.persistence import open_gallery
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import Picture
from imgsearch.methods.explanations import Side
from imgsearch.methods.siamese import MODELS, Siamese
from imgsearch.search.search import search


@pytest.fixture(scope="module")
def network() -> Siamese:
    return Siamese("photos")


@pytest.fixture(scope="module")
def gallery() -> Gallery:
    return open_gallery(ASSETS / "galleries" / "photos")


def white(height: int = 200, width: int = 300) -> Picture:
    return np.full((height, width, 3), 255, np.uint8)


def test_the_model_is_small_enough_to_be_fetched() -> None:
    assert (MODELS / "photos.tflite").stat().st_size <= 12e6
    assert (MODELS / "photos.npz").stat().st_size <= 3e6


def test_every_photograph_has_its_author_licence_and_source(gallery: Gallery) -> None:
    assert gallery.n == 691
    assert len(gallery.label_names) == 66
    for index in range(gallery.n):
        credit = gallery.credit(index)
        assert credit is not None
        assert credit.author and credit.licence and credit.source


def test_the_network_finds_kinds_where_the_histogram_finds_colours(gallery: Gallery) -> None:
    assert gallery.evaluation is not None
    figures = gallery.evaluation["methods"]
    assert figures["siamese"]["P@1"] >= 0.70
    assert figures["siamese"]["mAP"] >= 0.49
    assert figures["siamese"]["P@1"] > figures["histogram-grid"]["P@1"] > figures["histogram"]["P@1"]


@pytest.mark.parametrize("index", [3, 250, 600])
def test_twins_find_their_original(gallery: Gallery, network: Siamese, index: int) -> None:
    original = gallery.picture(index)
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(original[:, ::-1])).save(stream, "JPEG", quality=40)
    twin = read_picture(stream.getvalue())
    height, width = twin.shape[:2]
    twin = np.ascontiguousarray(twin[height // 20 : height - height // 20, width // 20 : width - width // 20])
    assert int((gallery.vectors("siamese") @ network.describe(twin)).argmax()) == index


def test_proportions_are_kept_and_the_rest_is_white(network: Siamese) -> None:
    seen = network.see(np.zeros((100, 300, 3), np.uint8))
    height = len(seen)
    assert (seen[0] == 255).all()
    assert (seen[-1] == 255).all()
    assert (seen[height // 2] == 0).all()
    assert np.isclose((seen == 0).mean(), 1 / 3, atol=0.01)
    assert (network.see(white()) == 255).all()


def test_the_explanation_sums_to_the_cosine(gallery: Gallery, network: Siamese) -> None:
    query, match = (Side(network.describe(picture), picture) for picture in map(gallery.picture, (10, 40)))
    explained = network.explain(query, match)
    assert explained is not None
    assert explained.score == pytest.approx(float(query.vector @ match.vector), abs=1e-5)
    for heat in (explained.query, explained.match):
        assert heat is not None
        assert len(heat.maps) == 3
        assert heat.places == pytest.approx(explained.score, abs=1e-9)
        assert abs(heat.rounding) < 1e-6


def test_heat_lies_over_the_picture_with_its_white_margins(gallery: Gallery, network: Siamese) -> None:
    """The network sees a wide picture between white margins: over the bare picture, heat would be in wrong places."""
    picture = np.zeros((100, 300, 3), np.uint8)
    side = Side(network.describe(picture), picture)
    explained = network.explain(side, side)
    assert explained is not None and explained.query is not None
    shown = explained.query.picture
    assert shown.shape[0] == shown.shape[1]
    assert (shown[0] == 255).all() and (shown[shown.shape[0] // 2] == 0).all()


def test_photographs_of_no_garment_are_told_so_in_the_fashion_gallery(gallery: Gallery) -> None:
    fashion = open_gallery(ASSETS / "galleries" / "fashion")
    chosen = [i for i in range(gallery.n) if gallery.label(i) in ("bird", "dog", "food", "fruit", "landmark")][::4]
    told = [not search(fashion, "siamese", gallery.picture(i)).convincing for i in chosen]
    assert len(told) > 30
    assert np.mean(told) >= 0.95
