"""The nouns of WordNet are read as its manual describes its files."""

import pytest

from imgsearch.training.photos.nouns import Nouns, NounsError
from tests.training.photos.small_wordnet import write_wordnet


@pytest.fixture
def nouns(tmp_path):
    write_wordnet(tmp_path)
    return Nouns(tmp_path)


def test_meanings_have_names_and_kinds(nouns):
    dog = nouns.synsets["00000003"]
    assert dog.names == ("dog", "domestic dog")
    assert dog.kinds == ("00000002",)
    assert (dog.visible, dog.alive) == (True, True)
    assert not nouns.synsets["00000001"].visible


def test_what_is_above_a_noun_is_found_on_every_way(nouns):
    assert nouns.above("00000004") == {"00000004", "00000003", "00000006", "00000002", "00000001"}


def test_meanings_of_a_name_are_the_most_common_first(nouns):
    assert nouns.senses["pug"] == ("00000004", "00000007")
    assert nouns.count("dog", "00000003") == 42
    assert nouns.count("pug", "00000007") == 1
    assert nouns.count("pug", "00000004") == 0


def test_irregular_plurals_have_their_singular(nouns):
    assert nouns.plurals() == [("oxen", "ox"), ("mice", "mouse")]


def test_without_wordnet_it_says_what_to_install(tmp_path):
    with pytest.raises(NounsError, match="install the Debian package wordnet-base, or name another folder"):
        Nouns(tmp_path / "nowhere")
