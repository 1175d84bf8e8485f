"""Method 2: a picture becomes the unit vector that a Siamese network gives it, through LiteRT.

A network is two files in ``assets/models``: ``NAME.tflite`` turns a picture into maps of features and their
pooled values, and ``NAME.npz`` holds the linear layer that turns the pooled values into the embedding. A network
whose batch is two gets a picture together with its mirror image, and the two are averaged.
"""

import hashlib
import math
import threading
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from imgsearch.assets import ASSETS
from imgsearch.images.transforms import FITS
from imgsearch.methods.explanations import REMAINDER, Heat, HeatExplanation, Side
from imgsearch.methods.linear_layer import Features, LinearLayer, ModelError, missing
from imgsearch.methods.method import Preview
from imgsearch.ranking.metrics import COSINE, Metric

MODELS = ASSETS / "models"
THREADS = 2
# Half precision is off by at most 2⁻¹¹ of a number; what is too small for it adds a little.
_HALF = 2.0**-11 * 1.1
_LEARNT_TWINS = "Training turned pictures of one kind the same way and all others apart"
_LEARNT = {
    "photos": "The network learnt from the photographs of ImageNet to tell a thousand things apart, and a layer behind "
    "it, computed without labels, keeps what tells photographs apart"
}
"""What made the arrows of a network what they are."""


class Siamese:
    """One twin of the Siamese pair. Threads may share it: a lock lets one through, which uses all `THREADS`."""

    key = family = "siamese"
    title = "Siamese network"
    variant = ""
    caption = "What a trained network sees"
    metric: Metric = COSINE

    def __init__(self, model: str, folder: Path = MODELS) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self.model = model
        self.layer = LinearLayer.load(folder / f"{model}.npz")
        self.dimensions: int = self.layer.weights.shape[1]
        network = folder / f"{model}.tflite"
        if not network.exists():
            raise ModelError(missing(network))
        digests = (hashlib.sha256(path.read_bytes()).digest() for path in (network, folder / f"{model}.npz"))
        self.fingerprint = hashlib.sha256(b"".join(digests)).hexdigest()[:16]
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
        return {"kind": "siamese", "model": self.model}

    def normalise(self, vector: NDArray[np.float64]) -> NDArray[np.float32]:
        """A vector that was moved, brought back to length 1."""
        return np.asarray(vector / (np.linalg.norm(vector) or 1.0), np.float32)

    def format_score(self, score: float) -> str:
        return self.metric.format_score(score)

    def see(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The picture as the network gets it: ``(h, w, channels)`` float32, 0..255, of the network's own size."""
        _, height, width, channels = self._input["shape"]
        fitted = FITS[self.layer.fit](picture, int(height), int(width))
        return fitted[..., :channels].astype(np.float32)

    def features(self, picture: NDArray[np.uint8]) -> Features:
        """Run the network on ``(h, w, 3)`` uint8 and keep every map, for explanations."""
        return self._run(picture, maps=True)

    def describe(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit embedding ``(d,)`` float32 of a picture ``(h, w, 3)`` uint8."""
        embedding = self.layer.project(self.pooled(picture))
        return embedding / max(math.sqrt(embedding.dot(embedding)), 1e-12)

    def pooled(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Pooled values ``(D,)`` float32 before the linear layer, averaged over the passes."""
        return np.asarray(self._run(picture).pooled.mean(axis=0))

    def preview(self, picture: NDArray[np.uint8]) -> Preview:
        """The picture in the size, and with the channels, that go into the network."""
        return Preview(self._seen(picture), "The network's input", "", "The query in the form that the network takes")

    def idea(self, picture: NDArray[np.uint8], label: str) -> str:
        what = f"the {label}" if label else "the query"
        return (
            f"Two copies of one network look at two pictures. Each turns its picture into {self.dimensions} numbers: "
            "an arrow. The cosine of the angle between two arrows is 1 when they point the same way. "
            f"{_LEARNT.get(self.model, _LEARNT_TWINS)}, so {what} finds its kind, whatever its shades."
        )

    def explain(self, query: Side, match: Side) -> HeatExplanation | None:
        """Split the cosine of two vectors over the positions of their pictures, exactly; None if a vector is zero.

        With q and x the two vectors and e the embedding of the query's picture, q = c e + Σ parts + r, so

            cos = q · x / (‖q‖ ‖x‖) = c e · v + Σ part · v + r · v,    v = x / (‖q‖ ‖x‖),

        and e · v falls apart into positions (`LinearLayer.position_shares`). c is what makes r the smallest. As far as
        r is no more than rounding a vector to half precision does, r · v is taken from every position alike; a larger
        one is a part of its own. The same with the roles exchanged gives the map on the match.
        """
        wide = [side.vector.astype(np.float64) for side in (query, match)]
        lengths = float(np.linalg.norm(wide[0]) * np.linalg.norm(wide[1]))
        if lengths == 0.0:
            return None
        heats = [self._heat(side, other / lengths) for side, other in zip((query, match), wide[::-1], strict=True)]
        return HeatExplanation(float(wide[0] @ wide[1]) / lengths, *heats)

    def _heat(self, side: Side, direction: NDArray[np.float64]) -> Heat | None:
        if side.picture is None:
            return None
        added = {name: part.astype(np.float64) for name, part in side.parts.items()}
        own = side.vector.astype(np.float64) - sum(added.values(), start=np.zeros(len(direction)))
        features = self.features(side.picture)
        embedding = self.layer.project(features.pooled.mean(axis=0)).astype(np.float64)
        scale = float(own @ embedding) / max(float(embedding @ embedding), np.finfo(np.float64).tiny)
        shares = self.layer.position_shares(features, scale * direction)
        parts = {name: float(part @ direction) for name, part in added.items()}
        rest = float(own @ direction) - sum(float(values.sum()) for values in shares.values())
        if np.linalg.norm(own - scale * embedding) > _HALF * np.linalg.norm(own):
            return Heat(self._seen(side.picture), shares, {**parts, REMAINDER: rest})
        maps = {name: values + rest / len(shares) / values.size for name, values in shares.items()}
        return Heat(self._seen(side.picture), maps, parts, rounding=rest)

    def _seen(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """`see` as a picture that can be shown: (h, w, 3) uint8."""
        seen = self.see(picture).astype(np.uint8)
        return np.repeat(seen, 3, axis=2) if seen.shape[2] == 1 else seen

    def _run(self, picture: NDArray[np.uint8], *, maps: bool = False) -> Features:
        seen = self.see(picture)
        batch = seen[None]
        if self._input["shape"][0] == 2:
            batch = np.concatenate((batch, batch[:, :, ::-1]))
        with self._lock:
            interpreter = self._interpreter
            interpreter.set_tensor(self._input["index"], batch)
            interpreter.invoke()
            pooled = interpreter.get_tensor(self._pooled)
            return Features(pooled, tuple(interpreter.get_tensor(i) for i in self._maps) if maps else ())


def shared_network(model: str) -> Siamese:
    """The network of a model in `MODELS`, one for all who use it, as each holds 40 to 50 MB of its own.

    Once its files change, a new one is made; ModelError if one is missing or damaged.
    """
    files = [MODELS / f"{model}.tflite", MODELS / f"{model}.npz"]
    try:
        state = (model, *((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files))
    except OSError:
        raise ModelError(missing(next(path for path in files if not path.exists()))) from None
    with _networks_lock:
        made = _networks.get(state)
        if made is None:
            made = _networks[state] = Siamese(model)
        return made


_networks: WeakValueDictionary[tuple[object, ...], Siamese] = WeakValueDictionary()
_networks_lock = threading.Lock()
