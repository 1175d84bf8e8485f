"""A small vocabulary, and a gallery whose vectors are known."""

import numpy as np

from imgsearch.gallery.gallery import Gallery, MethodVectors
from imgsearch.gallery.picture_store import ArrayStore
from imgsearch.ranking.metrics import COSINE
from imgsearch.search.vocabulary import Vocabulary, Word

CLASSES = ("collie", "pug", "tabby", "ferry", "canoe")
"""Two dogs, a cat and two boats."""


class Told:
    """A method whose vectors are given, in the place of the network."""

    key = "siamese"
    title = "Siamese network"
    metric = COSINE
    fingerprint = "told"

    def __init__(self, dimensions=5, model="told"):
        self.dimensions = dimensions
        self.model = model

    def config(self):
        return {"kind": "siamese", "model": self.model}

    def normalise(self, vector):
        return (vector / np.linalg.norm(vector)).astype(np.float32)

    def format_score(self, score):
        return self.metric.format_score(score)


def vocabulary(rows=None):
    rows = np.eye(5, dtype=np.float32) if rows is None else rows
    words = [Word(title, np.array([index], np.int16)) for index, title in enumerate(CLASSES)]
    words += [
        Word("dog", np.array([0, 1], np.int16)),
        Word("boat", np.array([3, 4], np.int16)),
        Word("carnivore", np.array([0, 1, 2], np.int16), sayable=False),
        Word("animal", np.array([0, 1, 2], np.int16)),
    ]
    names = {word.title: [index] for index, word in enumerate(words)}
    names |= {"domestic dog": [5], "hound dog": [5], "mutts": [5], "boat": [6, 2], "dice": [3], "teddy bear": [1]}
    return Vocabulary(rows, words, names, b"husky\tdog\nkayak\tcanoe\nwolf\tanimal")


def gallery(vectors, labels=None, label_names=(), model="told"):
    vectors = np.asarray(vectors, np.float32)
    method = Told(vectors.shape[1], model)
    return Gallery(
        name="told",
        store=ArrayStore(np.zeros((len(vectors), 28, 28), np.uint8)),
        described=[MethodVectors(method, vectors)],
        labels=None if labels is None else np.array(labels, np.int16),
        label_names=label_names,
    )
