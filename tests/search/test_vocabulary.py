"""Words are read whole, and only for the network that they were made for."""

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.methods.siamese import MODELS
from imgsearch.search.gallery_words import read_words, vocabulary_of
from imgsearch.search.vocabulary import WordsError
from tests.galleries import photo_gallery
from tests.search import vocabularies


@pytest.fixture(scope="module")
def photos():
    return open_gallery(ASSETS / "galleries" / "photos")


@pytest.fixture(scope="module")
def words(photos):
    return vocabulary_of(photos)


def test_the_delivered_words_have_a_vector_of_length_one_a_class(words):
    assert words.rows.shape == (1000, 256)
    np.testing.assert_allclose(np.linalg.norm(words.rows, axis=1), 1.0, atol=1e-3)
    assert [int(word.classes[0]) for word in words.class_words] == list(range(1000))


def test_the_delivered_words_have_names_of_their_own(words):
    titles = [word.title for word in words.words]
    assert len(set(titles)) == len(titles)
    for index, title in enumerate(titles):
        assert index in words.names[title.lower()]
    assert all(0 <= index < len(titles) for indices in words.names.values() for index in indices)


def test_nouns_below_a_noun_are_among_its_classes(words):
    for narrow, wide in (
        ("dalmatian", "dog"),
        ("dog", "mammal"),
        ("kite", "bird"),
        ("yawl", "boat"),
        ("bird", "animal"),
    ):
        one, other = (set(words.meanings(name)[0].classes.tolist()) for name in (narrow, wide))
        assert one < other


def test_the_delivered_words_take_little_room():
    assert (MODELS / "words.npz").stat().st_size <= 1_000_000


def test_a_hint_is_a_known_name(words):
    assert words.hint("deer") == "ruminant"
    assert words.hint("dog") is None
    assert words.hint("ruminan") is None
    small = vocabularies.vocabulary()
    assert [small.hint(name) for name in ("husky", "kayak", "wolf", "usky", "")] == [
        "dog",
        "canoe",
        "animal",
        None,
        None,
    ]


def test_words_of_another_network_are_refused():
    with pytest.raises(
        WordsError, match=r"of another network\. Restore it .* python -m imgsearch\.training\.photos words"
    ):
        read_words(MODELS / "words.npz", "0123456789abcdef")


def test_missing_and_damaged_words_are_named(tmp_path):
    with pytest.raises(WordsError, match=r"words\.npz is missing\. Restore"):
        read_words(tmp_path / "words.npz", "")
    whole = (MODELS / "words.npz").read_bytes()
    for broken in (b"", whole[:5000], whole[:-2000] + b"x" * 2000):
        (tmp_path / "words.npz").write_bytes(broken)
        with pytest.raises(WordsError, match=r"words\.npz is damaged\. Restore"):
            read_words(tmp_path / "words.npz", "")


def test_a_gallery_without_the_networks_vectors_says_what_to_do():
    with pytest.raises(WordsError, match=r"no vectors of the network, .* make it again with the Siamese network"):
        vocabulary_of(photo_gallery())
