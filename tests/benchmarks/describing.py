"""One picture to its vector: the public call, Keras, the bare interpreter, and decoding alone."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image

from imgsearch.gallery.gallery import GALLERY_SIDE
from imgsearch.gallery.persistence import open_gallery
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import encode
from imgsearch.methods.registry import MethodError, from_config, photo_methods
from imgsearch.methods.siamese import MODELS, THREADS, Siamese
from tests.benchmarks.measure import Row, in_turns


def rows() -> Iterator[Row]:
    """The networks against Keras and LiteRT, the histogram against decoding."""
    yield from _fashion()
    for name in ("fashion", "photos"):
        yield from _bare(name)
    yield _histogram()
    yield _indexing()


def _method(name: str) -> Siamese | None:
    try:
        method = from_config({"kind": "siamese", "model": name})
    except MethodError:
        return None
    assert isinstance(method, Siamese)
    return method


def _fashion() -> Iterator[Row]:
    method, path = _method("fashion"), MODELS / "fashion.keras"
    if method is None or not path.exists():
        return
    import keras

    network = keras.models.load_model(path)
    picture = np.random.default_rng(0).integers(0, 256, (28, 28, 3), dtype=np.uint8)
    seen = method.see(picture)
    pair = np.stack([seen, seen[:, ::-1]])
    ours, theirs = in_turns(lambda: method.describe(picture), lambda: network.predict(pair, verbose=0), rounds=8)
    yield Row("describing, Siamese (fashion)", "Keras model.predict", ours, theirs, "s", 0.05, 0.01)


def _bare(name: str) -> Iterator[Row]:
    method = _method(name)
    if method is None:
        return
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(MODELS / f"{name}.tflite"), num_threads=THREADS)
    interpreter.allocate_tensors()
    given = interpreter.get_input_details()[0]
    wanted = interpreter.get_output_details()
    pooled = next(detail["index"] for detail in wanted if len(detail["shape"]) == 2)
    side = int(given["shape"][1])
    picture = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    seen = method.see(picture)
    batch = np.stack([seen, seen[:, ::-1]][: given["shape"][0]])

    def bare() -> None:
        interpreter.set_tensor(given["index"], batch)
        interpreter.invoke()
        interpreter.get_tensor(pooled)

    ours, theirs = in_turns(lambda: method.describe(picture), bare)
    yield Row(f"describing, Siamese ({name})", "bare LiteRT call", ours, theirs, "s", 1.2, 1.05)


def photograph(width: int = 1000, height: int = 750) -> bytes:
    """A JPEG with the smooth parts, edges and noise of a photograph."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (12, 16, 3), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC), np.int16)
    grain = random.normal(0, 6, smooth.shape)
    return encode(np.clip(smooth + grain, 0, 255).astype(np.uint8), "jpeg", quality=90)


def _indexing(count: int = 128) -> Row:
    """A folder of photographs into a gallery, by all methods, with the command that the README gives."""
    data = photograph()
    with tempfile.TemporaryDirectory() as folder:
        pictures, gallery = Path(folder) / "pictures", Path(folder) / "gallery"
        pictures.mkdir()
        for number in range(count):  # no two of the same bytes, which would be described once
            (pictures / f"{number}.jpg").write_bytes(data + bytes([number]))
        started = perf_counter()
        subprocess.run(
            [sys.executable, "-m", "imgsearch", "index", str(pictures), "--out", str(gallery)],
            check=True,
            capture_output=True,
        )
        took = perf_counter() - started
        if (n := open_gallery(gallery).n) != count:
            raise AssertionError(f"{n} of {count} photographs were indexed")
    note = f"{count / took:.0f} a second, the command's start among them; must: 15, aim: 25"
    return Row(
        "indexing a 1000×750 JPEG, all methods", "a fifteenth of a second", took / count, 1 / 15, "s", 1.0, 0.6, note
    )


def _histogram() -> Row:
    data = photograph()
    method = photo_methods(["histogram"])[0]
    ours, theirs = in_turns(
        lambda: method.describe(read_picture(data, longest=GALLERY_SIDE)),
        lambda: np.asarray(Image.open(io.BytesIO(data)).convert("RGB")),
    )
    return Row("describing, histogram, from a 1000×750 JPEG", "decoding it with Pillow", ours, theirs, "s", 1.5, 1.2)
