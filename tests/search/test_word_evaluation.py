"""Figures of words are counted right, and those of the delivered gallery hold."""

import json
from pathlib import Path

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.search.gallery_words import vocabulary_of
from imgsearch.search.vocabulary import WordsError
from imgsearch.search.word_evaluation import LabelWords, evaluate_words, words_of_labels
from tests.search.vocabularies import gallery, vocabulary

FILE = Path(__file__).parent / "photo_words.json"


def told():
    """Two collies, a pug and a ferry, of which one collie looks like a ferry."""
    vectors = np.eye(5, dtype=np.float32)[[0, 3, 1, 3]]
    return gallery(vectors, [0, 0, 1, 2], ("sheepdog", "pug", "ship"))


LABELS = {"sheepdog": LabelWords("dog", "collie"), "pug": LabelWords("pug", "pug"), "ship": LabelWords(None, "kayak")}


def test_precision_counts_what_is_below_the_word_unless_only_the_label_counts():
    figures = evaluate_words(told(), vocabulary(), LABELS)
    # Dog finds pictures 0, 2 and a boat; relevant are the sheepdogs 0 and 1 and, below dog, the pug 2.
    assert figures.precision == {"sheepdog": pytest.approx(1.0), "pug": 1.0}
    assert figures.same_label == {"sheepdog": 0.5, "pug": 1.0}
    assert figures.without == ("ship",)


def test_a_name_is_right_above_or_below_but_not_below_an_unknown_noun():
    figures = evaluate_words(told(), vocabulary(), LABELS)
    # Collie for a collie, ferry for a collie, pug for a pug, and ferry for a kayak, of which only a canoe is known.
    assert (figures.judged, figures.said, figures.right) == (4, 4, 2)
    figures = evaluate_words(told(), vocabulary(), LABELS | {"ship": LabelWords(None, "boat")})
    assert (figures.judged, figures.said, figures.right) == (4, 4, 3)
    # A pug is a dog, but nobody can tell whether it is a husky.
    figures = evaluate_words(told(), vocabulary(), LABELS | {"pug": LabelWords(None, "husky")})
    assert (figures.judged, figures.said, figures.right) == (4, 4, 1)
    figures = evaluate_words(told(), vocabulary(), LABELS | {"ship": LabelWords(None, "")})
    assert (figures.judged, figures.said, figures.right) == (4, 4, 2)
    figures = evaluate_words(told(), vocabulary(), LABELS | {"ship": LabelWords(None, None)})
    assert (figures.judged, figures.said, figures.right) == (3, 3, 2)


def test_without_a_file_labels_are_typed_as_they_are():
    assert words_of_labels(told(), vocabulary()) == {
        "sheepdog": LabelWords(None, None),
        "pug": LabelWords("pug", "pug"),
        "ship": LabelWords(None, None),
    }


def test_a_file_that_is_something_else_is_refused(tmp_path):
    for text in ("[]", "no JSON", '{"pug": {"word": "pug"}}', '{"pug": 3}'):
        (tmp_path / "labels.json").write_text(text)
        with pytest.raises(WordsError, match=r"labels\.json does not say which words labels are: it should hold"):
            words_of_labels(told(), vocabulary(), tmp_path / "labels.json")


def test_a_gallery_without_labels_cannot_be_measured():
    with pytest.raises(WordsError, match="have no labels, so nothing can be measured"):
        evaluate_words(gallery(np.eye(5)), vocabulary(), {})


def test_the_words_of_the_photo_gallery_find_and_name_what_the_readme_says():
    photos = open_gallery(ASSETS / "galleries" / "photos")
    words = vocabulary_of(photos)
    assert set(json.loads(FILE.read_text(encoding="utf-8"))) == set(photos.label_names)
    figures = evaluate_words(photos, words, words_of_labels(photos, words, FILE))
    assert np.mean(list(figures.precision.values())) >= 0.65
    assert figures.right / figures.said >= 0.85
    assert figures.said / figures.judged >= 0.60
