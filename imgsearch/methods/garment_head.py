"""Which of the ten kinds of Fashion-MNIST a photograph shows, told by a linear layer on the photo network."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imgsearch.methods.explanations import Heat
from imgsearch.methods.linear_layer import ModelError, model_file
from imgsearch.methods.siamese import MODELS, Siamese, shared_network

FILE = "garment_head.npz"
MODEL = "photos"  # the network that the head was trained on
CONVINCED = 0.7
"""Probability of a garment below which a photograph is taken for something else. Well above one half, since what is
unlike everything in training is of no kind surely, and the small probabilities of ten kinds add up."""

CUT = 0.3  # length of what the converted picture adds to a kind that is certain; see `place`
FOR_EVERY_PICTURE = "what every picture gets"  # name of the part of a kind's score that belongs to no place: the bias


@dataclass(frozen=True)
class Guess:
    """What a photograph shows."""

    shares: NDArray[np.float32]  # (10,), probability of each of `fashion_mnist.FASHION_LABELS`, if it is a garment
    garment: float  # probability that it is one

    @property
    def kind(self) -> int:
        """The likeliest kind."""
        return int(self.shares.argmax())

    @property
    def is_garment(self) -> bool:
        """Whether it is surely enough one of them."""
        return self.garment >= CONVINCED


@dataclass(frozen=True)
class GarmentHead:
    """A softmax on the photo network's pooled values less their mean: ten kinds of garment, last "something else"."""

    weights: NDArray[np.float32]  # (D, 11)
    bias: NDArray[np.float32]  # (11,)

    @classmethod
    def load(cls, path: Path = MODELS / FILE) -> "GarmentHead":
        """Read the head; ModelError when the file is missing or damaged."""
        with model_file(path) as file:
            weights, bias = file["weights"].astype(np.float32), file["bias"].astype(np.float32)
        if weights.ndim != 2 or bias.shape != weights.shape[1:]:
            raise ModelError(f"The model file {path.name} is damaged. Restore it from the repository.")
        return cls(weights, bias)

    def guess(self, centred: NDArray[np.floating]) -> Guess:
        """What a photograph shows, from its pooled values less their mean, (D,)."""
        scores = centred.astype(np.float64) @ self.weights + self.bias
        probabilities = np.exp(scores - scores.max())
        probabilities /= probabilities.sum()
        kinds = probabilities[:-1]
        return Guess((kinds / kinds.sum()).astype(np.float32), float(kinds.sum()))


class GarmentReader:
    """Looks at photographs with the photo network and says which kind of garment they show, and where."""

    def __init__(self, network: Siamese, head: GarmentHead) -> None:
        if len(head.weights) != len(network.layer.mean):
            raise ModelError(f"The model file {FILE} belongs to another network. Restore it from the repository.")
        self._network = network
        self._head = head
        # The head is a linear layer behind the same pooling as the embedding's, so its scores fall apart like that one.
        self._layer = replace(network.layer, weights=head.weights)

    def guess(self, photograph: NDArray[np.uint8]) -> Guess:
        """What a photograph, (h, w, 3) uint8, shows."""
        return self._head.guess(self._network.pooled(photograph) - self._network.layer.mean)

    def where(self, photograph: NDArray[np.uint8], kind: int) -> Heat:
        """What each place of a photograph, (h, w, 3) uint8, adds to the score of a kind, before the softmax.

        The score is (p − m) · W_kind + b_kind, of which the first term falls apart like a cosine does
        (`LinearLayer.position_shares`).
        """
        features = self._network.features(photograph)
        chosen = np.zeros(self._head.weights.shape[1])
        chosen[kind] = 1.0
        maps = self._layer.position_shares(features, chosen)
        return Heat(self._network.preview(photograph).picture, maps, {FOR_EVERY_PICTURE: float(self._head.bias[kind])})


@cache
def garment_reader() -> GarmentReader:
    """The delivered reader, loaded when it is first asked for; ModelError if a file of it is missing or damaged."""
    return GarmentReader(shared_network(MODEL), GarmentHead.load())


def place(
    guess: Guess, centres: NDArray[np.float32], converted: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Where a photograph belongs among the pictures of Fashion-MNIST: a unit vector, (d,), and what of it is the kind.

    It has the direction of Σ_k share_k centre_k + CUT · converted, where the centres, (10, d), are the mean directions
    of the gallery's pictures of each kind. Where the kind is certain, the conversion, which is often mistaken about it
    when the background is busy, orders the pictures of that kind by their cut. Where kinds are in doubt their centres
    partly cancel each other, and the conversion has more to say.
    """
    kind = guess.shares.astype(np.float64) @ centres
    joined = kind + CUT * converted.astype(np.float64)
    length = max(float(np.linalg.norm(joined)), 1e-12)
    return (joined / length).astype(np.float32), kind / length


def likeliest(guess: Guess, names: tuple[str, ...], *, least: float = 0.05) -> Mapping[str, float]:
    """The kinds that a photograph shows with a probability of at least `least`, or the likeliest, in their order."""
    order = np.argsort(-guess.shares, kind="stable")
    kept = [int(i) for i in order if guess.shares[i] >= least] or [guess.kind]
    return {names[i]: float(guess.shares[i]) for i in kept}
