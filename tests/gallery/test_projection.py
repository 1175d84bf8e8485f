"""The map keeps neighbours together, and is the same every time."""

import numpy as np
import pytest

from imgsearch.gallery import projection
from imgsearch.ranking.vectors import Vectors


def clusters(each, kinds=5):
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(kinds), each)
    rows = random.normal(size=(kinds, 16))[labels] + 0.2 * random.normal(size=(len(labels), 16))
    return rows.astype(np.float32), labels


@pytest.mark.parametrize(
    ("each", "landmarks"), [(80, 1500), (80, 100), (20, 1500), (4, 1500)], ids=["many", "a quarter", "some", "few"]
)
def test_neighbours_stay_neighbours(each, landmarks, monkeypatch):
    monkeypatch.setattr(projection, "_LANDMARKS", landmarks)
    vectors, kinds = clusters(each)
    map_positions = projection.tsne(Vectors(vectors))
    assert map_positions.shape == (len(vectors), 2)
    assert map_positions.dtype == np.float32
    assert np.abs(map_positions).max() == pytest.approx(1)
    squared = ((map_positions[:, None] - map_positions[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    nearest = np.argsort(squared, axis=1)[:, : min(10, each - 1)]
    assert (kinds[nearest] == kinds[:, None]).mean() > 0.97


def test_the_same_vectors_give_the_same_map():
    vectors, _ = clusters(80)
    np.testing.assert_array_equal(projection.tsne(Vectors(vectors)), projection.tsne(Vectors(vectors.copy())))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 9])
def test_few_vectors_or_equal_ones_are_laid_out_too(n):
    for vectors in (np.random.default_rng(0).normal(size=(n, 4)), np.ones((n, 4))):
        map_positions = projection.tsne(Vectors(vectors.astype(np.float32)))
        assert map_positions.shape == (n, 2)
        assert np.isfinite(map_positions).all()
