"""A reference names a picture that comes with a gallery, or nothing."""

import pytest

from imgsearch.gallery.gallery import GalleryError
from imgsearch.search.reference import Reference
from tests.galleries import garment_gallery, photo_gallery


@pytest.mark.parametrize("reference", [Reference("g", 0), Reference("q", 12), Reference("g", 999_999_999)])
def test_what_is_written_is_read_again(reference):
    assert Reference.parse(str(reference)) == reference


@pytest.mark.parametrize("text", ["", "g", "12", "x3", "g-1", "g1.5", "q٣", "g1234567890", "g 1", "gg1", "G1"])
def test_other_text_is_no_reference(text):
    assert Reference.parse(text) is None


def test_it_is_looked_up_in_its_gallery():
    gallery = garment_gallery()
    assert Reference("g", 59).is_in(gallery)
    assert not Reference("g", 60).is_in(gallery)
    assert Reference("q", 11).is_in(gallery)
    assert not Reference("q", 12).is_in(gallery)
    assert not Reference("q", 0).is_in(photo_gallery())
    assert Reference.of_gallery(gallery, "q11") == Reference("q", 11)
    with pytest.raises(GalleryError, match="no picture q12"):
        Reference.of_gallery(gallery, "q12")
