"""The map keeps neighbours together, and is the same every time."""

import numpy as np
import pytest

from imgsearch import layout
from imgsearch.vectors import Vectors


@pytest.fixture(scope="module")
def clusters():
    random = np.random.default_rng(0)
    kinds = np.repeat(np.arange(5), 80)
    centres = random.normal(size=(5, 16))
    rows = centres[kinds] + 0.2 * random.normal(size=(400, 16))
    return rows.astype(np.float32), kinds


@pytest.mark.parametrize("landmarks", [1500, 100], ids=["all", "a quarter"])
def test_neighbours_stay_neighbours(clusters, landmarks, monkeypatch):
    monkeypatch.setattr(layout, "_LANDMARKS", landmarks)
    vectors, kinds = clusters
    plane = layout.plane(Vectors(vectors))
    assert plane.shape == (400, 2)
    assert plane.dtype == np.float32
    assert np.abs(plane).max() == pytest.approx(1)
    squared = ((plane[:, None] - plane[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    nearest = np.argsort(squared, axis=1)[:, :10]
    assert (kinds[nearest] == kinds[:, None]).mean() > 0.97


def test_the_same_vectors_give_the_same_map(clusters):
    np.testing.assert_array_equal(layout.plane(Vectors(clusters[0])), layout.plane(Vectors(clusters[0].copy())))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 9])
def test_few_vectors_or_equal_ones_are_laid_out_too(n):
    for vectors in (np.random.default_rng(0).normal(size=(n, 4)), np.ones((n, 4))):
        plane = layout.plane(Vectors(vectors.astype(np.float32)))
        assert plane.shape == (n, 2)
        assert np.isfinite(plane).all()
