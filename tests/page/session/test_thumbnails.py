"""What goes to the browser for a card: the stored file itself where that is what a browser shows."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import Gallery
from imgsearch.gallery.persistence import open_gallery
from imgsearch.gallery.picture_store import FileStore
from imgsearch.page.session import thumbnails

PICTURE = np.random.default_rng(0).integers(0, 256, (60, 140, 3), np.uint8)


def gallery_of(form, **options):
    file = io.BytesIO()
    Image.fromarray(PICTURE).save(file, form, **options)
    return Gallery(name="one", store=FileStore([file.getvalue()]), described=[])


def shown(address):
    """What a browser makes of an address, the orientation in the file left aside."""
    head, _, content = address.partition(",")
    return head, Image.open(io.BytesIO(base64.b64decode(content)))


@pytest.mark.parametrize("form", ["webp", "jpeg"])
def test_a_stored_photograph_goes_as_it_is(form):
    gallery = gallery_of(form)
    address, pixels = thumbnails.as_stored(gallery, 0)
    assert address.startswith(f"data:image/{form};base64,")
    assert shown(address)[1].size == (140, 60)
    assert not pixels
    assert len(address) <= len(gallery.store.encoded(0)) * 4 / 3 + 40


@pytest.mark.parametrize(
    ("form", "options"),
    [("tiff", {}), ("jpeg", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"})],
)
def test_what_a_browser_might_show_otherwise_is_encoded_anew(form, options):
    gallery = gallery_of(form, **options)
    assert thumbnails.as_stored(gallery, 0) is None
    _, picture = shown(thumbnails.drawn(gallery, 0)[0])
    assert picture.size == ((60, 140) if options else (140, 60))


@pytest.mark.skipif(not (ASSETS / "galleries" / "fashion").exists(), reason="the gallery is not made yet")
def test_a_tiny_picture_keeps_every_pixel():
    gallery = open_gallery(ASSETS / "galleries" / "fashion")
    assert thumbnails.as_stored(gallery, 5) is None
    address, pixels = thumbnails.drawn(gallery, 5)
    assert pixels
    np.testing.assert_array_equal(np.asarray(shown(address)[1].convert("RGB")), gallery.picture(5))
