"""The row of what shows the very same thing, above the matches."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.images.transforms import encode
from imgsearch.search.slants import slanted
from tests.page.app import APP

PHOTOS = ASSETS / "galleries" / "photos"

pytestmark = pytest.mark.skipif(not PHOTOS.exists(), reason="assets/galleries/photos is missing: make it first")


@pytest.fixture
def page():
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.query_params["gallery"] = "photos"
    app.run()
    assert not app.exception
    return app


def headings(page):
    return [heading.value for heading in page.header]


def test_a_slanted_print_is_found_above_the_matches(page):
    assert "Found it" not in headings(page)
    gallery = open_gallery(PHOTOS)
    query = slanted(gallery.picture(300), gallery.picture(10), gallery.picture(20), np.random.default_rng(3))
    page.file_uploader[0].upload("print.png", encode(query, "png")).run()
    # A test without a browser sees the parts in the order in which they were drawn last.
    page.run()
    assert headings(page)[0] == "Found it"
    assert any("points agree" in text.value for text in page.markdown)
