"""The words that a gallery can be searched by: their names, and the classes that each stands for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import GalleryError
from imgsearch.ranking.vectors import mean_direction

KEY = "siamese"  # key of the method whose embedding the words lie in


class WordsError(GalleryError):
    """No words can be had."""


@dataclass(frozen=True, eq=False)
class Word:
    """A word; it is equal only to itself."""

    title: str
    classes: NDArray[np.int16]  # that it stands for, ascending
    sayable: bool = True  # whether one would say it of a picture: "instrumentality" is not


class Vocabulary:
    """Words over classes. It does not change, and threads may share it.

    `rows` has an embedding of length 1 a class, (classes, d) float32; `names` has every name in small letters with the
    words that it can mean, the most common first; `hints` are sorted lines ``name TAB known name``: nouns that are not
    among the names, with the nearest that is.
    """

    def __init__(
        self, rows: NDArray[np.float32], words: Sequence[Word], names: Mapping[str, Sequence[int]], hints: bytes = b""
    ) -> None:
        self.rows = rows
        self.words = tuple(words)
        self.names = names
        self._hints = b"\n" + hints + b"\n"
        # Each class has a word of its own.
        single = (word for word in words if len(word.classes) == 1)
        self.class_words = tuple(sorted(single, key=lambda word: int(word.classes[0])))

    def meanings(self, name: str) -> list[Word]:
        """The words that a name in small letters can mean, the most common first; none if it is not known."""
        return [self.words[index] for index in self.names.get(name, ())]

    def hint(self, name: str) -> str | None:
        """The nearest known name to a noun that is not known; None if it is no such noun either."""
        start = self._hints.find(f"\n{name}\t".encode())
        if start < 0:
            return None
        start += len(name.encode()) + 2
        return self._hints[start : self._hints.index(b"\n", start)].decode()

    def sayable_above(self, word: Word) -> Word | None:
        """The most special word that one would say of a picture, and that stands for all classes of a word."""
        classes = set(word.classes.tolist())
        above = [other for other in self.words if other.sayable and classes <= set(other.classes.tolist())]
        return min(above, key=lambda other: len(other.classes), default=None)

    def vectors(self, word: Word) -> NDArray[np.float32]:
        """The vectors of a word's classes, (m, d) float32, rows of length 1."""
        return self.rows[word.classes]

    def centre(self, word: Word) -> NDArray[np.float32]:
        """One vector for a word, (d,) float32 of length 1: the middle of its classes."""
        return mean_direction(self.vectors(word))
