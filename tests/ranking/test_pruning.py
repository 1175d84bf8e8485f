"""The bound is never below the product, and close to it where vectors have few directions."""

import threading

import numpy as np
import pytest

from imgsearch.ranking import index, pruning
from imgsearch.ranking.index import ExactIndex
from imgsearch.ranking.metrics import COSINE, EUCLIDEAN
from imgsearch.ranking.pruning import UpperBounds
from imgsearch.ranking.vectors import Vectors
from tests.ranking.test_metrics import brute_force, unit


def few_directions(n, d, seed=0):
    """Vectors whose spread falls quickly from direction to direction, as those of pictures."""
    random = np.random.default_rng(seed)
    spread = 0.7 ** np.arange(d)
    return (random.normal(size=(n, d)) * spread + 0.2) @ np.linalg.qr(random.normal(size=(d, d)))[0]


def built(rows):
    basis = pruning.directions(rows[::3], pruning.width(rows.shape[1]) - 1)
    return UpperBounds.with_basis(Vectors(rows.astype(np.float32)), basis)


@pytest.mark.parametrize("kind", ["few directions", "all directions", "one vector", "zeros"])
def test_the_bound_is_never_below_the_product(kind):
    random = np.random.default_rng(0)
    rows = {
        "few directions": few_directions(3000, 64),
        "all directions": random.normal(size=(3000, 64)),
        "one vector": np.repeat(random.normal(size=(1, 64)), 3000, axis=0),
        "zeros": np.zeros((3000, 64)),
    }[kind]
    made = built(rows)
    rows = rows.astype(np.float32).astype(np.float64)
    for query in [*rows[:20], *random.normal(size=(20, 64))]:
        products = rows @ query.astype(np.float32).astype(np.float64)
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(query)
        bounds = made.of_products(query.astype(np.float32))
        assert (bounds >= products - 1e-6 * lengths - 1e-30).all()


def test_the_bound_is_close_where_vectors_have_few_directions():
    rows = few_directions(3000, 64)
    made = built(rows)
    query = rows[5].astype(np.float32)
    assert np.abs(made.of_products(query) - rows @ query).max() < 0.01 * np.linalg.norm(rows, axis=1).max() ** 2


def test_it_takes_a_fraction_of_the_memory():
    for d in (64, 256, 392, 3456):
        assert pruning.width(d) <= 0.19 * d


@pytest.mark.parametrize(
    ("metric", "shape"),
    [
        (EUCLIDEAN, "few directions"),
        (EUCLIDEAN, "all directions"),
        (EUCLIDEAN, "counts"),
        (COSINE, "few directions"),
        (COSINE, "all directions"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_search_with_upper_bounds_is_the_brute_force_ranking(metric, shape, monkeypatch):
    random = np.random.default_rng(1)
    count_scale = None
    if shape == "counts":
        stored = random.multinomial(784, 0.8 ** np.arange(64) / 5, size=20_000).astype(np.uint16)
        matrix, count_scale = (stored / 784).astype(np.float32), 784
    else:
        rows = few_directions(20_000, 64) if shape == "few directions" else random.normal(size=(20_000, 64))
        stored = matrix = unit(rows)
    # Also where a search goes round it, it has to be right when it is there.
    monkeypatch.setattr(pruning, "_WORTHWHILE", 1.0)
    vectors = Vectors(stored, count_scale)
    searched = ExactIndex(metric, vectors)
    searched.nearest(matrix[1], 1)
    full = []
    products = Vectors.products
    monkeypatch.setattr(
        Vectors, "products", lambda self, query, which=None: full.append(which) or products(self, query, which)
    )
    for row in range(0, 200, 20):
        query = matrix[row]
        if shape == "counts":
            wide = stored.astype(np.float64)
            scores, order = brute_force(metric, wide, wide[row])
            scores = scores / 784
        else:
            query = unit(query + 0.02 * random.normal(size=64))
            scores, order = brute_force(metric, matrix, query)
        found = searched.nearest(query, 15)
        np.testing.assert_allclose(found.scores, scores[order[:15]], atol=1e-12)
        if shape != "counts":
            assert found.indices.tolist() == order[:15].tolist()
    assert searched._upper_bounds is not None
    if shape == "few directions":
        assert all(which is not None and len(which) < len(matrix) * index._TOO_MANY for which in full)


def test_they_are_made_for_who_goes_on_searching(monkeypatch):
    made = []
    monkeypatch.setattr(UpperBounds, "of", lambda vectors: made.append(vectors) or None)
    searched = ExactIndex(COSINE, Vectors(unit(few_directions(20_000, 64))))
    query = searched.rows(np.array([3]))[0]
    counts = []
    for _ in range(4):
        searched.nearest(query, 5)
        counts.append(len(made))
    assert counts == [0, 1, 1, 1]


def test_who_searches_while_they_are_made_does_not_wait(monkeypatch):
    rows = unit(few_directions(20_000, 64))
    began, go_on, real = threading.Event(), threading.Event(), UpperBounds.of

    def slow(vectors):
        began.set()
        assert go_on.wait(30)
        return real(vectors)

    monkeypatch.setattr(UpperBounds, "of", slow)
    searched = ExactIndex(COSINE, Vectors(rows))
    first = searched.nearest(rows[3], 5)
    maker = threading.Thread(target=searched.nearest, args=(rows[3], 5))
    maker.start()
    assert began.wait(30)
    meanwhile = searched.nearest(rows[3], 5)
    assert maker.is_alive()
    go_on.set()
    maker.join()
    assert first.indices.tolist() == meanwhile.indices.tolist() == searched.nearest(rows[3], 5).indices.tolist()
    assert searched._upper_bounds is not None


def test_small_galleries_have_none():
    assert UpperBounds.of(Vectors(np.ones((1000, 64), np.float32))) is None


def test_there_are_none_where_they_would_leave_nothing_out():
    rows = np.random.default_rng(0).normal(size=(20_000, 64))
    assert UpperBounds.of(Vectors(unit(rows))) is None
    assert UpperBounds.of(Vectors(unit(few_directions(20_000, 64)))) is not None


def test_the_share_that_is_left_is_that_of_a_search():
    rows = unit(few_directions(20_000, 64)).astype(np.float64)
    sample = rows[::5]
    basis = pruning.directions(sample, pruning.width(64) - 1)
    made = UpperBounds.with_basis(Vectors(rows.astype(np.float32)), basis)
    left = []
    for query in rows[:200:20]:
        floor = np.sort(rows @ query)[-11]
        left.append((made.of_products(query.astype(np.float32)) >= floor).mean())
    assert np.mean(left) <= pruning.share_left(sample, basis, len(rows)) <= 20 * np.mean(left)
    assert pruning.share_left(np.random.default_rng(0).normal(size=(4000, 64)), basis, 20_000) > 0.9
