"""Where a score came from: the parts sum to the whole."""

import numpy as np
import pytest

from imgsearch.gallery.persistence import ASSETS, open_gallery
from imgsearch.methods.explanations import CosineShares, explain_cosine, explain_distance, overlay
from imgsearch.methods.siamese import Block, Features, LinearLayer


@pytest.fixture(scope="module")
def fashion():
    return open_gallery(ASSETS / "galleries" / "fashion")


def test_the_maps_of_a_hundred_pairs_sum_to_their_cosines(fashion):
    method = fashion.methods["siamese"]
    vectors = fashion.vectors("siamese")
    rng = np.random.default_rng(0)
    for q, x in rng.integers(0, fashion.n, (100, 2)):
        shares = explain_cosine(method, fashion.picture(q), fashion.picture(x))
        cosine = float(vectors[q].astype(np.float64) @ vectors[x])
        assert shares.score == pytest.approx(cosine, abs=1e-4)
        for side in (shares.query, shares.match):
            assert sum(values.sum() for values in side.values()) == pytest.approx(cosine, abs=1e-4)


def test_exchanging_query_and_match_exchanges_the_maps(fashion):
    method = fashion.methods["siamese"]
    one = explain_cosine(method, fashion.picture(3), fashion.picture(8))
    other = explain_cosine(method, fashion.picture(8), fashion.picture(3))
    for scale in one.query:
        np.testing.assert_allclose(one.query[scale], other.match[scale], atol=1e-9)


class _Pooling:
    """A network whose features are given, with a constant subtracted and one map pooled in two ways."""

    def __init__(self, seed: int):
        rng = np.random.default_rng(seed)
        blocks = (Block("a", 0, 0, 5, 1.0), Block("a", 0, 5, 10, 3.0), Block("b", 1, 10, 14, 2.0))
        weights = rng.normal(size=(14, 6)).astype(np.float32)
        self.layer = LinearLayer(weights, rng.random(14).astype(np.float32), blocks, "squash")

    def features(self, picture: np.ndarray) -> Features:
        rng = np.random.default_rng(int(picture[0, 0, 0]))
        maps = (rng.random((2, 4, 3, 5)).astype(np.float32), rng.random((2, 2, 2, 4)).astype(np.float32))
        maps[1][..., 0] = 0.0
        pooled = [
            (maps[block.map].astype(np.float64) ** block.gamma).mean(axis=(1, 2)) ** (1 / block.gamma)
            for block in self.layer.blocks
        ]
        return Features(np.concatenate(pooled, axis=1).astype(np.float32), maps)


@pytest.mark.parametrize("seed", range(10))
def test_generalised_means_and_a_subtracted_constant_stay_exact(seed):
    method = _Pooling(seed)
    query, match = np.full((1, 1, 3), 1, np.uint8), np.full((1, 1, 3), 2, np.uint8)
    shares = explain_cosine(method, query, match)
    vectors = [method.layer.project(method.features(p).pooled.mean(axis=0)) for p in (query, match)]
    cosine = vectors[0] @ vectors[1] / np.linalg.norm(vectors[0]) / np.linalg.norm(vectors[1])
    assert shares.score == pytest.approx(cosine, abs=1e-5)
    assert sum(v.sum() for v in shares.query.values()) == pytest.approx(cosine, abs=1e-5)
    assert sum(v.sum() for v in shares.match.values()) == pytest.approx(cosine, abs=1e-5)


def test_the_parts_of_a_distance_sum_to_its_square():
    rng = np.random.default_rng(1)
    query, match = rng.random((2, 7 * 7 * 8), dtype=np.float32)
    shares = explain_distance(query, match, grid=7)
    assert shares.parts.shape == (7, 7, 8)
    assert (shares.parts >= 0).all()
    squared = np.linalg.norm(query.astype(np.float64) - match) ** 2
    assert shares.parts.sum() == pytest.approx(squared, rel=1e-12)
    assert shares.cells.sum() == pytest.approx(squared, rel=1e-12)
    assert shares.bins.sum() == pytest.approx(squared, rel=1e-12)


def test_the_bin_that_differs_is_the_bin_that_is_named():
    query, match = np.zeros((2, 2 * 2 * 4), np.float32)
    match[1 * 4 + 3] = 0.5  # first row, second column, last bin
    shares = explain_distance(query, match, grid=2)
    assert shares.parts[0, 1, 3] == 0.25
    assert shares.squared_distance == 0.25


@pytest.mark.parametrize("shape", [(28, 28), (30, 41), (7, 7), (260, 260)])
def test_enlarging_keeps_the_sum(shape):
    rng = np.random.default_rng(2)
    maps = {"fine": rng.normal(size=(7, 7)), "coarse": rng.normal(size=(3, 5))}
    shares = CosineShares(0.0, maps, maps)
    total = sum(values.sum() for values in maps.values())
    assert overlay(shares.query, *shape).shape == shape
    assert overlay(shares.query, *shape).sum() == pytest.approx(total, abs=1e-9)


def test_enlarging_puts_heat_where_it_was():
    spot = np.zeros((7, 7))
    spot[1, 5] = 1.0
    large = overlay({"whole": spot}, 28, 28)
    row, column = np.unravel_index(large.argmax(), large.shape)
    assert row // 4 == 1
    assert column // 4 == 5
