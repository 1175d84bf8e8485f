"""The linear layer of the photo network: centred, weighted, turned, and written as the page reads it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras", reason="the photo network is defined in Keras")

from imgsearch.methods.linear_layer import LinearLayer
from imgsearch.training.photos.efficientnet import build_lite2
from imgsearch.training.photos.linear_layer import SHARES, compute_layer, write_layer
from imgsearch.training.photos.network import POOLINGS, pooled_network, splits

SPLITS = (6, 8, 10, 10)


@pytest.fixture(scope="module")
def sets() -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [random.normal(offset, scale, size=(n, 34)) for n, offset, scale in ((80, 1.0, 1.0), (40, 3.0, 0.5))]


@pytest.fixture(scope="module")
def classifier() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(30, 10)).astype(np.float32)


def test_blocks_count_by_their_shares(sets: list[np.ndarray], classifier: np.ndarray) -> None:
    weights, mean = compute_layer(sets, SPLITS, classifier, dimensions=34)
    stops = np.cumsum(SPLITS)
    for share, start, stop in zip(SHARES, stops - SPLITS, stops, strict=True):
        parts = [(values - mean)[:, start:stop] @ weights[start:stop] for values in sets]
        length = np.sqrt(np.mean([np.square(part).sum(axis=1).mean() for part in parts]))
        assert length == pytest.approx(share, rel=1e-6)


def test_the_mean_is_taken_away_and_sets_count_alike(sets: list[np.ndarray], classifier: np.ndarray) -> None:
    _, mean = compute_layer(sets, SPLITS, classifier)
    np.testing.assert_allclose(mean, (sets[0].mean(axis=0) + sets[1].mean(axis=0)) / 2)


def test_fewer_dimensions_keep_the_most(sets: list[np.ndarray], classifier: np.ndarray) -> None:
    full, mean = compute_layer(sets, SPLITS, classifier, dimensions=32)
    few, _ = compute_layer(sets, SPLITS, classifier, dimensions=5)
    np.testing.assert_allclose(few, full[:, :5])
    energy = sum(np.square((values - mean) @ full).mean(axis=0) for values in sets)
    assert (np.diff(energy) <= 1e-9).all()


def test_the_written_layer_is_read_by_the_page(sets: list[np.ndarray], classifier: np.ndarray, tmp_path: Path) -> None:
    weights, mean = compute_layer(sets, SPLITS, classifier, dimensions=5)
    write_layer(tmp_path / "photos.npz", weights, mean, SPLITS)
    layer = LinearLayer.load(tmp_path / "photos.npz")
    assert [(block.name, block.gamma) for block in layer.blocks] == [(p.scale, p.gamma) for p in POOLINGS]
    assert [block.stop - block.start for block in layer.blocks] == list(SPLITS)
    ours = (sets[0] - mean) @ weights
    theirs = layer.project(sets[0].astype(np.float32))
    cosines = (ours * theirs).sum(axis=1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
    assert cosines.min() > 0.99999


def test_the_network_pools_its_maps_as_the_layer_says() -> None:
    network = pooled_network(build_lite2(64))
    outputs = network(np.random.default_rng(0).uniform(0, 255, size=(2, 64, 64, 3)).astype(np.float32))
    start = 0
    for pooling, channels in zip(POOLINGS, splits(network), strict=True):
        features = np.asarray(outputs[pooling.scale], np.float64)
        expected = (features**pooling.gamma).mean(axis=(1, 2)) ** (1 / pooling.gamma)
        pooled = np.asarray(outputs["pooled"])[:, start : start + channels]
        np.testing.assert_allclose(pooled, expected, rtol=1e-4, atol=1e-5)
        start += channels
    assert start == outputs["pooled"].shape[1]
