"""Galleries are made of what was added, in that order."""

import numpy as np
import pytest

from imgsearch.gallery.builder import GalleryBuilder, build_fashion, build_gallery
from imgsearch.gallery.persistence import Credit, GalleryError
from imgsearch.images.transforms import encode
from imgsearch.methods.registry import fashion_methods
from tests.galleries import photo_methods, photographs
from tests.gallery.test_fashion_mnist import write_fashion


def test_what_is_known_of_a_picture_stays_with_it():
    builder = GalleryBuilder(photo_methods())
    one, two, three = photographs(3)
    builder.add(one, name="b.png", label="zebra")
    builder.add(two, name="a.png", credit=Credit("B. Author", "CC-BY-4.0", "a book"))
    builder.add(three, label="ant", encoded=encode(three, "png"))
    assert len(builder) == 3
    gallery = builder.finish(name="three", title="Three pictures")
    assert [gallery.label(i) for i in range(3)] == ["zebra", "", "ant"]
    assert [gallery.file_name(i) for i in range(3)] == ["b.png", "a.png", ""]
    assert gallery.label_names == ("ant", "zebra")
    assert gallery.credit(0) is None
    assert gallery.credit(1).licence == "CC-BY-4.0"
    np.testing.assert_array_equal(gallery.picture(2), three)  # kept as the file that was given
    assert gallery.picture(0).shape == one.shape
    np.testing.assert_array_equal(gallery.vectors("histogram")[1], gallery.describe("histogram", two))


def test_large_pictures_are_kept_small():
    gallery = build_gallery([np.zeros((900, 1800, 3), np.uint8)], photo_methods(), name="large")
    assert gallery.picture(0).shape == (320, 640, 3)


def test_a_gallery_of_nothing_is_refused():
    with pytest.raises(GalleryError, match="at least one picture"):
        GalleryBuilder(photo_methods()).finish(name="empty")


def test_progress_is_told():
    told = []
    build_gallery(photographs(3), photo_methods(), name="x", names=list("abc"), progress=lambda *at: told.append(at))
    assert told == [(1, 3, "a"), (2, 3, "b"), (3, 3, "c")]


def test_the_fashion_gallery_is_the_train_half_with_the_test_half_as_queries(tmp_path):
    write_fashion(tmp_path)
    gallery = build_fashion(fashion_methods(["histogram", "histogram-grid"]), tmp_path)
    assert (gallery.n, gallery.queries.n, gallery.preprocessing) == (30, 7, "garment")
    assert gallery.label(11) == "Trouser"
    assert gallery.queries.label(6) == "Shirt"
    np.testing.assert_array_equal(
        gallery.vectors("histogram")[4], gallery.methods["histogram"].describe(gallery.picture(4))
    )
