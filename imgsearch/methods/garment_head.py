"""Which of the ten kinds of Fashion-MNIST a photograph shows, told from its embedding by the photo network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imgsearch.methods.siamese import MODELS, ModelError

FILE = "garment_head.npz"
# Exponent of the probabilities: two kinds that are almost as likely share a place, a doubtful third has little say.
SHARPNESS = 2.0
# Length of what the converted picture adds to a kind of length 1; see `place`.
CUT = 0.2


@dataclass(frozen=True)
class Guess:
    """What a photograph shows.

    Attributes
    ----------
    shares : (10,) float32
        Probability of each kind, in the order of `idx.FASHION_LABELS`, given that it is one of them.
    garment : float
        Probability that it is one of them at all, 0 to 1.
    """

    shares: NDArray[np.float32]
    garment: float

    @property
    def kind(self) -> int:
        """The likeliest kind."""
        return int(self.shares.argmax())


@dataclass(frozen=True)
class GarmentHead:
    """A softmax on the embedding: ten kinds of garment, and "something else" as the last.

    Attributes
    ----------
    weights : (d, 11) float32
    bias : (11,) float32
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    @classmethod
    def load(cls, path: Path = MODELS / FILE) -> GarmentHead:
        """Read the head.

        Raises
        ------
        ModelError
            When the file is missing or damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                weights, bias = file["weights"].astype(np.float32), file["bias"].astype(np.float32)
        except FileNotFoundError:
            raise ModelError(
                f"The model file assets/models/{path.name} is missing. Restore it from the repository."
            ) from None
        except Exception as error:  # zip and npy readers each raise their own kinds
            raise ModelError(f"The model file {path.name} is damaged. Restore it from the repository.") from error
        if weights.ndim != 2 or bias.shape != weights.shape[1:]:
            raise ModelError(f"The model file {path.name} is damaged. Restore it from the repository.")
        return cls(weights, bias)

    def guess(self, embedding: NDArray[np.float32]) -> Guess:
        """What a photograph shows, from its unit embedding (d,) by the photo network."""
        scores = embedding.astype(np.float64) @ self.weights + self.bias
        probabilities = np.exp(scores - scores.max())
        probabilities /= probabilities.sum()
        kinds = probabilities[:-1]
        return Guess((kinds / kinds.sum()).astype(np.float32), float(kinds.sum()))


def class_centres(vectors: NDArray[np.float32], labels: NDArray[np.integer], classes: int = 10) -> NDArray[np.float32]:
    """Mean of the (n, d) vectors of each class, as unit vectors (classes, d) float32."""
    sums = np.zeros((classes, vectors.shape[1]), np.float64)
    for kind in range(classes):
        sums[kind] = vectors[labels == kind].mean(axis=0, dtype=np.float64)
    return (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)


def place(
    guess: Guess,
    centres: NDArray[np.float32],
    converted: NDArray[np.float32] | None = None,
    *,
    sharpness: float = SHARPNESS,
    cut: float = CUT,
) -> NDArray[np.float32]:
    """Where a photograph belongs among the pictures of the Fashion gallery.

    The kind is ``Σ_k share_k^sharpness centre_k``. A conversion to 28×28 is often mistaken about the kind, when
    the background is busy; but what of it lies outside the space of the centres says nothing of the kind and
    something of the cut. So only that is added, and within the kind those of the same cut come first.

    Parameters
    ----------
    guess : Guess
    centres : (10, d) float32
        As `class_centres` gives them for the gallery.
    converted : (d,) float32, optional
        Unit embedding by the fashion network of the photograph after its conversion.
    sharpness, cut : float

    Returns
    -------
    (d,) float32, a unit vector
    """
    placed = _scaled(guess.shares.astype(np.float64) ** sharpness @ centres)
    if converted is not None:
        basis, _ = np.linalg.qr(centres.T.astype(np.float64))
        placed = placed + cut * _scaled(converted - basis @ (basis.T @ converted))
    return _scaled(placed).astype(np.float32)


def _scaled(vector: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float64)
