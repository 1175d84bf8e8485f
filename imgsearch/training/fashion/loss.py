"""What the network is trained to lower: a softmax over class proxies, joined by pairs from easy to hard."""

from typing import Any

import keras
from keras import ops


class Proxies(keras.layers.Layer):
    """One learned direction a class; puts the cosines to them behind the unit embedding.

    Input ``(b, d)``; output ``(b, d + classes)``: the embedding at unit length, then its cosines to the proxies.
    Source of the normalised softmax: NormFace (arXiv 1704.06369).
    """

    def __init__(self, classes: int, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **kwargs)
        self.classes = classes

    def build(self, input_shape: tuple[int, ...]) -> None:
        self.proxies = self.add_weight(shape=(self.classes, input_shape[-1]), initializer="orthogonal", name="proxies")

    def call(self, embedding: Any) -> Any:
        unit = ops.normalize(embedding, axis=-1)
        cosines = ops.matmul(unit, ops.transpose(ops.normalize(self.proxies, axis=-1)))
        return ops.concatenate([unit, cosines], axis=-1)


class SiameseLoss(keras.losses.Loss):
    """Softmax over proxies plus contrastive loss over all pairs of the batch, mined from easy to hard.

    For unit embeddings with cosine ``c`` between two pictures of a batch::

        same class        (1 − c)²                    mean over the pairs
        different class   max(0, c − margin)²         weighted mean, weights ∝ exp(hardness · c)

    As hardness grows from 0 the hardest pairs take over: the curriculum of arXiv 1709.08761, without a threshold that
    would have to be moved. ``y_true`` carries it: ``(b, 2)``, class index and hardness.
    """

    def __init__(self, *, classes: int, scale: float, margin: float, pair_weight: float, smoothing: float) -> None:
        super().__init__(name="siamese_loss")
        self.classes = classes
        self.scale = scale
        self.margin = margin
        self.pair_weight = pair_weight
        self.smoothing = smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        labels = ops.cast(y_true[:, 0], "int32")
        hardness = y_true[0, 1]
        unit, cosines = y_pred[:, : -self.classes], y_pred[:, -self.classes :]
        target = ops.one_hot(labels, self.classes, dtype="float32")
        target = target * (1 - self.smoothing) + self.smoothing / self.classes
        softmax = ops.categorical_crossentropy(target, self.scale * cosines, from_logits=True)

        pairs = ops.matmul(unit, ops.transpose(unit))
        same = ops.cast(ops.equal(labels[:, None], labels[None, :]), "float32")
        other = 1.0 - same
        count = ops.cast(ops.shape(labels)[0], "float32")
        # A picture with itself has cosine 1 and adds nothing to the sum; only its place in the count is taken out.
        attract = ops.sum(same * ops.square(1.0 - pairs)) / ops.maximum(ops.sum(same) - count, 1.0)
        weight = other * ops.exp(hardness * ops.stop_gradient(pairs))
        repel = ops.sum(weight * ops.square(ops.relu(pairs - self.margin))) / ops.maximum(ops.sum(weight), 1e-6)
        return ops.mean(softmax) + self.pair_weight * (attract + repel)
