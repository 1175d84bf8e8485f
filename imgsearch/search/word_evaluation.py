"""How good words are on a labelled gallery: what typing the name of a label finds, and what its pictures are called.

Precision of a word
    The share of relevant pictures among the first min(10, R) that the word finds, where R pictures are relevant. A
    picture is relevant if it has the label that the word was typed for, or a label whose kind is the word or below it
    in the tree of nouns: a bear is a mammal, whichever label it has.
Naming
    The share of pictures that get a sure word, and how many of those are right: the kind of the picture's label, or a
    noun above or below it. Pictures whose label has no kind are left out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import UNLABELLED, Gallery
from imgsearch.search.lookup import UnknownWordError, look_up
from imgsearch.search.naming import name_many
from imgsearch.search.vocabulary import KEY, Vocabulary, Word, WordsError
from imgsearch.search.words import search_word

CUT = 10


@dataclass(frozen=True)
class LabelWords:
    """What a label of a gallery is in words."""

    word: str | None  # what a person types to find its pictures; None where no known word means it
    kind: str | None  # the narrowest noun that they are, known or not; "" for none known, None if they differ


@dataclass(frozen=True)
class WordFigures:
    """What was measured."""

    precision: dict[str, float]  # of the word of each label
    same_label: dict[str, float]  # the same, where only pictures of that label are right
    without: tuple[str, ...]  # labels that no word means
    judged: int  # pictures that have a kind
    said: int  # of these, with a sure word
    right: int  # with a right one


@dataclass(frozen=True)
class _Kind:
    """Classes that a noun stands for, and whether what lies below it is known to be below it."""

    classes: frozenset[int]
    known: bool


def words_of_labels(gallery: Gallery, vocabulary: Vocabulary, file: Path | None = None) -> dict[str, LabelWords]:
    """What the labels of a gallery are in words: as a file says, else by their own names.

    The file is JSON, ``{label: {"word": …, "kind": …}}``; labels that it leaves out have neither. Else WordsError.
    """
    if file is None:
        return {label: _by_name(vocabulary, label) for label in gallery.label_names}
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
        known = {label: LabelWords(entry["word"], entry["kind"]) for label, entry in given.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WordsError(
            f'The file {file.name} does not say which words labels are: it should hold {{"label": {{"word": "dog", '
            '"kind": "canine"}}.'
        ) from error
    return {label: known.get(label, LabelWords(None, None)) for label in gallery.label_names}


def evaluate_words(gallery: Gallery, vocabulary: Vocabulary, labels: Mapping[str, LabelWords]) -> WordFigures:
    """Measure words on a gallery; WordsError when no picture has a label."""
    if gallery.labels is None or not (gallery.labels != UNLABELLED).any():
        raise WordsError(f"The pictures of {gallery.title} have no labels, so nothing can be measured on them.")
    kinds = {label: _kind(vocabulary, words.kind) for label, words in labels.items()}
    of_picture = np.array([gallery.label(index) for index in range(gallery.n)], object)
    precision, same_label = {}, {}
    for label, words in labels.items():
        if words.word is None or not (of_picture == label).any():
            continue
        word = look_up(vocabulary, words.word).word
        below = {other for other, kind in kinds.items() if kind and kind.classes and _within(kind, word)}
        same = of_picture == label
        precision[label] = _precision(gallery, vocabulary, word, np.isin(of_picture, [label, *below]))
        same_label[label] = _precision(gallery, vocabulary, word, same)
    judged = said = right = 0
    for label, named in zip(of_picture, name_many(vocabulary, gallery.vectors(KEY)), strict=True):
        kind = kinds.get(label)
        if kind is not None:
            sure = next((each.word for each in named if each.sure), None)
            judged += 1
            said += sure is not None
            right += sure is not None and _is_right(sure, kind)
    without = tuple(label for label, words in labels.items() if words.word is None)
    return WordFigures(precision, same_label, without, judged, said, right)


def _by_name(vocabulary: Vocabulary, label: str) -> LabelWords:
    try:
        found = look_up(vocabulary, label)
    except UnknownWordError:
        return LabelWords(None, None)
    return LabelWords(None, None) if found.note else LabelWords(found.name, found.name)


def _kind(vocabulary: Vocabulary, noun: str | None) -> _Kind | None:
    if noun is None:
        return None
    meanings = vocabulary.meanings(noun)
    if meanings:
        return _Kind(frozenset(meanings[0].classes.tolist()), True)
    near = vocabulary.hint(noun)
    return _Kind(frozenset(vocabulary.meanings(near)[0].classes.tolist()) if near else frozenset(), False)


def _within(kind: _Kind, word: Word) -> bool:
    return kind.classes <= frozenset(word.classes.tolist())


def _is_right(word: Word, kind: _Kind) -> bool:
    """Whether a word is a kind, or above or below it. What is below a noun that is not known is not known either."""
    if not kind.classes:
        return False
    return _within(kind, word) or (kind.known and frozenset(word.classes.tolist()) <= kind.classes)


def _precision(gallery: Gallery, vocabulary: Vocabulary, word: Word, relevant: NDArray[np.bool_]) -> float:
    k = min(CUT, int(np.count_nonzero(relevant)))
    found = search_word(gallery, vocabulary, word, k=k).matches
    return sum(bool(relevant[match.index]) for match in found) / k
