"""A word as a query: the pictures of a gallery that the network would call that."""

from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import Gallery
from imgsearch.gallery.garment_queries import QueryDescription
from imgsearch.methods.method import Method
from imgsearch.ranking.index import Nearest, VectorIndex
from imgsearch.ranking.vectors import Vectors
from imgsearch.search.feedback import Marks, moved, rocchio
from imgsearch.search.filtering import NO_FILTER, Filter, deep_enough, limit_note
from imgsearch.search.result import Match, Result
from imgsearch.search.search import NO_MARKS, listed
from imgsearch.search.vocabulary import KEY, Vocabulary, Word

CONVINCING = 0.35
"""Cosine at which a match of a word is as likely wrong as right: on the photo gallery, of matches from 0.30 to 0.35
one in four is right, of those from 0.35 to 0.40 one in two, of those from 0.45 four in five."""


@dataclass(frozen=True)
class WordResult(Result):
    """What a search by a word found.

    A picture is as near to the word as to the nearest of its classes: every score is a cosine with one vector, so it
    can be split over the picture's places like that of two pictures.
    """

    word: Word = field(kw_only=True)
    classes: NDArray[np.float32] = field(kw_only=True, repr=False)  # (m, d), of one length, moved by marks

    def vector_for(self, match: Match) -> NDArray[np.float32]:
        """The vector, (d,) float32, of the class that a match is nearest to."""
        row = self.index.rows(np.array([match.index]))[0].astype(np.float64)
        return np.asarray(self.classes[np.argmax(self.classes @ row)])

    def _scores(self, vectors: Vectors) -> NDArray[np.float64]:
        # Of a cosine, the rank values are the scores: one product for all classes, which may be hundreds.
        return np.asarray(self.method.metric.rank_values(vectors, self.classes).max(axis=0))


def search_word(
    gallery: Gallery,
    vocabulary: Vocabulary,
    word: Word,
    *,
    k: int = 10,
    marks: Marks = NO_MARKS,
    shown: Filter = NO_FILTER,
) -> WordResult:
    """Find the pictures of a gallery that a word of its vocabulary means; see `search`.

    Marks move each of the word's vectors as they move a picture's.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    method, index = gallery.method(KEY), gallery.index(KEY)
    marks.check(gallery)
    started = perf_counter()
    classes = vocabulary.vectors(word)
    if marks:
        marked = marks.vectors(index)
        classes = np.stack([rocchio(method, each, *marked) for each in classes])
    passes = shown.passes(gallery)
    passing = int(passes.sum())
    passes[list(marks.less)] = False
    nearest = deep_enough(lambda depth: _nearest(index, classes, depth), passes, k, k + len(marks.less), index.most)
    matches = listed(gallery, nearest.that_pass(passes, k))
    return WordResult(
        method,
        matches,
        vocabulary.centre(word),
        {"describe": 0.0, "search": perf_counter() - started},
        "none" if matches and matches[0].score >= CONVINCING else "nothing",
        index,
        note=limit_note(shown, len(matches), min(k, passing), index),
        filter=shown,
        passing=passing,
        word=word,
        classes=classes,
    )


def towards(method: Method, query: QueryDescription, vocabulary: Vocabulary, word: Word) -> QueryDescription:
    """A picture and a word together: the picture's description, moved towards the word as a marked picture moves it.

    The method is that of `imgsearch.search.vocabulary.KEY`.
    """
    centre = vocabulary.centre(word)[None]
    return moved(method, query, centre, centre[:0], f"the word {word.title}")


def _nearest(index: VectorIndex, classes: NDArray[np.float32], k: int) -> Nearest:
    """The k best pictures by their nearest class, ties by lower index."""
    # The k nearest to the word are among the k nearest to one of its classes.
    each = [index.nearest(vector, k) for vector in classes]
    indices = np.concatenate([nearest.indices for nearest in each])
    scores = np.concatenate([nearest.scores for nearest in each])
    order = np.lexsort((indices, -scores))
    _, first = np.unique(indices[order], return_index=True)
    best = order[np.sort(first)][:k]
    # Whatever is better than one of the best is among them.
    n_worse = index.n - np.searchsorted(-scores[best], -scores[best], side="right")
    return Nearest(indices[best], scores[best], n_worse)
