"""Method 2: a picture becomes the unit vector that a Siamese network gives it, through LiteRT.

A network is two files in ``assets/models``: ``NAME.tflite`` turns a picture into maps of features and their
pooled values, and ``NAME.npz`` holds the linear layer that turns the pooled values into the embedding. A network
whose batch is two gets a picture together with its mirror image, and the two are averaged, so that neither side of
a picture counts more; one whose batch is one gets the picture alone.
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from imgsearch import ImgsearchError
from imgsearch.assets import ASSETS
from imgsearch.ranking.metrics import COSINE, Metric

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

MODELS = ASSETS / "models"
THREADS = 2


class ModelError(ImgsearchError):
    """A network cannot be used; the message says which file, and what to do."""


@dataclass(frozen=True)
class Block:
    """One pooled block of the linear layer's input.

    Attributes
    ----------
    name : which scale of the network it comes from
    map : index of the map of features that it pools
    start, stop : its place in the pooled vector
    gamma : exponent of its generalised mean; 1 is the average
    """

    name: str
    map: int
    start: int
    stop: int
    gamma: float


@dataclass(frozen=True)
class Features:
    """What the network makes of one picture and, in a network of two passes, of its mirror image after it.

    Attributes
    ----------
    pooled : (passes, D) float32
    maps : one (passes, h, w, c) float32 array a scale, in the order that ``Block.map`` counts
    """

    pooled: NDArray[np.float32]
    maps: tuple[NDArray[np.float32], ...]


@dataclass(frozen=True)
class LinearLayer:
    """The layer behind the pooling: ``embedding = (pooled − mean) @ weights``.

    Attributes
    ----------
    weights : (D, d) float32
    mean : (D,) float32
    blocks : what each part of the D pooled values is
    fit : how a picture is brought to the network's size, a key of ``FITS``
    """

    weights: NDArray[np.float32]
    mean: NDArray[np.float32]
    blocks: tuple[Block, ...]
    fit: str

    @classmethod
    def load(cls, path: Path) -> LinearLayer:
        """Read the layer; ``ModelError`` when the file is missing, broken or does not fit together."""
        try:
            with np.load(path, allow_pickle=False) as file:
                # Column after column, as `project` goes through them.
                weights, mean = file["weights"].astype(np.float32, order="F"), file["mean"].astype(np.float32)
                sizes, names = file["splits"].tolist(), file["names"].tolist()
                maps, gammas = file["maps"].tolist(), file["gamma"].tolist()
                fit = json.loads(str(file["info"]))["fit"]
        except FileNotFoundError:
            raise ModelError(_missing(path)) from None
        except Exception as error:  # zip, npy and JSON readers each raise their own kinds
            raise ModelError(f"The model file {path.name} is damaged. Restore it from the repository.") from error
        if weights.ndim != 2 or mean.shape != weights.shape[:1] or sum(sizes) != len(mean) or fit not in FITS:
            raise ModelError(f"The model file {path.name} does not fit together. Restore it from the repository.")
        stops = np.cumsum(sizes).tolist()
        blocks = tuple(
            Block(str(name), int(index), stop - size, stop, float(gamma))
            for name, index, size, stop, gamma in zip(names, maps, sizes, stops, gammas, strict=True)
        )
        return cls(weights, mean, blocks, fit)

    def project(self, pooled: NDArray[np.float32]) -> NDArray[np.float32]:
        """``(…, D)`` pooled values to ``(…, d)`` embeddings, not yet of unit length."""
        # One scalar product after the other: a BLAS takes threads for all of them together, which then wait for
        # more in a loop for some 20 ms and keep the network's own from the cores.
        return np.asarray(np.vecdot((pooled - self.mean)[..., None, :], self.weights.T), np.float32)


class Siamese:
    """One twin of the Siamese pair, ready to describe pictures.

    Safe to share between threads: a LiteRT interpreter is not, so a lock lets one picture through at a time, and
    that one uses all ``THREADS``.
    """

    key = "siamese"
    title = "Siamese network"
    metric: Metric = COSINE

    def __init__(self, model: str, folder: Path = MODELS):
        from ai_edge_litert.interpreter import Interpreter

        self.model = model
        self.layer = LinearLayer.load(folder / f"{model}.npz")
        self.dimensions: int = self.layer.weights.shape[1]
        network = folder / f"{model}.tflite"
        if not network.exists():
            raise ModelError(_missing(network))
        self.fingerprint = _fingerprint(network, folder / f"{model}.npz")
        try:
            self._interpreter = Interpreter(str(network), num_threads=THREADS)
            # The runner knows the outputs by name; it has to go before memory can be set aside.
            runner = self._interpreter.get_signature_runner()
            outputs = {name: detail["index"] for name, detail in runner.get_output_details().items()}
            del runner
            self._interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"The model file {network.name} is damaged. Restore it from the repository.") from error
        self._input = self._interpreter.get_input_details()[0]
        self._pooled = outputs.pop("pooled")
        order = dict(sorted((block.map, block.name) for block in self.layer.blocks))
        self._maps = [outputs[name] for _, name in sorted(order.items())]
        self._lock = threading.Lock()

    def config(self) -> dict[str, Any]:
        """What ``imgsearch.methods.registry`` needs to make the same method again."""
        return {"kind": "siamese", "model": self.model}

    def format_score(self, score: float) -> str:
        """The score as a person reads it."""
        return self.metric.format_score(score)

    def see(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The picture as the network gets it: ``(h, w, channels)`` float32, 0..255, of the network's own size."""
        _, height, width, channels = self._input["shape"]
        fitted = FITS[self.layer.fit](picture, int(height), int(width))
        return fitted[..., :channels].astype(np.float32)

    def features(self, picture: NDArray[np.uint8]) -> Features:
        """Run the network on ``(h, w, 3)`` uint8 and keep every map, for explanations."""
        pooled, maps = self._run(picture, maps=True)
        return Features(pooled, maps)

    def describe(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit embedding ``(d,)`` float32 of a picture ``(h, w, 3)`` uint8."""
        pooled, _ = self._run(picture, maps=False)
        return self.embed(pooled)

    def describe_many(self, pictures: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Unit embeddings ``(n, d)`` float32, one picture after the other."""
        vectors = [self.describe(picture) for picture in pictures]
        return np.stack(vectors) if vectors else np.zeros((0, self.dimensions), np.float32)

    def pooled(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Pooled values ``(D,)`` float32 before the linear layer, averaged over the passes."""
        return self._run(picture, maps=False)[0].mean(axis=0)

    def embed(self, pooled: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit embedding ``(d,)`` from the pooled values ``(passes, D)`` of a picture."""
        embedding = self.layer.project(np.add.reduce(pooled, axis=0) / np.float32(len(pooled)))
        return embedding / max(math.sqrt(embedding.dot(embedding)), 1e-12)

    def _run(
        self, picture: NDArray[np.uint8], *, maps: bool
    ) -> tuple[NDArray[np.float32], tuple[NDArray[np.float32], ...]]:
        seen = self.see(picture)
        batch = seen[None]
        if self._input["shape"][0] == 2:
            batch = np.concatenate((batch, batch[:, :, ::-1]))
        with self._lock:
            interpreter = self._interpreter
            interpreter.set_tensor(self._input["index"], batch)
            interpreter.invoke()
            pooled = interpreter.get_tensor(self._pooled)
            return pooled, tuple(interpreter.get_tensor(i) for i in self._maps) if maps else ()


def _squash(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Resize to the network's size whatever the picture's proportions: by area down, linearly up."""
    if picture.shape[:2] == (height, width):
        return picture
    import cv2

    shrinks = picture.shape[0] >= height and picture.shape[1] >= width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8).reshape(height, width, -1)


def _letterbox(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Resize with its proportions kept, centred on white."""
    scale = min(height / picture.shape[0], width / picture.shape[1])
    tall = min(height, max(1, round(picture.shape[0] * scale)))
    wide = min(width, max(1, round(picture.shape[1] * scale)))
    page = np.full((height, width, 3), 255, np.uint8)
    top, left = (height - tall) // 2, (width - wide) // 2
    page[top : top + tall, left : left + wide] = _squash(picture, tall, wide)
    return page


FITS = {"squash": _squash, "letterbox": _letterbox}


def _fingerprint(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _missing(path: Path) -> str:
    return f"The model file assets/models/{path.name} is missing. Restore it from the repository."
