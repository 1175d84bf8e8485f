"""The Fashion gallery is made of the four files."""

import numpy as np

from imgsearch.gallery.fashion_gallery import build_fashion
from imgsearch.methods.registry import fashion_methods
from tests.gallery.test_fashion_mnist import write_fashion


def test_the_fashion_gallery_is_the_train_half_with_the_test_half_as_queries(tmp_path):
    write_fashion(tmp_path)
    gallery = build_fashion(fashion_methods(["histogram", "histogram-grid"]), tmp_path)
    assert (gallery.n, gallery.queries.n, gallery.preprocessing) == (30, 7, "garment")
    assert gallery.label(11) == "Trouser"
    assert gallery.queries.label(6) == "Shirt"
    assert gallery.map_positions.shape == (30, 2)
    np.testing.assert_array_equal(
        gallery.vectors("histogram")[4], gallery.methods["histogram"].describe(gallery.picture(4))
    )
