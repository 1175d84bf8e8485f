"""The linear layer of the photo network: pooled values → embedding, computed without any label."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imgsearch.training.export import whole_file
from imgsearch.training.photos.network import POOLINGS, SCALES

FIT = "letterbox"
DIMENSIONS = 256
EMPHASIS = 0.5
# How far the blocks of the pooled vector, in the order of POOLINGS, count for the cosine (as lengths).
SHARES = (0.5, 0.7, 1.0, 1.0)


def compute_layer(
    sets: Sequence[NDArray[np.float32]],
    splits: Sequence[int],
    classifier: NDArray[np.float32],
    *,
    dimensions: int = DIMENSIONS,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centre every block, bring it to its share of the length, and turn the whole into few dimensions.

    The two blocks of the head are first multiplied by ``V diag(s)^EMPHASIS Vᵀ``, where ``U diag(s) Vᵀ`` is the
    centred classifier of ImageNet: a direction counts the more, the more it tells the thousand classes apart.
    Then the principal directions over all pictures are kept, neither whitened nor weighted.

    `sets`, (n, D) each, are pooled values of pictures of different kinds; every set counts the same, however many
    pictures it has. `splits` are the channels of each block. The classifier, (classes, channels), reads the average of
    the head. Returns the weights, (D, d), and the mean, (D,).
    """
    mean = np.mean([values.mean(axis=0, dtype=np.float64) for values in sets], axis=0)
    centred = classifier.astype(np.float64) - classifier.mean(axis=0, dtype=np.float64)
    _, strengths, rows = np.linalg.svd(centred, full_matrices=False)
    # Centring takes one direction away.
    directions = rows[:-1].T * (strengths[:-1] / strengths[0]) ** EMPHASIS
    stops = np.cumsum(splits)
    blocks = []
    for pooling, share, start, stop in zip(POOLINGS, SHARES, stops - splits, stops, strict=True):
        turn = directions if pooling.scale == "head" else np.eye(stop - start)
        turned = [(values[:, start:stop] - mean[start:stop]) @ turn for values in sets]
        length = np.sqrt(np.mean([np.square(part).sum(axis=1).mean() for part in turned]))
        blocks.append(np.pad(turn * (share / length), ((start, stops[-1] - stop), (0, 0))))
    before = np.concatenate(blocks, axis=1)
    covariance = np.zeros((before.shape[1], before.shape[1]))
    for values in sets:
        turned_set = (values - mean) @ before
        covariance += turned_set.T @ turned_set / (len(values) * len(sets))
    _, principal = np.linalg.eigh(covariance)
    return before @ principal[:, ::-1][:, :dimensions], mean


def write_layer(path: Path, weights: NDArray[np.floating], mean: NDArray[np.floating], splits: Sequence[int]) -> None:
    """Write the ``.npz`` that `imgsearch.methods.linear_layer.LinearLayer` reads, weights in half precision."""
    names = [pooling.scale for pooling in POOLINGS]
    order = list(SCALES)
    # The length of an embedding is divided out again: as large numbers, half precision keeps small ones too.
    scaled = weights / np.abs(weights).max()
    with whole_file(path) as part:
        np.savez_compressed(
            part,
            weights=scaled.astype(np.float16),
            mean=mean.astype(np.float32),
            splits=np.array(splits),
            names=np.array(names),
            maps=np.array([order.index(name) for name in names]),
            gamma=np.array([pooling.gamma for pooling in POOLINGS], np.float32),
            info=json.dumps({"fit": FIT}),
        )
