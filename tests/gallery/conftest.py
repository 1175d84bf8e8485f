"""A small gallery of photographs, as it is and as a folder."""

import pytest

from imgsearch.gallery.persistence import save_gallery
from tests.galleries import photo_gallery


@pytest.fixture(scope="module")
def photos():
    return photo_gallery(features=True)


@pytest.fixture
def folder(tmp_path, photos):
    save_gallery(photos, tmp_path / "photos")
    return tmp_path / "photos"
