"""The words that a gallery can be searched by: those of the photo network, or the names of its own kinds."""

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import UNLABELLED, Gallery
from imgsearch.methods.siamese import MODELS
from imgsearch.ranking.vectors import mean_direction
from imgsearch.search.vocabulary import KEY, Vocabulary, Word, WordsError

_REMEDY = "Restore it from the repository, or make it again: python -m imgsearch.training.photos words."
# What people call the kinds of Fashion-MNIST; a word of several kinds finds the best of them.
_SYNONYMS = {
    "t-shirt/top": ("t-shirt", "tee shirt", "tee", "tshirt"),
    "trouser": ("trousers", "pants", "jeans", "slacks", "leggings"),
    "pullover": ("sweater", "jumper", "sweatshirt", "jersey"),
    "dress": ("gown", "frock"),
    "coat": ("jacket", "overcoat"),
    "sandal": ("sandals", "slipper", "flip-flop"),
    "sneaker": ("trainer", "running shoe", "gym shoe", "plimsoll"),
    "bag": ("handbag", "purse", "backpack"),
    "ankle boot": ("boot", "boots"),
    "shirt": ("blouse",),
}
_GROUPS = {
    ("shoe", "shoes", "footwear"): ("sandal", "sneaker", "ankle boot"),
    ("top", "tops"): ("t-shirt/top", "pullover", "shirt"),
    ("clothes", "clothing", "garment"): ("t-shirt/top", "trouser", "pullover", "dress", "coat", "shirt"),
    ("outerwear",): ("pullover", "coat"),
}


def vocabulary_of(gallery: Gallery) -> Vocabulary:
    """The words of the photo network, or the gallery's own kinds; WordsError if words can lie in no embedding."""
    check(gallery)
    if has_nouns(gallery):
        return photo_words(gallery.methods[KEY].fingerprint)
    return vocabulary_of_kinds(gallery)


def check(gallery: Gallery) -> None:
    """Nothing where a gallery can be searched by words; WordsError says why it cannot."""
    if KEY not in gallery.methods:
        raise WordsError(
            f"The gallery {gallery.title} has no vectors of the network, so it cannot be searched by a word: "
            "make it again with the Siamese network among its methods."
        )
    if not has_nouns(gallery):
        check_labels(gallery)


def has_nouns(gallery: Gallery) -> bool:
    """Whether the words of a gallery are the nouns that the photo network knows, by which a picture can be named."""
    return KEY in gallery.methods and gallery.methods[KEY].config().get("model") == "photos"


def read_words(path: Path, fingerprint: str) -> Vocabulary:
    """The words of the network of that fingerprint; WordsError when the file is missing, damaged, or of another."""
    try:
        with np.load(path, allow_pickle=False) as file:
            made_for = json.loads(str(file["info"]))["network"]
            rows = file["rows"].astype(np.float32)
            starts, members, sayable = file["starts"], file["members"], file["sayable"].tolist()
            titles = _lines(file["titles"])
            lines = _lines(file["names"])
            hints = file["hints"].tobytes()
        words = [
            Word(title, members[starts[i] : starts[i + 1]], said)
            for i, (title, said) in enumerate(zip(titles, sayable, strict=True))
        ]
        pairs = (line.split("\t") for line in lines)
        names = {name: tuple(map(int, given.split())) for name, given in pairs}
    except FileNotFoundError:
        raise WordsError(f"The file of words assets/models/{path.name} is missing. {_REMEDY}") from None
    except Exception as error:  # zip, npy and JSON readers each raise their own kinds
        raise WordsError(f"The file of words assets/models/{path.name} is damaged. {_REMEDY}") from error
    if made_for != fingerprint:
        raise WordsError(f"The file of words assets/models/{path.name} is of another network. {_REMEDY}")
    return Vocabulary(rows, words, names, hints)


@lru_cache(maxsize=2)
def photo_words(fingerprint: str) -> Vocabulary:
    """The words of the photo network of that fingerprint, read once; WordsError if they cannot be had."""
    return read_words(MODELS / "words.npz", fingerprint)


def _lines(packed: NDArray[np.uint8]) -> list[str]:
    return packed.tobytes().decode().split("\n")


def vocabulary_of_kinds(gallery: Gallery) -> Vocabulary:
    """The kinds of a gallery with the method `KEY` as words; WordsError when it has no labels."""
    check_labels(gallery)
    labels = np.asarray(gallery.labels)
    present = [index for index in range(len(gallery.label_names)) if (labels == index).any()]
    rows = np.stack([mean_direction(gallery.vectors(KEY, np.flatnonzero(labels == index))) for index in present])
    titles = [gallery.label_names[index].replace("_", " ") for index in present]
    words = [Word(title, np.array([number], np.int16)) for number, title in enumerate(titles)]
    names = {title.lower(): [number] for number, title in enumerate(titles)}
    if gallery.preprocessing == "garment":
        for kind, synonyms in _SYNONYMS.items():
            names |= {synonym: names[kind] for synonym in synonyms if kind in names and synonym not in names}
        for called, kinds in _GROUPS.items():
            members = sorted(names[kind][0] for kind in kinds if kind in names)
            if members:
                names |= {name: [len(words)] for name in called if name not in names}
                words.append(Word(called[0], np.array(members, np.int16)))
    return Vocabulary(rows, words, names)


def check_labels(gallery: Gallery) -> None:
    """Nothing where pictures have labels; WordsError where none has."""
    if gallery.labels is None or not (gallery.labels != UNLABELLED).any():
        raise WordsError(
            f"The pictures of {gallery.title} have no labels, so there are no words for them: "
            "put them into subfolders named by what they show, and make the gallery again."
        )
