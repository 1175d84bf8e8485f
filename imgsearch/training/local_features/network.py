"""The network of the local features: two depths of the photo network's trunk, and a learned head."""

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

DIMENSIONS = 32
_HIDDEN = 192
# The first has a place for every 8 pixels, fine but near-sighted; the second for every 16.
_STAGES = "stage3", "stage5"


class Upsampling(keras.layers.Layer):
    """Twice as high and wide by linear interpolation, with zeros beyond the edges.

    By convolutions: the layer of Keras needs to know the size when the network is exported.
    """

    def call(self, x: tf.Tensor) -> tf.Tensor:
        halves = np.array([[0.25, 0.75, 0], [0, 0.75, 0.25]], np.float32)
        kernels = (np.outer(down, across)[..., None, None] for down in halves for across in halves)
        each = [np.repeat(kernel, x.shape[-1], axis=2) for kernel in kernels]
        phases = [tf.nn.depthwise_conv2d(x, kernel, (1, 1, 1, 1), "SAME") for kernel in each]
        return tf.nn.depth_to_space(tf.concat(phases, axis=-1), 2)


def cut(lite2: keras.Model) -> keras.Model:
    """EfficientNet-Lite2 of pictures of any size, up to its fifth stage: ``(b, h, w, 3)`` to ``(b, h/8, w/8, 168)``.

    Height and width are multiples of 32.
    """
    fine, coarse = (lite2.output[stage] for stage in _STAGES)
    joined = keras.layers.Concatenate(name="joined")([fine, Upsampling(name="upsampled")(coarse)])
    return keras.Model(lite2.input, joined, name="trunk")


def build_head(features: NDArray[np.float32]) -> keras.Model:
    """A head with random weights, ``(b, h, w, c)`` to unit vectors ``(b, h, w, 32)``, place by place.

    `features` are examples, (n, c), from which the mean and spread of each channel are taken.
    """
    normalise = keras.layers.Normalization(mean=features.mean(0), variance=features.var(0), name="standardised")
    return keras.Sequential(
        [
            keras.Input((None, None, features.shape[1])),
            normalise,
            keras.layers.Conv2D(_HIDDEN, 1, activation="relu", name="hidden"),
            keras.layers.Conv2D(DIMENSIONS, 1, name="described"),
            keras.layers.UnitNormalization(name="unit"),
        ],
        name="head",
    )


def join(trunk: keras.Model, head: keras.Model) -> keras.Model:
    """The whole network: pictures to unit vectors."""
    return keras.Model(trunk.input, head(trunk.output), name="local_features")
