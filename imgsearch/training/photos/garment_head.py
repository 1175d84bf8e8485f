"""The garment head: trained on photographs of garments, with ImageNet's classifier as a second teacher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.fashion_mnist import FASHION_LABELS
from imgsearch.methods.garment_head import GarmentHead
from imgsearch.methods.linear_layer import LinearLayer
from imgsearch.training.export import with_part
from imgsearch.training.photos.pooled_features import Pooled

OTHER = len(FASHION_LABELS)
CLASSES = OTHER + 1

# Folder of the garments → the kinds that are right for it.
RIGHT: Mapping[str, tuple[str, ...]] = {
    "pants": ("Trouser",),
    "dress": ("Dress",),
    "t-shirt": ("T-shirt/top",),
    "longsleeve": ("Pullover", "T-shirt/top", "Shirt"),
    "shirt": ("Shirt", "T-shirt/top"),
    "outwear": ("Coat", "Pullover"),
    "shoes": ("Sneaker", "Ankle boot", "Sandal"),
}
# Where several are right, the first is the closest, except for shoes: those the classifier tells apart.
SHOES: Mapping[str, tuple[int, ...]] = {
    "Sneaker": (770, 630),  # running shoe, loafer
    "Ankle boot": (514,),  # cowboy boot
    "Sandal": (774, 502),  # sandal, clog
}
BAGS = (414, 636, 748)  # backpack, mailbag, purse
# Classes of ImageNet that are clothes, shoes or bags: a photograph of one is not "something else".
# fmt: off
CLOTHES = (
    399, 411, 414, 459, 474, 502, 514, 568, 578, 608, 610, 614, 617, 630, 636, 655, 689, 697, 735, 748, 770, 774, 775,
    834, 841, 842, 869,
)
# fmt: on
CLOTHED = 0.2  # sum of their probabilities from which a photograph is left out
IMAGINED, BAG_STRENGTH = 200, 1.5
# How many photographs of garments the imagined bags, and the pictures of Fashion-MNIST, are worth together.
BAG_WEIGHT, FASHION_WEIGHT = 150.0, 200.0
CLOSEST = 0.5  # share of the target that is the closest kind; the rest follows the head's own opinion

# The length of the embeddings in training: what a unit vector is multiplied with before the softmax.
LENGTH = 6.0
STEPS, RATE, DECAY = 400, 0.02, 2e-3


@dataclass(frozen=True)
class Lessons:
    """What the head learns from.

    Attributes
    ----------
    embeddings : (n, d) float32, unit vectors
    right : (n, 11) bool
        The classes that are right for a picture.
    closest : (n, 11) float32, rows sum to 1
        Which of them it is most likely.
    importance : (n,) float32
    is_garment : (n,) bool
        Whether it is one of the labelled photographs of garments, which the head is measured with.
    """

    embeddings: NDArray[np.float32]
    right: NDArray[np.bool_]
    closest: NDArray[np.float32]
    importance: NDArray[np.float32]
    is_garment: NDArray[np.bool_]

    def subset(self, chosen: NDArray[np.bool_]) -> Lessons:
        return Lessons(*(getattr(self, field.name)[chosen] for field in fields(self)))

    @classmethod
    def join(cls, parts: Sequence[Lessons]) -> Lessons:
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))


def garment_lessons(embeddings: NDArray[np.float32], labels: NDArray[np.str_], logits: NDArray[np.float32]) -> Lessons:
    """Photographs of garments, all of labels in `RIGHT`."""
    n = len(labels)
    closest = closest_kinds(labels, logits)
    return Lessons(embeddings, right_kinds(labels), closest, np.ones(n, np.float32), np.ones(n, bool))


def plain_lessons(embeddings: NDArray[np.float32], kinds: NDArray[np.integer], weight: float) -> Lessons:
    """Pictures of which the class is known, together as important as `weight` photographs of garments."""
    n = len(kinds)
    closest = np.eye(CLASSES, dtype=np.float32)[kinds]
    importance = np.full(n, weight / max(n, 1), np.float32)
    return Lessons(embeddings, closest > 0, closest, importance, np.zeros(n, bool))


def imagined_bags(
    embedded: NDArray[np.float32], logits: NDArray[np.float32], count: int, *, strength: float = BAG_STRENGTH
) -> NDArray[np.float32]:
    """Embeddings of bags that nobody photographed, from what ImageNet's classifier says of other pictures.

    The classifier's score of "bag" is linear in the features, so its regression on the embedding over
    any pictures gives the direction in which embeddings are bags. Bags are imagined along it, scattered as
    other pictures are.

    Parameters
    ----------
    embedded : (n, d) float32
        Embeddings, not of unit length.
    logits : (n, 1000) float32
    count : int
    strength : float
        How far along the direction, in mean lengths of embeddings.

    Returns
    -------
    (count, d) float32, unit vectors
    """
    random = np.random.default_rng(0)
    centred = embedded - embedded.mean(axis=0)
    score = logits[:, list(BAGS)].mean(axis=1)
    direction = (score - score.mean()) @ centred
    length = np.linalg.norm(centred, axis=1).mean()
    direction *= strength * length / np.linalg.norm(direction)
    return unit(direction + centred[random.integers(0, len(centred), count)])


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """The rows of (n, d) scaled to length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def right_kinds(labels: NDArray[np.str_]) -> NDArray[np.bool_]:
    """For each folder name of `RIGHT`, which of the classes are right: (n, 11)."""
    table = {folder: [FASHION_LABELS.index(kind) for kind in kinds] for folder, kinds in RIGHT.items()}
    right = np.zeros((len(labels), CLASSES), bool)
    for row, label in enumerate(labels):
        right[row, table[str(label)]] = True
    return right


