"""What a gallery of garments makes of a picture that it is searched with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.fashion_mnist import FASHION_LABELS
from imgsearch.gallery.gallery import Gallery
from imgsearch.gallery.garment_queries import GarmentQueries
from imgsearch.gallery.persistence import open_gallery
from imgsearch.images.transforms import Picture, enlarge
from imgsearch.methods.garment_conversion import convert
from imgsearch.methods.garment_head import GarmentHead, GarmentReader, Guess
from imgsearch.methods.siamese import shared_network


class Blind(GarmentReader):
    """A reader that must not be asked."""

    def __init__(self) -> None:
        pass

    def guess(self, photograph: Picture) -> Guess:
        raise AssertionError("the photo network was asked")


@pytest.fixture(scope="module")
def gallery() -> Gallery:
    return open_gallery(ASSETS / "galleries" / "fashion")


def read_by(gallery: Gallery, reader: GarmentReader) -> Gallery:
    """The same gallery, for which another reader says which kind of garment a photograph shows."""
    return gallery.changed(garment_queries=replace(gallery.garment_queries, reader=lambda: reader))


def trousers() -> Picture:
    """Two blue legs on a lawn."""
    picture = np.random.default_rng(0).integers(60, 130, (320, 240, 3), dtype=np.uint8)
    picture[:, :, 1] += 60
    picture[40:290, 70:115] = picture[40:290, 125:170] = picture[40:110, 70:170] = (40, 50, 110)
    return picture


def test_a_picture_in_the_form_of_the_gallery_is_described_as_it_is(gallery: Gallery) -> None:
    assert gallery.queries is not None
    picture = gallery.queries.picture(3)
    described = read_by(gallery, Blind()).describe_query("siamese", picture)
    np.testing.assert_array_equal(described.vector, gallery.methods["siamese"].describe(picture))
    assert described.guess is None
    assert not described.added


def test_an_enlarged_one_goes_the_direct_way_too(gallery: Gallery) -> None:
    large = np.pad(enlarge(gallery.picture(0), 10), ((9, 9), (9, 9), (0, 0)))
    described = read_by(gallery, Blind()).describe_query("siamese", large)
    np.testing.assert_array_equal(described.vector, gallery.methods["siamese"].describe(convert(large).result))


@pytest.mark.parametrize("key", ["histogram", "histogram-grid"])
def test_a_histogram_is_that_of_the_conversion(gallery: Gallery, key: str) -> None:
    described = read_by(gallery, Blind()).describe_query(key, trousers())
    np.testing.assert_array_equal(described.vector, gallery.methods[key].describe(described.picture))


def test_a_photograph_is_its_kind_and_its_conversion(gallery: Gallery) -> None:
    described = gallery.describe_query("siamese", trousers())
    assert described.guess is not None
    assert np.linalg.norm(described.vector) == pytest.approx(1.0, abs=1e-6)
    (name, kind), *others = described.added.items()
    assert not others
    assert FASHION_LABELS[described.guess.kind] in name
    rest = described.vector - kind
    converted = gallery.methods["siamese"].describe(described.picture)
    np.testing.assert_allclose(rest, converted * (rest @ converted), atol=1e-6)
    assert rest @ converted > 0


def test_a_given_conversion_is_used(gallery: Gallery) -> None:
    conversion = convert(np.flipud(trousers()))
    assert gallery.describe_query("siamese", trousers(), conversion=conversion).picture is conversion.result


def test_a_sure_reader_decides_the_kind(gallery: Gallery) -> None:
    network = shared_network("photos")
    weights = np.zeros((len(network.layer.mean), 11), np.float32)
    bias = np.zeros(11, np.float32)
    bias[FASHION_LABELS.index("Bag")] = 40.0
    sure = read_by(gallery, GarmentReader(network, GarmentHead(weights, bias)))
    vector = sure.describe("siamese", trousers())
    best = np.argsort(-(gallery.vectors("siamese") @ vector))[:10]
    assert {gallery.label(int(i)) for i in best} == {"Bag"}


def test_a_gallery_of_other_kinds_is_searched_by_the_conversion_alone(gallery: Gallery) -> None:
    labels = np.zeros(10, np.int16)
    for names in ((), ("Trouser",)):
        queries = GarmentQueries(labels, names, gallery.vectors, Blind)
        described = queries.describe(gallery.methods["siamese"], trousers())
        np.testing.assert_array_equal(described.vector, gallery.methods["siamese"].describe(described.picture))
