"""The photo network: EfficientNet-Lite2 with three of its stages pooled as the scales of a Siamese twin."""

from typing import NamedTuple

import keras
from keras import ops

# One pass at 320 pixels finds more than two, with the mirror image, at the 260 that the weights were trained at, and
# costs a quarter less.
SIZE = 320


class Pooling(NamedTuple):
    """A block of the pooled vector: the map that it pools, and the exponent of its mean; 1 is the average."""

    scale: str
    gamma: int


# Each scale by the layer that it is, one that ends in ReLU6: a generalised mean needs values that are not
# negative. The ends of the stages are linear, so it is the layer right after the end that widens them.
SCALES = {"stage5": "block15_expand_relu", "stage6": "block20_expand_relu", "head": "head_relu"}
POOLINGS = (Pooling("stage5", 4), Pooling("stage6", 4), Pooling("head", 1), Pooling("head", 4))


def generalised_mean(features: keras.KerasTensor, gamma: int) -> keras.KerasTensor:
    """``(mean_p f(p)^γ)^(1/γ)`` of ``(b, h, w, c)``, which are not negative; γ is a power of two.

    By squaring and square roots: LiteRT keeps an exponent such as 1/3 in half precision only.
    """
    halvings = gamma.bit_length() - 1
    for _ in range(halvings):
        features = ops.square(features)
    pooled = ops.mean(features, axis=(1, 2))
    for _ in range(halvings):
        pooled = ops.sqrt(pooled)
    return pooled


def pooled_network(trunk: keras.Model) -> keras.Model:
    """The trunk with the outputs that a Siamese twin has.

    From ``(b, size, size, 3)`` float32 RGB, 0..255, to a dict: ``"pooled"`` ``(b, D)``, the blocks of `POOLINGS`
    joined, and one map ``(b, h, w, c)`` for each of `SCALES`.
    """
    maps = {name: trunk.get_layer(layer).output for name, layer in SCALES.items()}
    pooled = [generalised_mean(maps[pooling.scale], pooling.gamma) for pooling in POOLINGS]
    return keras.Model(trunk.input, {"pooled": ops.concatenate(pooled, axis=-1), **maps}, name="photos")


def splits(network: keras.Model) -> list[int]:
    """Channels of each block of the pooled vector."""
    return [int(network.output[pooling.scale].shape[-1]) for pooling in POOLINGS]