def closest_kinds(labels: NDArray[np.str_], logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """For each picture a distribution over the classes, (n, 11): the closest kind, shoes by the classifier.

    Parameters
    ----------
    labels : (n,) str
    logits : (n, 1000) float32
        Of ImageNet's classifier.
    """
    targets = np.zeros((len(labels), CLASSES), np.float32)
    for row, label in enumerate(labels):
        if label != "shoes":
            targets[row, FASHION_LABELS.index(RIGHT[str(label)][0])] = 1.0
            continue
        best = np.array([logits[row, list(classes)].max() for classes in SHOES.values()])
        odds = np.exp(best - best.max())
        targets[row, [FASHION_LABELS.index(kind) for kind in SHOES]] = odds / odds.sum()
    return targets


def fit_head(lessons: Lessons) -> GarmentHead:
    """Softmax regression where several classes may be right for a picture.

    Each picture's target is half `closest` and half what the head itself makes of the classes that are right
    (expectation maximisation), by Adam on the whole set.
    """
    right, closest = lessons.right, lessons.closest
    inputs = lessons.embeddings * LENGTH
    importance = lessons.importance / lessons.importance.sum()
    parameters = [np.zeros((inputs.shape[1], CLASSES), np.float32), np.zeros(CLASSES, np.float32)]
    first = [np.zeros_like(parameter) for parameter in parameters]
    second = [np.zeros_like(parameter) for parameter in parameters]
    for step in range(1, STEPS + 1):
        predicted = _softmax(inputs @ parameters[0] + parameters[1])
        opinion = predicted * right
        opinion /= opinion.sum(axis=1, keepdims=True) + 1e-9
        difference = (predicted - CLOSEST * closest - (1 - CLOSEST) * opinion) * importance[:, None]
        gradients = [inputs.T @ difference + DECAY * parameters[0], difference.sum(axis=0)]
        for i, gradient in enumerate(gradients):
            first[i] = 0.9 * first[i] + 0.1 * gradient
            second[i] = 0.99 * second[i] + 0.01 * gradient**2
            mean, variance = first[i] / (1 - 0.9**step), second[i] / (1 - 0.99**step)
            parameters[i] = parameters[i] - RATE * mean / (np.sqrt(variance) + 1e-8)
    return GarmentHead(parameters[0] * LENGTH, parameters[1])


def all_lessons(
    photos: Pooled,
    garments: Pooled,
    fashion: Pooled,
    layer: LinearLayer,
    classifier: NDArray[np.float32],
    offset: NDArray[np.float32],
) -> tuple[Lessons, NDArray[np.str_]]:
    """Everything the head learns from: garments, what is none, pictures of Fashion-MNIST, imagined bags.

    Parameters
    ----------
    photos, garments, fashion : Pooled
    layer : LinearLayer
        Of the photo network.
    classifier, offset : (1000, channels), (1000,) float32
        ImageNet's classifier, which reads the average of the head.

    Returns
    -------
    Lessons
    (n,) str
        Names of the photographs of garments, which come first; empty for all others.
    """
    average = np.concatenate([photos.average, garments.average])
    labels = np.concatenate([np.full(len(photos.labels), ""), garments.labels])
    names = np.concatenate([photos.names, garments.names])
    head = next(block for block in layer.blocks if block.name == "head" and block.gamma == 1)
    logits = average[:, head.start : head.stop] @ classifier.T + offset
    embedded = layer.project(average)
    embeddings = unit(embedded)
    worn = np.isin(labels, list(RIGHT))
    # Shorts and skirts are neither one of the ten kinds nor something else altogether.
    none = np.isin(labels, ["", "hat"]) & (_softmax(logits)[:, list(CLOTHES)].sum(axis=1) < CLOTHED)
    bags = imagined_bags(embedded, logits, IMAGINED)
    parts = [
        garment_lessons(embeddings[worn], labels[worn], logits[worn]),
        plain_lessons(embeddings[none], np.full(int(none.sum()), OTHER), float(none.sum())),
        plain_lessons(unit(layer.project(fashion.average)), fashion.labels.astype(int), FASHION_WEIGHT),
        plain_lessons(bags, np.full(IMAGINED, FASHION_LABELS.index("Bag")), BAG_WEIGHT),
    ]
    lessons = Lessons.join(parts)
    return lessons, np.concatenate([names[worn], np.full(len(lessons.embeddings) - int(worn.sum()), "")])


def write_head(path: Path, head: GarmentHead) -> None:
    """Write a head in half precision."""

    def write(target: Path) -> None:
        np.savez(target, weights=head.weights.astype(np.float16), bias=head.bias.astype(np.float32))

    with_part(path, write)


def _softmax(scores: NDArray[np.floating]) -> NDArray[np.float32]:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
