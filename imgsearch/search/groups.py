"""A first look at many pictures: groups of them, named by words."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch.search.naming import SURE, cosines, sayable_words, shares, word_shares
from imgsearch.search.vocabulary import Vocabulary, Word

MOST_CLASSES = 130  # a word of more classes than this, such as animal, says too little to name a group
_BLOCK = 500


class Group(NamedTuple):
    """Pictures, by their indices, ascending, that one word is sure of."""

    word: Word
    pictures: NDArray[np.intp]


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
