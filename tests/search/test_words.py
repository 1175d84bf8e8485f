"""A word finds the pictures that are nearest to any of its classes, and every score is one cosine."""

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.methods.explanations import Side
from imgsearch.search.feedback import Marks, rocchio
from imgsearch.search.gallery_words import vocabulary_of
from imgsearch.search.search import search_described
from imgsearch.search.words import search_word, towards
from tests.search.vocabularies import gallery, vocabulary


@pytest.fixture(scope="module")
def photos():
    return open_gallery(ASSETS / "galleries" / "photos")


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def word_of(words, name):
    return words.meanings(name)[0]


@pytest.mark.parametrize("name", ["dog", "collie", "animal"])
@pytest.mark.parametrize("k", [1, 4, 40])
def test_the_ranking_is_that_of_the_nearest_class(name, k):
    random = np.random.default_rng(3)
    vectors, words = unit(random.normal(size=(40, 5))), vocabulary(unit(random.normal(size=(5, 5))))
    result = search_word(gallery(vectors), words, word_of(words, name), k=k)
    cosines = vectors.astype(np.float64) @ words.vectors(word_of(words, name)).T.astype(np.float64)
    order = np.argsort(-cosines.max(axis=1), kind="stable")[:k]
    assert [match.index for match in result.matches] == order.tolist()
    np.testing.assert_allclose([match.score for match in result.matches], cosines.max(axis=1)[order], atol=1e-6)
    np.testing.assert_allclose(result.sample_scores, cosines.max(axis=1), atol=1e-6)
    for rank, match in enumerate(result.matches, start=1):
        assert match.rank == rank
        assert match.closer_than == (40 - rank) / 40
        assert not match.identical
        row = result.vector_for(match).astype(np.float64)
        assert vectors[match.index] @ row / np.linalg.norm(row) == pytest.approx(match.score, abs=1e-6)


def test_equal_scores_are_ranked_by_index_and_beat_nothing_of_each_other():
    vectors = np.tile(np.eye(5, dtype=np.float32)[:1], (6, 1))
    vectors[3] = np.eye(5)[3]
    words = vocabulary()
    matches = search_word(gallery(vectors), words, word_of(words, "collie"), k=6).matches
    assert [match.index for match in matches] == [0, 1, 2, 4, 5, 3]
    assert [match.closer_than for match in matches] == [1 / 6] * 5 + [0.0]


def test_a_word_without_pictures_is_not_convincing():
    words = vocabulary()
    far = gallery(np.eye(5, dtype=np.float32)[[3, 4]])
    assert search_word(far, words, word_of(words, "boat")).convincing
    assert not search_word(far, words, word_of(words, "dog")).convincing


def test_marks_move_every_class_of_the_word_and_what_is_not_wanted_leaves():
    random = np.random.default_rng(5)
    vectors, words = unit(random.normal(size=(30, 5))), vocabulary(unit(random.normal(size=(5, 5))))
    here, dog = gallery(vectors), word_of(words, "dog")
    result = search_word(here, words, dog, k=30, marks=Marks((2, 7), (4,)))
    moved = [rocchio(here.method("siamese"), each, vectors[[2, 7]], vectors[[4]]) for each in words.vectors(dog)]
    expected = (vectors @ np.stack(moved).T).max(axis=1)
    assert 4 not in {match.index for match in result.matches}
    assert len(result.matches) == 29
    for match in result.matches:
        assert match.score == pytest.approx(expected[match.index], abs=1e-6)
        assert match.closer_than == pytest.approx(np.mean(expected < expected[match.index]), abs=1e-9)


def test_what_is_not_wanted_makes_room_for_the_next():
    random = np.random.default_rng(7)
    here, words = gallery(unit(random.normal(size=(30, 5)))), vocabulary(unit(random.normal(size=(5, 5))))
    dog = word_of(words, "dog")
    first = search_word(here, words, dog, k=3).matches[0].index
    after = search_word(here, words, dog, k=3, marks=Marks((), (first,))).matches
    assert [match.rank for match in after] == [1, 2, 3]
    assert first not in {match.index for match in after}


def test_a_picture_and_a_word_together_are_nearer_to_the_word(photos):
    words, method = vocabulary_of(photos), photos.method("siamese")
    penguin = next(index for index, name in enumerate(photos.names) if "penguin" in name)
    alone, prey = photos.description("siamese", penguin), word_of(words, "bird of prey")
    both = towards(method, alone, words, prey)
    centre = words.centre(prey)
    assert both.vector @ centre > alone.vector @ centre
    assert np.linalg.norm(both.vector) == pytest.approx(1.0, abs=1e-6)
    ((name, part),) = both.added.items()
    assert name == "the word bird of prey"
    own = both.vector - part
    np.testing.assert_allclose(own / np.linalg.norm(own), alone.vector, atol=1e-5)
    result = search_described(photos, "siamese", both, index=penguin)
    assert penguin not in [match.index for match in result.matches]
    for match in result.matches[:3]:
        stored = photos.vectors("siamese", [match.index])[0]
        query = Side(result.vector, both.picture, result.added)
        explained = method.explain(query, Side(stored, photos.picture(match.index)))
        assert explained.query.total == pytest.approx(match.score, abs=1e-5)


@pytest.mark.parametrize("name", ["bird", "musical instrument", "vehicle", "insect"])
def test_the_heat_of_a_word_on_a_match_sums_to_its_score(photos, name):
    words = vocabulary_of(photos)
    result = search_word(photos, words, word_of(words, name), k=5)
    for match in result.matches:
        stored = photos.vectors("siamese", [match.index])[0]
        explained = result.method.explain(Side(result.vector_for(match)), Side(stored, photos.picture(match.index)))
        assert explained.query is None
        assert explained.match.total == pytest.approx(match.score, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "label"), [("bird", "bird"), ("musical instrument", "musical instrument"), ("vehicle", "vehicle")]
)
def test_typing_a_word_finds_its_photographs(photos, name, label):
    words = vocabulary_of(photos)
    found = search_word(photos, words, word_of(words, name), k=10)
    assert found.convincing
    assert sum(match.label == label for match in found.matches) >= 9


def test_typing_a_kind_of_garment_finds_it():
    fashion = open_gallery(ASSETS / "galleries" / "fashion")
    words = vocabulary_of(fashion)
    for name, labels in (("trousers", {"Trouser"}), ("shoe", {"Sandal", "Sneaker", "Ankle boot"}), ("bag", {"Bag"})):
        found = search_word(fashion, words, word_of(words, name), k=10)
        assert {match.label for match in found.matches} <= labels
