"""A search finds what looks like the query, and says how well."""

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import GalleryError
from imgsearch.gallery.persistence import is_gallery, open_gallery
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import encode, fit
from imgsearch.search.feedback import Marks
from imgsearch.search.reference import Reference
from imgsearch.search.search import search, search_reference
from tests.galleries import garment_gallery, photo_gallery, photographs

FASHION = ASSETS / "galleries" / "fashion"


@pytest.fixture(scope="module")
def photos():
    return photo_gallery(30)


@pytest.mark.parametrize("key", ["histogram", "histogram-grid"])
def test_a_picture_of_the_gallery_finds_itself_first(photos, key):
    for i, picture in enumerate(photographs(30)):
        result = search(photos, key, picture, k=5)
        best = result.matches[0]
        assert (best.index, best.score, best.identical, best.rank) == (i, 0.0, True, 1)
        assert best.closer_than == 29 / 30
        assert (best.label, best.name) == (photos.label(i), photos.file_name(i))
        assert not any(match.identical for match in result.matches[1:])


def test_a_mirror_image_has_the_same_histogram_but_is_not_the_same_picture(photos):
    picture = photographs(1)[0]
    best = search(photos, "histogram", picture[:, ::-1]).matches[0]
    assert (best.index, best.score) == (0, 0.0)
    assert not best.identical


def test_a_result_has_all_its_numbers(photos):
    result = search(photos, "histogram", photographs(31)[30], k=7)
    assert [match.rank for match in result.matches] == list(range(1, 8))
    assert len({match.index for match in result.matches}) == 7
    scores = [match.score for match in result.matches]
    assert scores == sorted(scores)
    assert result.sample_scores.shape == (30,)
    np.testing.assert_allclose([result.sample_scores[match.index] for match in result.matches], scores, rtol=1e-6)
    assert set(result.seconds) == {"describe", "search"}
    assert result.method.key == "histogram"
    np.testing.assert_array_equal(result.vector, photos.describe("histogram", photographs(31)[30]))


def test_more_matches_than_pictures_are_all_of_them(photos):
    assert len(search(photos, "histogram", photographs(1)[0], k=1000).matches) == 30


def test_a_large_query_is_described_as_the_gallery_was(photos):
    small = photographs(1)[0]
    large = np.kron(small, np.ones((20, 20, 1), np.uint8))
    np.testing.assert_array_equal(photos.prepare(large), fit(large, 640))
    assert search(photos, "histogram", large).matches[0].index == 0


def test_an_unknown_method_and_no_matches_are_refused(photos):
    with pytest.raises(GalleryError, match="no method 'magic': it has histogram, histogram-grid"):
        search(photos, "magic", photographs(1)[0])
    with pytest.raises(ValueError, match="at least 1"):
        search(photos, "histogram", photographs(1)[0], k=0)


def test_a_first_match_is_doubted_in_degrees_and_only_where_it_was_measured():
    gallery = garment_gallery()
    picture = gallery.queries.picture(0)
    score = search(gallery, "histogram", picture).matches[0].score
    assert search(gallery, "histogram", picture).doubt == "none"
    for unsure, nothing, expected in ((1.0, 1.0, "none"), (0.99, 1.0, "unsure"), (0.98, 0.99, "nothing")):
        gallery.evaluation = {"judgement": {"histogram": {"unsure": score * unsure, "nothing": score * nothing}}}
        assert search(gallery, "histogram", picture).doubt == expected
    gallery.evaluation = {"judgement": {"histogram": None}}
    assert search(gallery, "histogram", picture).convincing


@pytest.mark.parametrize("key", ["histogram", "histogram-grid"])
def test_a_picture_of_the_gallery_is_not_among_its_own_matches(photos, key):
    alone = search_reference(photos, key, Reference("g", 4), k=29)
    assert 4 not in [match.index for match in alone.matches]
    assert [match.rank for match in alone.matches] == list(range(1, 30))
    as_a_file = search(photos, key, photos.picture(4), k=30)
    assert [match.index for match in as_a_file.matches] == [4, *(match.index for match in alone.matches)]
    marked = search_reference(photos, key, Reference("g", 4), k=29, marks=Marks(less=(4, alone.matches[0].index)))
    assert len(marked.matches) == 28


def test_a_picture_of_the_gallery_is_judged_by_the_first_other_one():
    gallery = garment_gallery()
    found = search_reference(gallery, "histogram", Reference("g", 0), k=2)
    between = found.matches[0].score / 2
    gallery.evaluation = {"judgement": {"histogram": {"unsure": between, "nothing": between}}}
    assert search_reference(gallery, "histogram", Reference("g", 0), k=2).doubt == "nothing"


def test_a_file_finds_the_picture_it_was_made_from(photos):
    read = read_picture(encode(photographs(30)[11], "png"))
    best = search(photos, "histogram-grid", read).matches[0]
    assert best.index == 11
    assert best.identical


# ---- the real gallery

needs_fashion = pytest.mark.skipif(not is_gallery(FASHION), reason="assets/galleries/fashion is not there")

# Of the first three test pictures, by integer arithmetic on the counts of the IDX files.
GOLDEN = {
    ("histogram", 0): [34506, 33258, 6845, 35396, 9411],
    ("histogram", 1): [33509, 502, 44972, 18619, 3866],
    ("histogram", 2): [54695, 11829, 13052, 13077, 7868],
    ("histogram-grid", 0): [18094, 53333, 53939, 17346, 54604],
    ("histogram-grid", 1): [31348, 10147, 9533, 19589, 47547],
    ("histogram-grid", 2): [5525, 7868, 10311, 39889, 55582],
}


@needs_fashion
@pytest.mark.parametrize(("key", "query"), GOLDEN)
def test_golden_rankings(key, query):
    gallery = open_gallery(FASHION)
    result = search(gallery, key, gallery.queries.picture(query), k=5)
    assert [match.index for match in result.matches] == GOLDEN[key, query]
    counts = gallery.method_vectors[key].stored.astype(np.int64)
    of_query = np.rint(result.vector * 784).astype(np.int64)
    squared = ((counts - of_query) ** 2).sum(axis=1)
    assert np.argsort(squared, kind="stable")[:5].tolist() == GOLDEN[key, query]


@needs_fashion
def test_every_method_finds_a_picture_of_the_fashion_gallery_itself():
    gallery = open_gallery(FASHION)
    for key in gallery.methods:
        for i in range(0, 60_000, 6007):
            best = search(gallery, key, gallery.picture(i), k=1).matches[0]
            assert (best.index, best.identical) == (i, True), key
