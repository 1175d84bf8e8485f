"""The garment head: trained on photographs of garments, with ImageNet's classifier as a second teacher."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.fashion_mnist import FASHION_LABELS
from imgsearch.methods.garment_head import GarmentHead
from imgsearch.methods.linear_layer import LinearLayer
from imgsearch.training.photos.garment_kinds import RIGHT
from imgsearch.training.photos.pooled_features import Pooled

OTHER = len(FASHION_LABELS)
CLASSES = OTHER + 1

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

# The mean length of a garment's features in training.
LENGTH = 6.0
STEPS, RATE, DECAY = 250, 0.15, 2e-3
# Added to the standard deviation of a feature, so that one that is almost silent counts for little.
LEAST_SPREAD = 1e-3


@dataclass(frozen=True)
class Lessons:
    """What the head learns from."""

    features: NDArray[np.float32]  # (n, D), pooled values less the photo network's mean
    right: NDArray[np.bool_]  # (n, 11), the classes that are right for a picture
    closest: NDArray[np.float32]  # (n, 11), which of them it is most likely; rows sum to 1
    importance: NDArray[np.float32]  # (n,)
    is_garment: NDArray[np.bool_]  # (n,), whether it is a labelled photograph, by which features are scaled

    @classmethod
    def join(cls, parts: Sequence["Lessons"]) -> "Lessons":
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))


def plain_lessons(features: NDArray[np.float32], kinds: NDArray[np.integer], weight: float) -> Lessons:
    """Pictures of which the class is known, together as important as `weight` photographs of garments."""
    n = len(kinds)
    closest = np.eye(CLASSES, dtype=np.float32)[kinds]
    importance = np.full(n, weight / max(n, 1), np.float32)
    return Lessons(features, closest > 0, closest, importance, np.zeros(n, bool))


def imagined_bags(features: NDArray[np.float32], logits: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Features, (count, D), of bags that nobody photographed, from what ImageNet's classifier says of other pictures.

    The classifier's score of "bag" is linear in the features, so its covariance with them over any pictures gives
    the direction in which bags lie. Bags are imagined along it, scattered as other pictures are, `BAG_STRENGTH` mean
    lengths of features far.
    """
    random = np.random.default_rng(0)
    centred = features - features.mean(axis=0)
    score = logits[:, list(BAGS)].mean(axis=1)
    direction = (score - score.mean()) @ centred
    length = np.linalg.norm(centred, axis=1).mean()
    direction *= BAG_STRENGTH * length / np.linalg.norm(direction)
    return np.asarray(direction + centred[random.integers(0, len(centred), count)], np.float32)


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
    """For each picture a distribution over the classes, (n, 11): the closest kind, shoes by the classifier."""
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
    """Softmax regression where several classes may be right for a picture, by Keras's Adam on the whole set.

    The features are divided by their standard deviations over the garments, which leaves these a mean length of
    `LENGTH`, and which the weights that are returned take back. Half of a picture's loss is the cross-entropy with
    `closest`, the other half the negative logarithm of the probability of all classes together that are right.
    """
    import keras

    garments = lessons.features[lessons.is_garment]
    spread = garments.std(axis=0) + LEAST_SPREAD
    scale = np.asarray(spread * np.linalg.norm(garments / spread, axis=1).mean() / LENGTH, np.float32)
    dense = keras.layers.Dense(CLASSES, kernel_initializer="zeros", kernel_regularizer=keras.regularizers.L2(DECAY / 2))
    model = keras.Sequential([keras.Input((len(scale),)), dense])
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, STEPS)), loss=_loss)
    n = len(lessons.features)
    model.fit(
        lessons.features / scale,
        np.concatenate([lessons.closest, lessons.right], axis=1, dtype=np.float32),
        sample_weight=lessons.importance / lessons.importance.mean(),
        batch_size=n,
        epochs=STEPS,
        shuffle=False,
        verbose=0,
    )
    weights, bias = dense.get_weights()
    return GarmentHead((weights / scale[:, None]).astype(np.float32), bias.astype(np.float32))


def _loss(target: Any, scores: Any) -> Any:
    """Loss of each picture: target (n, 22) is `closest` and `right` side by side, scores (n, 11)."""
    from keras import ops

    closest, right = target[:, :CLASSES], target[:, CLASSES:]
    logs = ops.log_softmax(scores, axis=1)
    any_right = ops.logsumexp(ops.where(right > 0, logs, -1e9), axis=1)
    return -CLOSEST * ops.sum(closest * logs, axis=1) - (1 - CLOSEST) * any_right


def all_lessons(
    photos: Pooled,
    garments: Pooled,
    fashion: Pooled,
    layer: LinearLayer,
    classifier: NDArray[np.float32],
    offset: NDArray[np.float32],
) -> Lessons:
    """Everything the head learns from: garments, what is none, pictures of Fashion-MNIST, imagined bags.

    The weights, (1000, channels), and `offset` of ImageNet's classifier read the average of the head.
    """
    average = np.concatenate([photos.values, garments.values])
    labels = np.concatenate([np.full(len(photos.labels), ""), garments.labels])
    head = next(block for block in layer.blocks if block.name == "head" and block.gamma == 1)
    logits = average[:, head.start : head.stop] @ classifier.T + offset
    features = np.asarray(average - layer.mean, np.float32)
    worn = np.isin(labels, list(RIGHT))
    # Shorts and skirts are neither one of the ten kinds nor something else altogether.
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    clothed = shares[:, list(CLOTHES)].sum(axis=1) / shares.sum(axis=1)
    none = np.isin(labels, ["", "hat"]) & (clothed < CLOTHED)
    bags = imagined_bags(features, logits, IMAGINED)
    n, right, closest = int(worn.sum()), right_kinds(labels[worn]), closest_kinds(labels[worn], logits[worn])
    parts = [
        Lessons(features[worn], right, closest, np.ones(n, np.float32), np.ones(n, bool)),
        plain_lessons(features[none], np.full(int(none.sum()), OTHER), float(none.sum())),
        plain_lessons(np.asarray(fashion.values - layer.mean, np.float32), fashion.labels.astype(int), FASHION_WEIGHT),
        plain_lessons(bags, np.full(IMAGINED, FASHION_LABELS.index("Bag")), BAG_WEIGHT),
    ]
    return Lessons.join(parts)
