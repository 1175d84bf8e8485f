"""Marks move a search, and what they make is still a vector that a picture could have."""

import numpy as np
import pytest

from imgsearch.gallery.gallery import GalleryError
from imgsearch.methods.histogram import ColourHistogram, GreyHistogram
from imgsearch.search.feedback import Marks, rocchio
from imgsearch.search.reference import Reference
from imgsearch.search.search import search, search_reference
from tests.galleries import garment_gallery, photo_gallery, photographs


@pytest.fixture(scope="module")
def photos():
    return photo_gallery(30)


METHODS = [
    GreyHistogram(bins=8, grid=2),
    ColourHistogram(bins=(4, 3, 2)),
    ColourHistogram(space="lab", bins=(3, 3, 3), grid=3, root=True),
]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: f"{method.kind}-{method.grid}")
def test_a_histogram_that_marks_moved_is_a_histogram(method):
    vectors = np.stack([method.describe(picture) for picture in photographs(8)])
    moved = rocchio(method, vectors[0], vectors[1:3], vectors[3:])
    assert moved.dtype == np.float32
    assert (moved >= 0).all()
    cells = method.grid**2
    shares = moved.astype(np.float64).reshape(cells, -1) ** (2 if getattr(method, "root", False) else 1)
    np.testing.assert_allclose(shares.sum(axis=1), 1 / cells, rtol=1e-5)


def test_rocchio_moves_towards_what_is_liked_and_away_from_the_rest():
    method = GreyHistogram(bins=8)
    vectors = np.stack([method.describe(picture) for picture in photographs(4)])
    moved = rocchio(method, vectors[0], vectors[1:3], vectors[3:])
    expected = np.maximum(vectors[0] + 0.75 * vectors[1:3].mean(axis=0) - 0.25 * vectors[3], 0)
    np.testing.assert_allclose(moved, expected / expected.sum(), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(rocchio(method, vectors[0], vectors[:0], vectors[:0]), vectors[0], rtol=1e-6)


@pytest.mark.parametrize("key", ["histogram", "histogram-grid"])
def test_what_is_not_like_this_leaves_the_ranking_and_others_take_its_place(photos, key):
    picture = photographs(31)[30]
    before = search(photos, key, picture, k=6)
    rejected = before.matches[2].index
    after = search(photos, key, picture, k=6, marks=Marks(less=(rejected,)))
    assert len(after.matches) == 6
    assert rejected not in [match.index for match in after.matches]
    assert [match.rank for match in after.matches] == [1, 2, 3, 4, 5, 6]
    everything = search(photos, key, picture, k=30, marks=Marks(less=(rejected,)))
    assert len(everything.matches) == 29


def test_what_is_liked_comes_closer(photos):
    picture = photographs(31)[30]
    before = [match.index for match in search(photos, "histogram", picture, k=30).matches]
    liked = before[20]
    after = [match.index for match in search(photos, "histogram", picture, k=30, marks=Marks(more=(liked,))).matches]
    assert after.index(liked) < 20


@pytest.mark.parametrize("key", ["histogram", "histogram-grid"])
def test_the_query_is_still_known_when_marks_have_moved_it(photos, key):
    marks = Marks(more=(4, 7), less=(9,))
    result = search(photos, key, photographs(30)[11], k=30, marks=marks)
    assert [match.index for match in result.matches if match.identical] == [11]
    assert not np.array_equal(result.vector, photos.vectors(key, [11])[0])


def test_a_picture_of_the_gallery_is_searched_as_the_gallery_knows_it(photos):
    result = search_reference(photos, "histogram", Reference("g", 5), k=3)
    np.testing.assert_array_equal(result.vector, photos.vectors("histogram", [5])[0])
    moved = search_reference(photos, "histogram", Reference("g", 5), k=30, marks=Marks(more=(8,), less=(2,)))
    assert len(moved.matches) == 28, "neither itself nor what was marked is a match"


def test_a_picture_to_try_the_gallery_with_is_searched_like_any_other():
    gallery = garment_gallery()
    result = search_reference(gallery, "histogram-grid", Reference("q", 3), k=5)
    assert result.matches == search(gallery, "histogram-grid", gallery.queries.picture(3), k=5).matches


def test_marks_of_a_page_that_are_not_in_this_gallery_are_left_out(photos):
    assert Marks.of(photos, {40: 1, 7: -1, 3: 1, 29: 1}) == Marks(more=(3, 29), less=(7,))
    assert not Marks.of(photos, {})


def test_a_mark_on_a_picture_that_is_not_there_is_refused(photos):
    with pytest.raises(GalleryError, match="no picture 30 to mark: its 30 pictures are numbered from 0"):
        search(photos, "histogram", photographs(1)[0], marks=Marks(more=(30,)))
    with pytest.raises(GalleryError, match="no picture -1"):
        search(photos, "histogram", photographs(1)[0], marks=Marks(less=(-1,)))
