"""A gallery with a network of its own is searched by the names of its kinds."""

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.search.gallery_words import vocabulary_of
from imgsearch.search.lookup import UnknownWordError, look_up
from imgsearch.search.vocabulary import WordsError
from tests.search.vocabularies import gallery


def test_a_kind_is_the_middle_of_its_pictures():
    vectors = np.array([[1, 0], [0, 1], [-1, 0], [-1, 0]], np.float32)
    words = vocabulary_of(gallery(vectors, [0, 0, 2, 2], ("old_shoe", "none has it", "hat")))
    assert [word.title for word in words.words] == ["old shoe", "hat"]
    np.testing.assert_allclose(words.rows, [[0.5**0.5, 0.5**0.5], [-1, 0]], atol=1e-6)
    assert look_up(words, "hats").word.title == "hat"


def test_without_labels_there_are_no_words():
    for labels in (None, [-1, -1]):
        with pytest.raises(
            WordsError, match="have no labels, so there are no words for them: put them into subfolders"
        ):
            vocabulary_of(gallery(np.eye(2), labels, ("a",)))


@pytest.fixture(scope="module")
def fashion():
    return vocabulary_of(open_gallery(ASSETS / "galleries" / "fashion"))


def test_a_shoe_is_three_of_the_ten_kinds(fashion):
    shoe = look_up(fashion, "shoes").word
    titles = [fashion.words[index].title for index in shoe.classes]
    assert titles == ["Sandal", "Sneaker", "Ankle boot"]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("T-Shirt", "T-shirt/top"),
        ("trousers", "Trouser"),
        ("pants", "Trouser"),
        ("jumper", "Pullover"),
        ("boots", "Ankle boot"),
    ],
)
def test_garments_are_known_by_their_usual_names(fashion, typed, title):
    assert look_up(fashion, typed).word.title == title


def test_what_is_no_garment_is_not_known(fashion):
    with pytest.raises(UnknownWordError, match=r"This gallery does not know “elephant”\. It knows T-shirt/top, "):
        look_up(fashion, "elephant")
