"""The last layer of a Siamese network: pooled features → embedding, and back from a score to positions.

Every pooled value is a sum over positions, and nothing but this linear layer lies behind the pooling. So an embedding,
and with it a cosine, falls apart exactly into what each position of the picture adds to it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch import ImgsearchError
from imgsearch.images.transforms import FITS

_SILENT = 1e-12


class ModelError(ImgsearchError):
    """A network cannot be used."""


@dataclass(frozen=True)
class Block:
    """One pooled block of the linear layer's input."""

    name: str  # of the scale
    map: int  # in `Features.maps`
    start: int
    stop: int
    gamma: float  # exponent of the mean


@dataclass(frozen=True)
class Features:
    """What the network makes of one picture and, in a network of two passes, of its mirror image after it."""

    pooled: NDArray[np.float32]  # (passes, D)
    maps: tuple[NDArray[np.float32], ...]  # (passes, h, w, c), one a scale


@dataclass(frozen=True)
class LinearLayer:
    """The layer behind the pooling: embedding = (pooled − mean) @ weights."""

    weights: NDArray[np.float32]  # (D, d)
    mean: NDArray[np.float32]  # (D,)
    blocks: tuple[Block, ...]  # what the D pooled values are
    fit: str  # how a picture is brought to the network's size: a key of `FITS`

    @classmethod
    def load(cls, path: Path) -> "LinearLayer":
        """Read the layer; `ModelError` when the file is missing, broken or does not fit together."""
        with model_file(path) as file:
            # Column after column, as `project` goes through them.
            weights, mean = file["weights"].astype(np.float32, order="F"), file["mean"].astype(np.float32)
            sizes, names = file["splits"].tolist(), file["names"].tolist()
            maps, gammas = file["maps"].tolist(), file["gamma"].tolist()
            fit = json.loads(str(file["info"]))["fit"]
        if weights.ndim != 2 or mean.shape != weights.shape[:1] or sum(sizes) != len(mean) or fit not in FITS:
            raise ModelError(f"The model file {path.name} does not fit together. Restore it from the repository.")
        stops = np.cumsum(sizes).tolist()
        blocks = tuple(
            Block(str(name), int(index), stop - size, stop, float(gamma))
            for name, index, size, stop, gamma in zip(names, maps, sizes, stops, gammas, strict=True)
        )
        return cls(weights, mean, blocks, fit)

    def project(self, pooled: NDArray[np.float32]) -> NDArray[np.float32]:
        """(…, D) pooled values to (…, d) embeddings, not yet of unit length."""
        # One scalar product after the other: a BLAS takes threads for all of them together, which then wait for
        # more in a loop for some 20 ms and keep the network's own from the cores.
        return np.asarray(np.vecdot((pooled - self.mean)[..., None, :], self.weights.T), np.float32)

    def position_shares(self, features: Features, direction: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Split the product of an embedding and a direction, (d,), over the positions of the picture, exactly.

        With e = Wᵀ (p − m) the embedding of the pooled values p, and v the direction,

            e · v = Σ_c (p_c − m_c) u_c,    u = W v.

        A generalised mean with exponent γ over N positions, p_c = (1/N Σ_i f_c(i)^γ)^(1/γ), is the sum of

            p_c(i) = p_c · f_c(i)^γ / Σ_j f_c(j)^γ,

        which for γ = 1 is f_c(i) / N, so that position i adds Σ_c (p_c(i) − m_c / N) u_c. The constant m is taken
        from every position alike. Two passes are averaged, the mirror image's positions turned back.

        Returns a map (h, w) for each scale, float64; all of them together sum to e · v.
        """
        weighting = self.weights.astype(np.float64) @ direction
        shares: dict[str, NDArray[np.float64]] = {}
        for block in self.blocks:
            part = slice(block.start, block.stop)
            maps = features.maps[block.map].astype(np.float64)
            pooled = features.pooled[:, None, None, part].astype(np.float64)
            weight = np.maximum(maps, 0.0) ** block.gamma if block.gamma != 1.0 else maps
            total = weight.sum(axis=(1, 2), keepdims=True)
            positions = maps.shape[1] * maps.shape[2]
            # A channel that is silent everywhere pools to nothing; its nothing is spread evenly.
            even = np.full_like(weight, 1.0 / positions)
            fraction = np.divide(weight, total, out=even, where=np.abs(total) > _SILENT)
            added = (fraction * pooled - self.mean[part] / positions) @ weighting[part]
            own = (added[0] + added[1][:, ::-1]) / 2.0 if len(added) == 2 else added[0]
            shares[block.name] = shares.get(block.name, 0.0) + own
        return shares


@contextmanager
def model_file(path: Path) -> Iterator[Any]:
    """The arrays of an ``.npz`` by name, to be read within the block; ModelError if they cannot be."""
    try:
        with np.load(path, allow_pickle=False) as file:
            yield file
    except FileNotFoundError:
        raise ModelError(missing(path)) from None
    except Exception as error:  # zip, npy and JSON readers each raise their own kinds
        raise ModelError(f"The model file {path.name} is damaged. Restore it from the repository.") from error


def missing(path: Path) -> str:
    """A sentence for a model file that is not there."""
    return f"The model file assets/models/{path.name} is missing. Restore it from the repository."
