"""The delivered galleries hold what their methods give today for the pictures that they keep, and a map."""

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery, verify_gallery

DELIVERED = sorted(path.parent for path in (ASSETS / "galleries").glob("*/gallery.json"))
STEPS = {"fashion": 20}
"""Of 60,000 pictures every twentieth is described; of the others, all."""

pytestmark = pytest.mark.skipif(not DELIVERED, reason="no gallery is delivered: make them first")


@pytest.mark.parametrize("path", DELIVERED, ids=lambda path: path.name)
def test_every_gallery_is_whole_and_has_a_map(path):
    gallery = verify_gallery(path)
    assert gallery.map_positions is not None
    assert gallery.map_positions.shape == (gallery.n, 2)
    assert np.abs(gallery.map_positions).max() == pytest.approx(1, abs=1e-6)
    assert gallery.map_positions.std(axis=0).min() > 0.1


@pytest.mark.parametrize("path", DELIVERED, ids=lambda path: path.name)
def test_the_vector_of_every_picture_is_that_of_the_picture_as_it_is_kept(path):
    gallery = open_gallery(path)
    indices = np.arange(0, gallery.n, STEPS.get(gallery.name, 1))
    stored = {key: gallery.vectors(key, indices) for key in gallery.methods}
    for row, index in enumerate(indices):
        picture = gallery.picture(int(index))
        for key in gallery.methods:
            # Another processor may round otherwise; on the one that described them, only the stored type does.
            half = gallery.method_vectors[key].stored.dtype == np.float16
            again, relative = gallery.describe(key, picture), 2**-10 if half else 0
            np.testing.assert_allclose(again, stored[key][row], rtol=relative, atol=1e-4, err_msg=str(index))


def test_files_are_known_by_their_bytes_where_pictures_were_files():
    photos = [open_gallery(path) for path in DELIVERED if path.name == "photos"]
    for gallery in photos:
        assert gallery.origins is not None
        assert len({origin.sha256 for origin in gallery.origins}) > 0.99 * gallery.n
