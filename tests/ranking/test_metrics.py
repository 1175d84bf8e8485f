"""Rankings are those of a brute force in float64, ties by index, whatever the scores look like."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgsearch.ranking.index import ExactIndex
from imgsearch.ranking.metrics import COSINE, EUCLIDEAN
from imgsearch.ranking.vectors import Vectors, pack


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def brute_force(metric, matrix, query):
    """Scores in float64, and the order they give."""
    wide, q = matrix.astype(np.float64), query.astype(np.float64)
    if metric is EUCLIDEAN:
        scores = np.sqrt(((wide - q) ** 2).sum(axis=1))
        return scores, np.argsort(scores, kind="stable")
    scores = (wide @ q) / np.sqrt((wide * wide).sum(axis=1) * (q @ q))
    return scores, np.argsort(-scores, kind="stable")


@pytest.mark.parametrize("metric", [EUCLIDEAN, COSINE], ids=lambda metric: metric.title)
@pytest.mark.parametrize(("n", "d"), [(1, 3), (9, 5), (300, 64), (5000, 64), (20_000, 27)])
def test_nearest_is_the_brute_force_ranking(metric, n, d):
    random = np.random.default_rng(n + d)
    matrix = unit(random.normal(size=(n, d)))
    for seed in range(5):
        query = unit(matrix[seed % n] + 0.3 * random.normal(size=d))
        scores, order = brute_force(metric, matrix, query)
        for k in (1, 10, 500):
            found = ExactIndex(metric, Vectors(matrix)).nearest(query, k)
            assert found.indices.tolist() == order[:k].tolist()
            np.testing.assert_allclose(found.scores, scores[order[:k]], atol=1e-12)
        np.testing.assert_allclose(metric.exact_scores(Vectors(matrix), query), scores, atol=1e-12)


@pytest.mark.parametrize("metric", [EUCLIDEAN, COSINE], ids=lambda metric: metric.title)
def test_vectors_that_differ_by_less_than_float32_products_show_are_still_in_order(metric):
    random = np.random.default_rng(0)
    centre = unit(random.normal(size=64))
    matrix = unit(centre + 1e-5 * random.normal(size=(20_000, 64)))
    query = matrix[777]
    _, order = brute_force(metric, matrix, query)
    assert ExactIndex(metric, Vectors(matrix)).nearest(query, 20).indices.tolist() == order[:20].tolist()


@pytest.mark.parametrize("metric", [EUCLIDEAN, COSINE], ids=lambda metric: metric.title)
def test_ties_go_by_index(metric):
    random = np.random.default_rng(0)
    kinds = unit(random.normal(size=(3, 16)))
    which = random.integers(0, 3, 8000)
    found = ExactIndex(metric, Vectors(kinds[which])).nearest(kinds[1], 40)
    assert found.indices.tolist() == np.flatnonzero(which == 1)[:40].tolist()
    assert set(found.n_worse.tolist()) == {int((which != 1).sum())}


def test_counts_that_are_equally_far_away_tie_to_the_last_bit():
    # As a histogram's: whole numbers over 784, which float32 rounds each in its own way.
    random = np.random.default_rng(0)
    counts = random.multinomial(784, np.ones(8) / 8, size=6000)
    matrix = (counts / 784).astype(np.float32)
    stored, count_scale = pack(matrix, 784)
    vectors = Vectors(stored, count_scale)
    for row in range(0, 200, 10):
        squared = ((counts - counts[row]) ** 2).sum(axis=1)
        order = np.argsort(squared, kind="stable")[:30]
        found = ExactIndex(EUCLIDEAN, vectors).nearest(matrix[row], 30)
        assert found.indices.tolist() == order.tolist()
        np.testing.assert_allclose(found.scores, np.sqrt(squared[order]) / 784, rtol=1e-12)


@pytest.mark.parametrize("metric", [EUCLIDEAN, COSINE], ids=lambda metric: metric.title)
def test_a_vector_finds_itself_first_and_perfectly(metric):
    matrix = unit(np.random.default_rng(0).normal(size=(6000, 64)))
    for row in (0, 17, 5999):
        found = ExactIndex(metric, Vectors(matrix)).nearest(matrix[row], 3)
        assert found.indices[0] == row
        assert found.scores[0] == (0.0 if metric is EUCLIDEAN else 1.0)
        assert metric.is_exact(float(found.scores[0]))
        assert not metric.is_exact(float(found.scores[1]))


@pytest.mark.parametrize("metric", [EUCLIDEAN, COSINE], ids=lambda metric: metric.title)
def test_n_worse_counts_what_scores_strictly_worse(metric):
    random = np.random.default_rng(1)
    matrix = unit(random.integers(-2, 3, size=(5000, 6)) + 0.5)
    query = unit(random.normal(size=6))
    scores, _ = brute_force(metric, matrix, query)
    found = ExactIndex(metric, Vectors(matrix)).nearest(query, 25)
    for score, n_worse in zip(found.scores, found.n_worse, strict=True):
        worse = scores > score + 1e-12 if metric is EUCLIDEAN else scores < score - 1e-12
        assert n_worse == worse.sum()


@given(
    st.sampled_from(["half", "half few directions", "any lengths", "tiny", "with zeros", "repeated"]),
    st.integers(0, 2**32 - 1),
    st.sampled_from([1e-30, 1e-3, 1.0, 1e9]),
)
@settings(max_examples=60, deadline=None)
def test_the_cosine_ranking_is_that_of_float64_whatever_the_lengths(kind, seed, length):
    random = np.random.default_rng(seed)
    n, d = 20_000, 64
    rows = unit(random.normal(size=d) + random.normal(size=(n, d)) * 0.8 ** np.arange(d) * 0.3)
    if kind.startswith("half"):
        stored = rows.astype(np.float16)
    else:
        spread = {"tiny": 10 ** random.uniform(-38, -30, n), "repeated": 2.0 ** random.integers(-3, 3, n)}
        stored = (rows * spread.get(kind, 10 ** random.uniform(-3, 3, n))[:, None]).astype(np.float32)
    if kind == "with zeros":
        stored[::3] = 0
    if kind == "repeated":
        stored = stored[random.integers(0, 50, n)]
    query = (unit(rows[3] + 0.02 * random.normal(size=d)) * length).astype(np.float32)
    wide, q = stored.astype(np.float64), query.astype(np.float64)
    lengths = np.sqrt(np.vecdot(wide, wide) * np.vecdot(q, q))
    scores = np.divide(np.vecdot(wide, q), lengths, out=np.zeros(n), where=lengths > 0)
    found = ExactIndex(COSINE, Vectors(stored)).nearest(query, 30)
    assert found.indices.tolist() == np.argsort(-scores, kind="stable")[:30].tolist()
    np.testing.assert_allclose(found.scores, scores[found.indices], atol=1e-15)
    if kind != "tiny":
        np.testing.assert_allclose(COSINE.exact_scores(Vectors(stored), query), scores, atol=1e-12)


def test_distances_between_numbers_too_small_for_float32_products_are_in_order():
    random = np.random.default_rng(0)
    matrix = (1e-22 * random.normal(size=(20_000, 64))).astype(np.float32)
    query = (1e-22 * random.normal(size=64)).astype(np.float32)
    _, order = brute_force(EUCLIDEAN, matrix, query)
    assert ExactIndex(EUCLIDEAN, Vectors(matrix)).nearest(query, 20).indices.tolist() == order[:20].tolist()


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=400))
@settings(max_examples=100, deadline=None)
def test_the_order_is_best_first_and_ties_by_index(values):
    scores = np.array(values, np.float32)
    expected = sorted(range(len(values)), key=lambda i: (-values[i], i))
    assert COSINE.order(scores).tolist() == expected
    assert EUCLIDEAN.order(-scores).tolist() == expected


@pytest.mark.parametrize("metric", [EUCLIDEAN, COSINE], ids=lambda metric: metric.title)
def test_scores_and_rank_values_agree_with_the_brute_force(metric):
    random = np.random.default_rng(2)
    matrix, queries = unit(random.normal(size=(5000, 20))), unit(random.normal(size=(3, 20)))
    rank_values = metric.rank_values(Vectors(matrix), queries)
    for query, values in zip(queries, rank_values, strict=True):
        scores, order = brute_force(metric, matrix, query)
        np.testing.assert_allclose(metric.exact_scores(Vectors(matrix), query), scores, atol=1e-12)
        assert metric.score(float(values[7])) == pytest.approx(scores[7], abs=1e-12)
        assert np.argsort(-values, kind="stable")[:50].tolist() == order[:50].tolist()


def test_a_query_of_the_wrong_length_or_without_a_value_is_refused():
    vectors = Vectors(np.ones((4, 3), np.float32))
    with pytest.raises(ValueError, match="vector of 3 numbers"):
        ExactIndex(COSINE, vectors).nearest(np.ones(4, np.float32), 1)
    with pytest.raises(ValueError, match="not finite"):
        ExactIndex(EUCLIDEAN, vectors).nearest(np.array([1, np.nan, 0], np.float32), 1)
    with pytest.raises(ValueError, match="not finite"):
        ExactIndex(COSINE, vectors).nearest(np.array([1e20, 0, 0], np.float32), 1)


def test_the_ranking_does_not_depend_on_the_number_of_threads():
    program = """
import numpy as np
from imgsearch.ranking.index import ExactIndex
from imgsearch.ranking.index import ExactIndex
from imgsearch.ranking.metrics import COSINE, EUCLIDEAN
from imgsearch.ranking.vectors import Vectors
random = np.random.default_rng(0)
rows = random.normal(size=(30_000, 64)); rows[1:] = rows[0] + 1e-3 * rows[1:]
matrix = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
for metric in (COSINE, EUCLIDEAN):
    found = ExactIndex(metric, Vectors(matrix)).nearest(matrix[5], 50)
    print(found.indices.tolist(), found.scores.tolist(), found.n_worse.tolist())
"""
    outputs = set()
    for threads in ("1", "2", "5"):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        run = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        outputs.add(run.stdout)
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("score", "said"), [(0.98765, "cosine 0.988"), (-0.25, "cosine −0.250"), (-0.0001, "cosine 0.000")]
)
def test_cosine_is_said_with_the_minus_sign_of_print(score, said):
    assert COSINE.format_score(score) == said
