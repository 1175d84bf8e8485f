"""A picture gets the most special word that is sure, and none where nothing is."""

import numpy as np

from imgsearch.search.naming import CLOSE, PERHAPS, SURE, cosines, name, name_many, shares
from imgsearch.search.vocabulary import Vocabulary
from tests.search.vocabularies import CLASSES, vocabulary


def called(vector):
    return [(each.word.title, each.sure) for each in name(vocabulary(), np.array(vector, np.float32))]


def called_far(nearness):
    """What is called a picture with these cosines, most of which lies where no class is."""
    near = np.array(nearness, np.float32)
    rows = np.eye(5, 6, dtype=np.float32)
    named = name(vocabulary(rows), np.append(near, np.sqrt(1 - near @ near)).astype(np.float32))
    return [(each.word.title, each.sure) for each in named]


def test_a_picture_near_to_one_class_is_called_that():
    assert called([1, 0, 0, 0, 0]) == [("collie", True)]
    assert called([0, 0, 0, 5, 0.1]) == [("ferry", True)]


def test_a_dog_of_unknown_breed_is_a_dog():
    assert called([1, 1, 0, 0, 0]) == [("dog", True), ("collie", False), ("pug", False)]


def test_what_is_not_said_of_pictures_is_passed_over():
    # Most like a tabby, but at a distance; as carnivores are all of them, but nobody says carnivore.
    assert called_far([0.41, 0.41, 0.45, 0, 0])[0] == ("animal", True)


def test_nothing_is_said_where_nothing_is_sure():
    classes = Vocabulary(np.eye(5, dtype=np.float32), vocabulary().class_words, {})
    named = name(classes, np.array([1, 0, 0, 1, 0], np.float32))
    assert [(each.word.title, each.sure) for each in named] == [("collie", False), ("ferry", False)]
    assert not any(each.sure for each in name(classes, np.zeros(5, np.float32)))


def test_a_class_at_a_distance_is_only_a_guess():
    # A tabby that is too far away is an animal still.
    assert called_far([0, 0, CLOSE - 0.02, 0, 0]) == [("animal", True), ("tabby", False)]
    assert called_far([0, 0, CLOSE + 0.02, 0, 0]) == [("tabby", True)]


def test_many_pictures_are_called_what_each_is_called():
    random = np.random.default_rng(1)
    vectors = random.normal(size=(20, 5)).astype(np.float32)
    words = vocabulary()
    assert name_many(words, vectors) == [name(words, vector) for vector in vectors]


def test_shares_of_classes_add_up_to_one_and_guesses_have_enough():
    random = np.random.default_rng(2)
    vectors = random.normal(size=(20, 5)).astype(np.float32)
    all_shares = shares(cosines(vocabulary(), vectors))
    np.testing.assert_allclose(all_shares.sum(axis=1), 1.0)
    for named in name_many(vocabulary(), vectors):
        assert all(each.share >= (SURE if each.sure else PERHAPS) for each in named)
        assert all(each.word.title in CLASSES for each in named if not each.sure)
