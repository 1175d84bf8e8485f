"""Where a score came from: the share of every position in a cosine, and of every bin in a distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from imgsearch.methods.siamese import Features, LinearLayer, Siamese


@dataclass(frozen=True)
class CosineShares:
    """What every position of two pictures adds to the cosine between them.

    Attributes
    ----------
    score : the cosine
    query, match : one float64 map ``(h, w)`` a scale, by the scale's name; all maps of one side sum to ``score``.
        What is negative argues against the match.
    """

    score: float
    query: Mapping[str, NDArray[np.float64]]
    match: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class DistanceShares:
    """What every cell and bin adds to a squared Euclidean distance.

    Attributes
    ----------
    squared_distance : the sum of ``parts``
    parts : float64 ``(grid, grid, bins)``, none negative; ``grid`` is 1 for a histogram of the whole picture
    """

    squared_distance: float
    parts: NDArray[np.float64]

    @property
    def cells(self) -> NDArray[np.float64]:
        """Share of each cell of the grid, ``(grid, grid)``."""
        return self.parts.sum(axis=2)

    @property
    def bins(self) -> NDArray[np.float64]:
        """Share of each bin over all cells, ``(bins,)``."""
        return self.parts.sum(axis=(0, 1))


def explain_cosine(method: Siamese, query: NDArray[np.uint8], match: NDArray[np.uint8]) -> CosineShares:
    """Split the cosine between two pictures over their positions, exactly.

    With ``e = Wᵀ (p − m)`` the embedding of pooled values ``p``, every pooled value a sum over positions and no
    non-linearity behind it, the cosine of query ``q`` and match ``x`` is

        cos = Σ_c (p_c − m_c) u_c,    u = W e_x / (‖e_q‖ ‖e_x‖),

    and each ``p_c`` falls apart into what its positions put into the pool. The constant ``m_c`` is taken from
    every position alike. The same with the roles exchanged gives the map on the match.

    Parameters
    ----------
    method : the network that both pictures are described with
    query, match : uint8 ``(h, w, 3)``

    Returns
    -------
    CosineShares
        Maps at the resolution of each scale's features, over the picture as ``method.see`` gives it.
    """
    seen = method.features(query), method.features(match)
    embeddings = [method.layer.project(features.pooled.mean(axis=0)).astype(np.float64) for features in seen]
    lengths = float(np.prod([np.linalg.norm(embedding) for embedding in embeddings]))
    if lengths == 0.0:
        raise ValueError("A picture without any feature has no direction, so there is nothing to explain.")
    directions = [method.layer.weights.astype(np.float64) @ other / lengths for other in embeddings[::-1]]
    query_maps, match_maps = (
        _position_shares(method.layer, features, direction)
        for features, direction in zip(seen, directions, strict=True)
    )
    return CosineShares(float(embeddings[0] @ embeddings[1] / lengths), query_maps, match_maps)


def _position_shares(
    layer: LinearLayer, features: Features, direction: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """One side's maps: every position's part of ``Σ_c (p_c − m_c) direction_c``."""
    shares: dict[str, NDArray[np.float64]] = {}
    for block in layer.blocks:
        part = slice(block.start, block.stop)
        maps = features.maps[block.map].astype(np.float64)
        pooled = features.pooled[:, None, None, part].astype(np.float64)
        weight = np.maximum(maps, 0.0) ** block.gamma if block.gamma != 1.0 else maps
        total = weight.sum(axis=(1, 2), keepdims=True)
        positions = maps.shape[1] * maps.shape[2]
        # A channel that is silent everywhere pools to nothing; its nothing is spread evenly.
        even = np.full_like(weight, 1.0 / positions)
        fraction = np.divide(weight, total, out=even, where=np.abs(total) > 1e-12)
        added = (fraction * pooled - layer.mean[part] / positions) @ direction[part]
        # The second of a pair is the mirror image: turned back, its positions are the picture's own.
        own = (added[0] + added[1][:, ::-1]) / 2.0 if len(added) == 2 else added[0]
        shares[block.name] = shares.get(block.name, 0.0) + own
    return shares


def explain_distance(query: NDArray[np.float32], match: NDArray[np.float32], *, grid: int) -> DistanceShares:
    """Split the squared Euclidean distance between two histograms over their cells and bins, exactly.

    Parameters
    ----------
    query, match : float32 ``(grid · grid · bins,)``, cell after cell, row by row
    grid : cells along each side
    """
    difference = (query.astype(np.float64) - match.astype(np.float64)) ** 2
    parts = difference.reshape(grid, grid, -1)
    return DistanceShares(float(parts.sum()), parts)


def overlay(maps: Mapping[str, NDArray[np.float64]], height: int, width: int) -> NDArray[np.float64]:
    """Enlarge the maps of all scales to ``(height, width)`` and add them up; their sum is kept.

    Every value is spread over the pixels around it by linear interpolation whose weights sum to one, so nothing is
    gained or lost, whatever the signs.
    """
    total = np.zeros((height, width))
    for values in maps.values():
        total += _spread(values.shape[0], height) @ values @ _spread(values.shape[1], width).T
    return total


def _spread(cells: int, pixels: int) -> NDArray[np.float64]:
    """``(pixels, cells)`` linear weights, each column summing to one."""
    centres = (np.arange(pixels) + 0.5) * cells / pixels - 0.5
    closeness = 1.0 - np.abs(np.clip(centres, 0, cells - 1)[:, None] - np.arange(cells))
    weights = np.maximum(closeness, 0.0)
    return weights / weights.sum(axis=0)
