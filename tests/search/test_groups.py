"""A set of pictures is told in a few words."""

import numpy as np

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.search.gallery_words import vocabulary_of
from imgsearch.search.naming import groups
from tests.search.vocabularies import vocabulary


def told(vectors, **settings):
    found = groups(vocabulary(), np.array(vectors, np.float32), **settings)
    return [(group.word.title, group.pictures.tolist()) for group in found]


COLLIE, PUG, TABBY, FERRY, CANOE = np.eye(5)


def test_pictures_of_different_breeds_are_a_group_of_dogs():
    assert told([COLLIE, FERRY, PUG, CANOE, COLLIE + PUG]) == [("dog", [0, 2, 4]), ("boat", [1, 3])]


def test_many_of_one_class_are_called_by_it_and_a_picture_is_in_one_group_only():
    assert told([PUG, PUG, PUG, COLLIE, TABBY]) == [("pug", [0, 1, 2]), ("animal", [3, 4])]


def test_single_pictures_and_surplus_groups_are_left_out():
    assert told([COLLIE, FERRY]) == []
    assert told([COLLIE, FERRY], least=1, most=1) == [("collie", [0])]
    assert told(np.zeros((0, 5))) == []


def test_the_photographs_are_told_in_words():
    photos = open_gallery(ASSETS / "galleries" / "photos")
    found = groups(vocabulary_of(photos), photos.vectors("siamese"), most=8)
    titles = {group.word.title: group.pictures for group in found}
    assert len(titles) == 8
    labels = [photos.label(int(index)) for index in titles["bird"]]
    assert labels.count("bird") >= 0.9 * len(labels)
    everywhere = np.concatenate(list(titles.values()))
    assert len(set(everywhere.tolist())) == len(everywhere)
