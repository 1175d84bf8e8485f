"""The multi-scale Siamese network for small pictures, after arXiv 1709.08761: a trunk, two branches, one embedding."""

from typing import Any

import keras
import numpy as np
from keras import layers

SCALES = ("whole", "half", "quarter")
EPSILON = 1e-4
MOMENTUM = 0.95


def _convolution(x: Any, filters: int, *, name: str, folded: bool, pool: bool = False, shortcut: bool = False) -> Any:
    """3×3 convolution, normalisation and ReLU; halved by max pooling, or added to its own input, if asked."""
    options = {"padding": "same", "use_bias": folded, "kernel_initializer": "he_normal"}
    y = layers.Conv2D(filters, 3, name=f"{name}_conv", **options)(x)
    if pool:
        y = layers.MaxPooling2D(2, name=f"{name}_pool")(y)
    if not folded:
        y = layers.BatchNormalization(momentum=MOMENTUM, epsilon=EPSILON, name=f"{name}_norm")(y)
    if shortcut:
        y = layers.Add(name=f"{name}_add")([x, y])
    return layers.ReLU(name=name)(y)


def build_network(
    *,
    widths: tuple[int, int, int, int] = (32, 64, 128, 192),
    branch_widths: tuple[int, int] = (32, 48),
    dimensions: int = 64,
    folded: bool = False,
) -> keras.Model:
    """One twin of the Siamese pair.

    From ``(b, 28, 28, 1)``, 0..255, to a dict: ``embedding`` ``(b, d)``, not yet of unit length; ``pooled``
    ``(b, D)``, its input; and a map of features a scale by its name, ``(b, 7, 7, channels)``, whose mean
    over positions is that scale's part of ``pooled``. `widths` are those of the trunk after its stem and each of its
    three stages. If `folded`, it is built for use: convolutions with a bias, no normalisation (see ``fold``).
    """
    stem, low, middle, high = widths
    picture = keras.Input((28, 28, 1), name="picture")
    # Both constants are exact in half precision, in which LiteRT keeps them.
    scaled = layers.Rescaling(1 / 128, offset=-73 / 128, name="scaled")(picture)
    x = _convolution(scaled, stem, folded=folded, name="stem")
    x = _convolution(x, low, folded=folded, name="low", pool=True)
    x = _convolution(x, middle, folded=folded, name="middle", pool=True)
    x = _convolution(x, high, folded=folded, name="high_1")
    x = _convolution(x, high, folded=folded, name="high_2", shortcut=True)
    maps = {"whole": _convolution(x, high, folded=folded, name="high_3", shortcut=True)}
    for scale, factor in (("half", 2), ("quarter", 4)):
        x = layers.AveragePooling2D(factor, name=f"{scale}_picture")(scaled)
        x = _convolution(x, branch_widths[0], folded=folded, name=f"{scale}_1", pool=factor == 2)
        maps[scale] = _convolution(x, branch_widths[1], folded=folded, name=f"{scale}_2")
    pooled = [
        layers.GlobalAveragePooling2D(name=f"{scale}_mean", dtype="float32")(features)
        for scale, features in maps.items()
    ]
    joined = layers.Concatenate(name="pooled", dtype="float32")(pooled)
    embedding = layers.Dense(dimensions, use_bias=False, name="embedding", dtype="float32")(joined)
    return keras.Model(picture, {"embedding": embedding, "pooled": joined, **maps}, name="siamese")


def fold(network: keras.Model, **built: object) -> keras.Model:
    """The same network for use: normalisation folded into the convolutions, weights rounded to half precision.

    So the Keras model and the file of half the size compute the same function. `built` is what it was built with.
    ValueError if a normalisation behind max pooling turns the sign round: the largest value would become the smallest.
    """
    folded = build_network(folded=True, **built)  # type: ignore[arg-type]
    for layer in folded.layers:
        if not layer.weights:
            continue
        source = network.get_layer(layer.name)
        weights = [np.asarray(value) for value in source.get_weights()]
        if layer.name.endswith("_conv"):
            stem = layer.name.removesuffix("_conv")
            gamma, beta, mean, variance = network.get_layer(f"{stem}_norm").get_weights()
            slope = gamma / np.sqrt(variance + EPSILON)
            pooled = any(other.name == f"{stem}_pool" for other in folded.layers)
            if pooled and slope.min() <= 0:
                raise ValueError(f"The normalisation after {stem}_pool turns signs round and cannot be folded.")
            weights = [weights[0] * slope, beta - mean * slope]
        layer.set_weights([value.astype(np.float16).astype(np.float32) for value in weights])
    return folded


def unfold(folded: keras.Model, network: keras.Model, pictures: np.ndarray) -> None:
    """Let a fresh network, made for training, start from a folded one: the reverse of `fold`.

    What it has more channels of keeps its random weights; the normalisations start from the statistics of some
    pictures, (b, h, w) uint8. Only the direction of a convolution's weights counts before a normalisation: each
    layer's are brought to a mean length of 1 a filter, which decides how fast they turn.
    """
    layer_names = {layer.name for layer in folded.layers}
    stems = [name.removesuffix("_conv") for name in layer_names if name.endswith("_conv")]
    outputs = {
        stem: folded.get_layer(f"{stem}_pool" if f"{stem}_pool" in layer_names else f"{stem}_conv").output
        for stem in stems
    }
    values = keras.Model(folded.input, outputs)(pictures[..., None].astype(np.float32))
    for stem in stems:
        kernel, bias = folded.get_layer(f"{stem}_conv").get_weights()
        length = np.sqrt(np.square(kernel).sum(axis=(0, 1, 2))).mean()
        (fresh,) = network.get_layer(f"{stem}_conv").get_weights()
        fresh /= np.sqrt(np.square(fresh).sum(axis=(0, 1, 2))).mean()
        into, out = kernel.shape[2:]
        fresh[:, :, into:, :out] = 0
        fresh[:, :, :into, :out] = kernel / length
        network.get_layer(f"{stem}_conv").set_weights([fresh])
        y = keras.ops.convert_to_numpy(values[stem]).astype(np.float32) - bias
        mean, variance = y.mean(axis=(0, 1, 2)), y.var(axis=(0, 1, 2))
        normalization = network.get_layer(f"{stem}_norm")
        weights = normalization.get_weights()
        starts = (np.sqrt(variance + EPSILON), bias + mean, mean / length, variance / length**2)
        for weight, start in zip(weights, starts, strict=True):
            weight[:out] = start
        normalization.set_weights(weights)
    (rows,) = folded.get_layer("embedding").get_weights()
    parts, first = [], 0
    for scale in SCALES:
        count, wanted = (built.output[scale].shape[-1] for built in (folded, network))
        parts.append(np.pad(rows[first : first + count], ((0, wanted - count), (0, 0))))
        first += count
    network.get_layer("embedding").set_weights([np.concatenate(parts)])
