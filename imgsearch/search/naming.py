"""What is this called? The words that the network would use for pictures, as special as it is sure of."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch.search.vocabulary import Vocabulary, Word

SHARPNESS = 20.0
"""How fast a class gains on another whose cosine is smaller: shares are ``softmax(SHARPNESS · cosines)``. It, `SURE`
and `CLOSE` are round numbers for which nine of ten first words are right on the photographs of the photo gallery.
Chosen on four fifths of its categories and measured on the last, ten times over: 0.90 right, 0.63 said."""
SURE = 0.5  # a word is said when the classes below it have this share
CLOSE = 0.5
"""A single class is said only when its cosine with the picture is this much, too: the classifier knows no kingfisher,
so one goes to the likeliest of the classes that it knows, at some distance."""
PERHAPS = 0.15  # a class is offered as a guess when it has this share
_GUESSES = 2
MOST_CLASSES = 130  # a word of more classes than this, such as animal, says too little to name a group
_BLOCK = 500


class Named(NamedTuple):
    """A word for a picture, the share of its classes among all, and whether it is said or only guessed."""

    word: Word
    share: float
    sure: bool


class Group(NamedTuple):
    """Pictures, by their indices, ascending, that one word is sure of."""

    word: Word
    pictures: NDArray[np.intp]


def name(vocabulary: Vocabulary, vector: NDArray[np.float32]) -> list[Named]:
    """Words for a picture's embedding: at most one that is sure, then guesses that say more, the likeliest first.

    The sure one is the most special word whose classes together have a share of at least `SURE`; guesses are classes.
    """
    return name_many(vocabulary, vector[None])[0]


def name_many(vocabulary: Vocabulary, vectors: NDArray[np.float32]) -> list[list[Named]]:
    """`name` for the rows of an (n, d) float32 matrix."""
    words = sayable_words(vocabulary)
    near = cosines(vocabulary, vectors)
    of_class = shares(near)
    named = []
    for row, of_word, cosine in zip(of_class, word_shares(words, of_class), near, strict=True):
        sure = _sure(words, of_word, cosine)
        said = {each.word.title for each in sure}
        named.append(sure + [guess for guess in _guesses(vocabulary, row) if guess.word.title not in said])
    return named


def groups(vocabulary: Vocabulary, vectors: NDArray[np.float32], *, most: int = 8, least: int = 2) -> list[Group]:
    """The groups that tell most about a set of pictures, (n, d) float32, each picture in one of them at most.

    Again and again the word is taken that tells most of the pictures that are left: how many it is sure of, at least
    `least`, times ``log(classes / its classes)``, by which a word of few classes says more than one of many.
    """
    words = [word for word in sayable_words(vocabulary) if len(word.classes) <= MOST_CLASSES]
    if not words or not len(vectors):
        return []
    blocks = [vectors[start : start + _BLOCK] for start in range(0, len(vectors), _BLOCK)]
    sure = np.concatenate([word_shares(words, shares(cosines(vocabulary, block))) >= SURE for block in blocks])
    telling = np.array([math.log(len(vocabulary.rows) / len(word.classes)) for word in words])
    found: list[Group] = []
    while len(found) < most:
        counts = sure.sum(axis=0)
        best = int(np.argmax(np.where(counts >= least, counts * telling, -1.0)))
        if counts[best] < least:
            break
        pictures = np.flatnonzero(sure[:, best])
        found.append(Group(words[best], pictures))
        sure[pictures] = False
    return found


def sayable_words(vocabulary: Vocabulary) -> list[Word]:
    """The words that one would say of a picture, special ones first: those of the fewest classes."""
    return sorted((word for word in vocabulary.words if word.sayable), key=lambda word: len(word.classes))


def word_shares(words: Sequence[Word], of_class: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of each of w words, (n, w), from those of the classes, (n, classes)."""
    members = np.concatenate([word.classes for word in words])
    starts = np.cumsum([0, *(len(word.classes) for word in words)])[:-1]
    # Row by row: the shares of the members of all words are eleven times as many numbers as those of the classes.
    return np.array([np.add.reduceat(row[members], starts) for row in of_class]).reshape(len(of_class), len(words))


def cosines(vocabulary: Vocabulary, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """The cosine of every class, (n, classes) float64, with each row of (n, d) float32."""
    wide = vectors.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    return np.asarray(wide @ vocabulary.rows.T.astype(np.float64) / np.maximum(lengths, 1e-12))


def shares(near: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cosines as shares of which each row adds up to 1."""
    exponents = np.exp(SHARPNESS * (near - near.max(axis=1, keepdims=True)))
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True))


def _sure(words: Sequence[Word], of_word: NDArray[np.float64], near: NDArray[np.float64]) -> list[Named]:
    """The most special word that is sure, of words in the order of their size: one or none."""
    for word, share in zip(words, of_word.tolist(), strict=True):
        if share >= SURE and (len(word.classes) > 1 or near[word.classes[0]] >= CLOSE):
            return [Named(word, share, True)]
    return []


def _guesses(vocabulary: Vocabulary, of_class: NDArray[np.float64]) -> list[Named]:
    """The likeliest classes."""
    best = np.argsort(-of_class, kind="stable")[:_GUESSES].tolist()
    return [
        Named(vocabulary.class_words[index], float(of_class[index]), False)
        for index in best
        if of_class[index] >= PERHAPS
    ]
