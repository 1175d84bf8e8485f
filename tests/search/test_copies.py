"""An exact copy is known as one."""

import io

import numpy as np
import pytest
from PIL import Image

from imgsearch.gallery.builder import build_gallery
from imgsearch.gallery.gallery import Origin
from imgsearch.gallery.indexing import index
from imgsearch.gallery.persistence import GALLERY_SIDE
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import digest
from imgsearch.search.search import search
from tests.galleries import photo_methods, photographs


@pytest.fixture(scope="module")
def large():
    """A JPEG of twelve megapixels, with enough detail that its size matters."""
    random = np.random.default_rng(3)
    coarse = Image.fromarray(random.integers(0, 256, (300, 400, 3), np.uint8)).resize(
        (4000, 3000), Image.Resampling.BICUBIC
    )
    fine = np.asarray(coarse, np.int16) + random.integers(-25, 25, (3000, 4000, 1))
    stream = io.BytesIO()
    Image.fromarray(np.clip(fine, 0, 255).astype(np.uint8)).save(stream, "JPEG", quality=92)
    return stream.getvalue()


def test_the_same_file_has_the_same_score_through_index_own_pictures_and_the_page(large, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "large.jpg").write_bytes(large)
    for number, picture in enumerate(photographs(3)):
        Image.fromarray(picture).save(folder / f"{number}.png")
    indexed = index(folder, tmp_path / "gallery", photo_methods()).gallery
    others = [read_picture(folder / f"{number}.png", longest=GALLERY_SIDE) for number in range(3)]
    own = build_gallery([*others, read_picture(large, longest=GALLERY_SIDE)], photo_methods(), name="own")
    as_page = read_picture(large, longest=GALLERY_SIDE)
    for key in ("histogram", "histogram-grid"):
        for gallery in (indexed, own):
            best = search(gallery, key, as_page, k=4, digest=digest(large)).matches
            assert (best[0].index, best[0].score, best[0].identical) == (3, 0.0, True)
        scores = [[match.score for match in search(gallery, key, as_page, k=4).matches] for gallery in (indexed, own)]
        assert scores[0] == scores[1]


def test_the_same_bytes_are_a_copy_whatever_their_score():
    pictures = photographs(5)
    origins = [Origin(1, 1, digest(bytes([number]))) for number in range(5)]
    gallery = build_gallery(pictures, photo_methods(), name="photos")
    gallery.origins = origins
    # As a gallery that was described by an older program.
    other = np.ascontiguousarray(pictures[2][::-1, ::-1] // 2)
    found = search(gallery, "histogram", other, k=5, digest=digest(bytes([2])))
    assert [match.index for match in found.matches if match.identical] == [2]
    assert not any(match.identical for match in search(gallery, "histogram", other, k=5).matches)
    assert not any(match.identical for match in search(gallery, "histogram", other, k=5, digest="0" * 64).matches)
