"""Words for a gallery with a network of its own: the names of its kinds, each the middle of its pictures."""

import numpy as np

from imgsearch.gallery.gallery import UNLABELLED, Gallery
from imgsearch.ranking.vectors import mean_direction
from imgsearch.search.vocabulary import KEY, Vocabulary, Word, WordsError

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
