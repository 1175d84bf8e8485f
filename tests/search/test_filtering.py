"""A filter takes pictures out of a ranking and changes nothing else in it."""

from dataclasses import replace

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import GalleryError
from imgsearch.gallery.persistence import open_gallery
from imgsearch.ranking.engine import Engine
from imgsearch.ranking.index import ExactIndex
from imgsearch.ranking.metrics import COSINE
from imgsearch.ranking.milvus import MOST, Collection
from imgsearch.ranking.remote_index import RemoteIndex
from imgsearch.ranking.vectors import Vectors
from imgsearch.search.feedback import Marks
from imgsearch.search.filtering import Filter
from imgsearch.search.gallery_words import vocabulary_of
from imgsearch.search.reference import Reference
from imgsearch.search.search import search, search_reference
from imgsearch.search.words import search_word
from tests.galleries import gallery_of, garment_gallery, photo_gallery, photographs

PHOTOS = ASSETS / "galleries" / "photos"
FILTERS = [{"only": ["tall"]}, {"without": ["round", "TALL"]}, {"only": ["Round", "square"], "without": ["square"]}]


def left(result, shown):
    """What must be left of a ranking of all pictures."""
    kept = [
        match
        for match in result.matches
        if (not shown.only or match.label in shown.only) and match.label not in shown.without
    ]
    return tuple(replace(match, rank=rank) for rank, match in enumerate(kept, start=1))


@pytest.mark.parametrize("given", FILTERS)
@pytest.mark.parametrize("marks", [Marks(), Marks(more=(3, 8), less=(0, 11, 14))])
def test_ranking_scores_and_places_of_what_is_left_are_as_they_were(given, marks):
    gallery = garment_gallery(60)
    shown = Filter.of(gallery, **given)
    picture = gallery.queries.picture(4)
    for key in gallery.methods:
        whole = search(gallery, key, picture, k=60, marks=marks)
        for k in (1, 7, 60):
            found = search(gallery, key, picture, k=k, marks=marks, shown=shown)
            assert found.matches == left(whole, shown)[:k]
            assert (found.vector == whole.vector).all()
            assert found.passing == 20
            assert found.note == ""
            # What the charts are made of are the scores of all pictures.
            assert len(found.sample_scores) == 60


def test_a_kind_that_is_far_down_is_found_all_the_same():
    gallery = garment_gallery(60)
    key = next(iter(gallery.methods))
    nearest = search(gallery, key, gallery.picture(0), k=60)
    last = nearest.matches[-1]
    found = search(gallery, key, gallery.picture(0), k=3, shown=Filter(only=(last.label,)))
    assert {match.label for match in found.matches} == {last.label}
    assert found.matches[0].closer_than < nearest.matches[2].closer_than


def test_pictures_that_are_the_query_are_left_out_and_known_however_many_there_are():
    pictures = photographs(4)
    gallery = gallery_of([*[pictures[0]] * 9, *pictures[1:]], photo_gallery(2).methods.values(), name="g")
    found = search(gallery, "histogram", pictures[0], k=3, shown=Filter(hide_query=True))
    assert [match.index for match in found.matches] == [
        match.index for match in search(gallery, "histogram", pictures[0], k=12).matches if match.index > 8
    ]
    assert [match.rank for match in found.matches] == [1, 2, 3]
    assert found.hidden == found.copies == frozenset(range(9))
    found = search_reference(gallery, "histogram", Reference("g", 2), k=12, shown=Filter(hide_query=True))
    assert len(found.matches) == 3
    assert found.hidden == frozenset(range(9)) - {2}


def test_nothing_left_is_no_failure():
    gallery = garment_gallery(9)
    shown = Filter.of(gallery, only=["tall"], without=["tall"])
    found = search(gallery, next(iter(gallery.methods)), gallery.picture(0), shown=shown)
    assert found.matches == ()
    assert found.passing == 0


def test_an_engine_that_names_no_more_is_said(monkeypatch):
    gallery = garment_gallery(60)
    key = next(iter(gallery.methods))
    far = search(gallery, key, gallery.picture(0), k=60).matches[-1].label
    monkeypatch.setattr(gallery.index(key), "most", 25)
    asked = []
    nearest = ExactIndex.nearest
    monkeypatch.setattr(ExactIndex, "nearest", lambda self, query, k: asked.append(k) or nearest(self, query, k))
    found = search(gallery, key, gallery.picture(0), k=12, shown=Filter(only=(far,)))
    assert max(asked) == 25
    assert len(found.matches) < 12
    few = len(found.matches)
    assert found.note == f"An engine names 25 matches at most; {few} of those pass the filter: there may be more."
    assert search(gallery, key, gallery.picture(0), k=12).note == ""


def test_the_engine_s_limit_is_its_own():
    collection = Collection(Engine("http://127.0.0.1:1"), "name", "COSINE", 2)
    assert RemoteIndex(COSINE, Vectors(np.zeros((MOST + 1, 2), np.float32)), collection, "key").most == MOST


def test_kinds_are_known_as_people_write_them():
    photos = open_gallery(PHOTOS)
    assert Filter.of(photos, only=["Musical_Instrument", "bird"]).only == ("musical instrument", "bird")
    with pytest.raises(GalleryError, match="has no kind “kingfisher”: it has antelope, "):
        Filter.of(photos, without=["kingfisher"])
    with pytest.raises(GalleryError, match="its pictures have no labels"):
        Filter.of(gallery_of(photographs(1), photo_gallery(2).methods.values(), name="g"), only=["x"])


def test_words_are_filtered_like_pictures():
    photos = open_gallery(PHOTOS)
    vocabulary = vocabulary_of(photos)
    word = next(word for word in vocabulary.words if word.title == "dog")
    whole = search_word(photos, vocabulary, word, k=photos.n)
    for shown in (Filter(without=("dog",)), Filter(only=("flower", "fish"))):
        found = search_word(photos, vocabulary, word, k=9, shown=shown)
        assert found.matches == left(whole, shown)[:9]
        for match in found.matches:
            assert (found.vector_for(match) == whole.vector_for(whole.matches[_place(whole, match)])).all()


def _place(result, match):
    return next(place for place, other in enumerate(result.matches) if other.index == match.index)


def test_what_acts_is_said_in_one_sentence():
    assert Filter().sentence(5, 5) == ""
    assert Filter(hide_query=True).sentence(9, 9) == "Without the query itself. “Closer than” counts all pictures."
    said = Filter(only=("a_b", "c"), without=("d",)).sentence(1_200, 60_000)
    assert said == "Only a b and c, without d: 1,200 of 60,000 pictures. “Closer than” counts all pictures."
