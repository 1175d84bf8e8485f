"""The layer behind the pooling, and the way back from a product of embeddings to positions."""

import numpy as np
import pytest

from imgsearch.methods.linear_layer import Block, Features, LinearLayer

BLOCKS = (Block("a", 0, 0, 5, 1.0), Block("a", 0, 5, 10, 3.0), Block("b", 1, 10, 14, 2.0))


@pytest.mark.parametrize("passes", [1, 2])
@pytest.mark.parametrize("seed", range(5))
def test_generalised_means_and_a_subtracted_constant_fall_apart_exactly(seed, passes):
    random = np.random.default_rng(seed)
    layer = LinearLayer(
        random.normal(size=(14, 6)).astype(np.float32), random.random(14).astype(np.float32), BLOCKS, "squash"
    )
    features = _features(random, passes)
    direction = random.normal(size=6)
    shares = layer.position_shares(features, direction)
    assert {name: values.shape for name, values in shares.items()} == {"a": (4, 3), "b": (2, 2)}
    expected = layer.project(features.pooled.mean(axis=0)) @ direction
    assert sum(values.sum() for values in shares.values()) == pytest.approx(expected, abs=1e-5)


def test_the_mirror_image_s_positions_are_turned_back():
    weights = np.ones((1, 1), np.float32)
    layer = LinearLayer(weights, np.zeros(1, np.float32), (Block("a", 0, 0, 1, 1.0),), "squash")
    picture = np.zeros((1, 2, 3, 1), np.float32)
    picture[0, 0, 0] = 6.0
    maps = np.concatenate([picture, picture[:, :, ::-1]])
    shares = layer.position_shares(Features(maps.mean(axis=(1, 2)), (maps,)), np.ones(1))
    np.testing.assert_allclose(shares["a"], [[1, 0, 0], [0, 0, 0]])


def _features(random, passes):
    maps = (random.random((passes, 4, 3, 5)).astype(np.float32), random.random((passes, 2, 2, 4)).astype(np.float32))
    maps[1][..., 0] = 0.0
    pooled = [
        (maps[block.map].astype(np.float64) ** block.gamma).mean(axis=(1, 2)) ** (1 / block.gamma) for block in BLOCKS
    ]
    return Features(np.concatenate(pooled, axis=1).astype(np.float32), maps)
