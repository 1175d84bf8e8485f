"""``python -m imgsearch.training.local_features.head --data DATA``: learn the network of the local features.

Its trunk is the photo network's, as it is. Its head is learned from slanted prints of all pictures that
``evaluate --same`` makes none of.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from tqdm import tqdm

from imgsearch.images.transforms import Picture
from imgsearch.methods.siamese import MODELS
from imgsearch.training.export import write_litert
from imgsearch.training.local_features.correspondences import Correspondences, Trunk, correspondences, slanted_pair
from imgsearch.training.local_features.network import build_head, cut, join
from imgsearch.training.local_features.pictures import FOLDERS, free_pictures
from imgsearch.training.photos.efficientnet import build_lite2, load_weights, read_state

STEPS = 4500
_SLANTS = {"photos": 6, "garments": 2}  # of each picture of a folder
_BATCH = 8
_TEMPERATURE = 0.06
_NEAR = 2.5  # places of a picture that are so few cells apart see almost the same
_RATE, _WARMUP, _DECAY = 2e-3, 0.1, 1e-3


def main() -> None:
    """Learn, and write ``local_features.tflite``."""
    parser = argparse.ArgumentParser(prog="python -m imgsearch.training.local_features.head", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with photos/ and garments/")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"of {_BATCH} pairs; default {STEPS:,}")
    given = parser.parse_args()
    lite2 = build_lite2(None)
    load_weights(lite2, read_state())
    trunk = cut(lite2)
    head = learn(examples(given.data, trunk), given.steps)
    write_litert(join(trunk, head), MODELS / "local_features.tflite", batch=1)


def examples(data: Path, trunk: keras.Model) -> list[Correspondences]:
    """What the trunk makes of slanted prints of all free pictures."""
    described = _by_picture(trunk)
    pictures: list[Picture] = []
    indices: list[int] = []
    for folder in FOLDERS:
        found = list(free_pictures(data / folder))
        indices += [len(pictures) + i for i in range(len(found))] * _SLANTS[folder]
        pictures += found

    def example(number: int) -> Correspondences | None:
        random = np.random.default_rng(number)
        return correspondences(slanted_pair(pictures, indices[number], random), described, random)

    with ThreadPoolExecutor(2) as pool:
        made = tqdm(pool.map(example, range(len(indices))), "slants", total=len(indices), unit=" slants")
        return [each for each in made if each is not None]


def learn(pairs: Sequence[Correspondences], steps: int) -> keras.Model:
    """A head by which the same places are alike and others are not, learned from the pairs in random order."""
    keras.utils.set_random_seed(0)
    head = build_head(
        np.concatenate([np.concatenate([pair.kept, pair.query]) for pair in pairs[:100]]).astype(np.float32)
    )
    warm = max(1, round(_WARMUP * steps))
    rate = keras.optimizers.schedules.CosineDecay(0.0, max(1, steps - warm), warmup_target=_RATE, warmup_steps=warm)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=_DECAY)
    optimizer.build(head.trainable_variables)
    step = tf.function(partial(_step, head, optimizer))
    random = np.random.default_rng(0)
    losses: list[float] = []
    progress = tqdm(range(steps), "head", unit=" steps")
    for _ in progress:
        batch = [pairs[i] for i in random.choice(len(pairs), min(_BATCH, len(pairs)), replace=False)]
        losses.append(float(step(*(np.stack(arrays).astype(np.float32) for arrays in zip(*batch, strict=True)))))
        progress.set_postfix_str(f"loss {np.mean(losses[-100:]):.3f}", refresh=False)
    return head


def matching_loss(kept: tf.Tensor, query: tf.Tensor, cells: tf.Tensor, elsewhere: tf.Tensor) -> tf.Tensor:
    """InfoNCE in both directions: of all places of a batch, each is most like the same one of the other picture.

    Unit vectors ``(b, n, d)``, ``(b, n, d)`` and ``(b, m, d)``, and `cells` ``(b, n, 2)``. Places of the same picture
    that are near each other are not told apart; what is elsewhere in the queries only adds to what a place of a kept
    picture is told from.
    """
    b, n, d = kept.shape
    apart = ops.sqrt(ops.sum(ops.square(cells[:, :, None] - cells[:, None]), axis=-1))
    near = (apart < _NEAR) & ~ops.eye(n, dtype="bool")
    of_same = ops.eye(b, dtype="bool")[:, None, :, None] & near[:, :, None]
    kept, query, elsewhere = (ops.reshape(vectors, (-1, d)) for vectors in (kept, query, elsewhere))
    likeness = ops.where(ops.reshape(of_same, (b * n, b * n)), -1e4, kept @ ops.transpose(query) / _TEMPERATURE)
    right = ops.diagonal(likeness)
    others = ops.concatenate([likeness, kept @ ops.transpose(elsewhere) / _TEMPERATURE], axis=1)
    return ops.mean(ops.logsumexp(others, axis=1) - right) + ops.mean(ops.logsumexp(likeness, axis=0) - right)


def _step(head: keras.Model, optimizer: keras.optimizers.Optimizer, *batch: tf.Tensor) -> tf.Tensor:
    kept, query, cells, elsewhere = batch
    with tf.GradientTape() as tape:
        described = [head(features, training=True) for features in (kept[:, None], query[:, None], elsewhere[:, None])]
        kept, query, elsewhere = (ops.squeeze(vectors, axis=1) for vectors in described)
        loss = matching_loss(kept, query, cells, elsewhere)
    optimizer.apply(tape.gradient(loss, head.trainable_variables), head.trainable_variables)
    return loss


def _by_picture(trunk: keras.Model) -> Trunk:
    """The trunk for one picture of any size after the other, without being compiled anew for each."""
    compiled = tf.function(trunk, input_signature=[tf.TensorSpec((1, None, None, 3), tf.float32)])
    return lambda picture: compiled(picture[None].astype(np.float32))[0].numpy()


if __name__ == "__main__":
    main()
