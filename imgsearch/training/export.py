"""A trained network becomes a file that the program uses."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import tensorflow as tf


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
