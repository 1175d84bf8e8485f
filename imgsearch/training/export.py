"""A trained network becomes the three files that the program uses."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf


def save_network(network: keras.Model, name: str, folder: Path, *, scales: tuple[str, ...], fit: str) -> None:
    """Write ``NAME.keras``, ``NAME.tflite`` and ``NAME.npz`` of a folded network, each whole or not at all.

    The LiteRT file ends at the pooled values of two pictures; the linear layer lies in the ``.npz``, where explanations
    and heads use it. `scales` are in the order of ``pooled``; `fit` is a key of `imgsearch.images.transforms.FITS`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(folder / f"{name}.keras") as part:
        network.save(part)
    outputs = {output: network.output[output] for output in ("pooled", *scales)}
    write_litert(keras.Model(network.input, outputs), folder / f"{name}.tflite", batch=2)
    weights = network.get_layer("embedding").get_weights()[0]
    with whole_file(folder / f"{name}.npz") as part:
        np.savez(
            part,
            weights=weights.astype(np.float32),
            mean=np.zeros(len(weights), np.float32),
            splits=np.array([network.output[scale].shape[-1] for scale in scales]),
            names=np.array(scales),
            maps=np.arange(len(scales)),
            gamma=np.ones(len(scales), np.float32),
            info=json.dumps({"fit": fit}),
        )


def write_litert(network: keras.Model, path: Path, *, batch: int) -> None:
    """Export a network to LiteRT, weights in half precision, for so many pictures at once."""
    shape = (batch, *network.input.shape[1:])
    with whole_file(path) as part:
        network.export(
            part,
            format="litert",
            input_signature=[keras.InputSpec(shape=shape, dtype="float32", name="picture")],
            verbose=False,
            optimizations=[tf.lite.Optimize.DEFAULT],
            target_spec={"supported_types": [tf.float16]},
        )


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A file beside `path` to be written, which is moved there once the block has made it whole."""
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
