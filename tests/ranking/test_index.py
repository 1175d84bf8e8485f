"""What an index promises, whatever its vectors are stored as."""

import numpy as np
import pytest

from imgsearch.ranking import index as indexes
from imgsearch.ranking.index import ExactIndex, VectorIndex, best_of
from imgsearch.ranking.metrics import COSINE, EUCLIDEAN
from imgsearch.ranking.vectors import Vectors
from tests.ranking.test_metrics import brute_force, unit


def stored_as(kind, n=30_000, d=64, seed=0):
    """Vectors in one of the forms that galleries have, and the same numbers in float64."""
    random = np.random.default_rng(seed)
    rows = unit(random.normal(size=d) + random.normal(size=(n, d)) * 0.8 ** np.arange(d))
    if kind == "half":
        half = rows.astype(np.float16)
        half[::7, ::3] *= np.float16(1e-4)  # some too small for the exponents of half precision
        return Vectors(half), half.astype(np.float64)
    if kind == "counts":
        counts = random.multinomial(784, np.full(d, 1 / d), size=n).astype(np.uint16)
        return Vectors(counts, 784), counts / 784
    return Vectors(rows), rows.astype(np.float64)


@pytest.mark.parametrize("metric", [EUCLIDEAN, COSINE], ids=lambda metric: metric.title)
@pytest.mark.parametrize("kind", ["single", "half", "counts"])
def test_however_they_are_stored_the_ranking_is_the_brute_force_one(kind, metric):
    vectors, wide = stored_as(kind)
    searched: VectorIndex = ExactIndex(metric, vectors)
    assert (searched.n, searched.dimensions) == wide.shape
    for row in (5, 777, 29_999):
        query = searched.rows(np.array([row]))[0]
        scores, order = brute_force(metric, wide, wide[row])
        found = searched.nearest(query, 12)
        np.testing.assert_allclose(found.scores, scores[order[:12]], atol=1e-12)
        # What differs by no more than float64 rounds may come in either order.
        np.testing.assert_allclose(scores[found.indices], scores[order[:12]], atol=1e-12)
        assert found.scores.dtype == np.float64


def test_rows_come_back_as_they_were_described():
    for kind in ("single", "half", "counts"):
        vectors, wide = stored_as(kind, n=50)
        rows = ExactIndex(COSINE, vectors).rows(np.array([3, 0]))
        assert rows.dtype == np.float32
        np.testing.assert_array_equal(rows, wide[[3, 0]].astype(np.float32))


@pytest.mark.parametrize("metric", [EUCLIDEAN, COSINE], ids=lambda metric: metric.title)
@pytest.mark.parametrize("n", [0, 1, 5])
def test_an_index_of_fewer_than_k_gives_all_it_has(metric, n):
    rows = unit(np.random.default_rng(0).normal(size=(5, 8)))
    searched = ExactIndex(metric, Vectors(rows[:n]))
    assert sorted(searched.nearest(rows[0], 6).indices.tolist()) == list(range(n))
    assert len(searched.sample()) == n


def test_a_small_index_is_its_own_sample():
    searched = ExactIndex(COSINE, stored_as("half", n=500)[0])
    assert searched.sample() is searched.vectors


@pytest.mark.parametrize("kind", ["single", "half", "counts"])
def test_a_sample_of_a_large_index_is_spread_and_the_same_every_time(kind):
    vectors, wide = stored_as(kind)
    one, two = (ExactIndex(EUCLIDEAN, vectors).sample() for _ in range(2))
    assert len(one) == indexes.SAMPLE == 10_000
    np.testing.assert_array_equal(one.rows(slice(None)), two.rows(slice(None)))
    spread = np.linspace(0, len(wide) - 1, 10_000).astype(int)
    np.testing.assert_array_equal(one.rows(slice(None)), wide[spread].astype(np.float32))


def test_a_sample_of_long_vectors_is_a_small_copy():
    vectors = Vectors(np.zeros((20_000, 3456), np.float16))  # 138 MB that take none until they are read
    sample = ExactIndex(EUCLIDEAN, vectors).sample()
    assert sample.nbytes <= 16 << 20
    assert len(sample) > 2000


def test_ties_beyond_k_are_counted_by_best_of():
    candidates = np.array([2, 5, 7, 9])
    found = best_of(EUCLIDEAN, candidates, np.array([0.5, 0.25, 0.5, 0.5]), 2, 100)
    assert found.indices.tolist() == [5, 2]
    assert found.scores.tolist() == [0.25, 0.5]
    assert found.n_worse.tolist() == [99, 96]
