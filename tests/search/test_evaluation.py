"""The figures are those of their definitions."""

import numpy as np
import pytest

from imgsearch.gallery.gallery import GalleryError
from imgsearch.ranking.metrics import COSINE, EUCLIDEAN
from imgsearch.search.evaluation import average_precision, chance_score, evaluate, map_at_r, merged, rank
from tests.galleries import garment_gallery, photo_gallery


def relevance(text):
    return np.array([letter == "x" for letter in text])


@pytest.mark.parametrize(
    ("ranking", "expected"),
    [
        ("x", 1.0),
        ("xx--", 1.0),
        ("x-x-", (1 + 2 / 3) / 2),
        ("---x", 1 / 4),
        ("-x-x-x", (1 / 2 + 2 / 4 + 3 / 6) / 3),
    ],
)
def test_average_precision_is_over_all_relevant_pictures(ranking, expected):
    assert average_precision(relevance(ranking)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("ranking", "r", "expected"),
    [
        ("xx--", 2, 1.0),
        ("x-x-", 2, 1 / 2),  # the third rank is beyond R
        ("-x-x-x", 3, (1 / 2) / 3),
        ("---xxx", 3, 0.0),
    ],
)
def test_map_at_r_stops_at_r_and_divides_by_it(ranking, r, expected):
    assert map_at_r(relevance(ranking), r) == pytest.approx(expected)


def test_rank_sorts_by_key_and_ties_by_index():
    keys = np.array([0.0, 2.0, -0.0, 5.0, -3.0, 2.0, -1e-30, 1e-30])
    order = [3, 1, 5, 7, 0, 2, 6, 4]
    for i, place in enumerate(order):
        one = np.zeros(8, bool)
        one[place] = True
        ranking = rank(keys, one)
        assert np.flatnonzero(ranking.relevant).tolist() == [i]
        assert ranking.first == 3


def test_rank_agrees_with_a_stable_sort():
    random = np.random.default_rng(0)
    keys = random.integers(-20, 20, 5000) / 8
    relevant = random.random(5000) < 0.3
    expected = relevant[np.argsort(-keys, kind="stable")]
    np.testing.assert_array_equal(rank(keys, relevant).relevant, expected)


def test_what_is_left_out_is_not_ranked():
    ranking = rank(np.array([9.0, 8.0, 7.0]), relevance("x-x"), leave_out=0)
    assert ranking.relevant.tolist() == [False, True]
    assert ranking.first == 1


def brute_force(gallery, key, vectors, labels, own):
    """P@1, P@5, P@10, mAP and MAP@R, written down as they are defined."""
    columns = []
    matrix = gallery.vectors(key).astype(np.float64)
    for vector, label, self_index in zip(vectors, labels, own, strict=True):
        distances = ((matrix - vector) ** 2).sum(axis=1).astype(np.float32)
        order = [i for i in np.argsort(distances, kind="stable") if i != self_index]
        hits = [gallery.labels[i] == label for i in order]
        r = sum(hits)
        precision = [sum(hits[: i + 1]) / (i + 1) for i in range(len(hits))]
        columns.append(
            [
                hits[0],
                sum(hits[:5]) / 5,
                sum(hits[:10]) / 10,
                sum(p for p, hit in zip(precision, hits, strict=True) if hit) / r,
                sum(p for p, hit in zip(precision[:r], hits[:r], strict=True) if hit) / r,
            ]
        )
    return np.mean(columns, axis=0)


def test_with_queries_the_figures_are_those_of_a_brute_force():
    gallery = garment_gallery()
    found = evaluate(gallery, gallery.queries)
    assert (found["gallery"], found["queries"]) == (60, 12)
    for key in gallery.methods:
        vectors = [gallery.describe(key, gallery.queries.picture(i)) for i in range(12)]
        expected = brute_force(gallery, key, vectors, gallery.queries.labels, [-1] * 12)
        np.testing.assert_allclose(list(found["methods"][key].values()), expected, atol=6e-5)
    assert list(found["methods"]["histogram"]) == ["P@1", "P@5", "P@10", "mAP", "MAP@R"]


def test_without_queries_each_picture_is_searched_among_the_others():
    gallery = photo_gallery(30)
    found = evaluate(gallery, keys=["histogram"])
    expected = brute_force(gallery, "histogram", gallery.vectors("histogram"), gallery.labels, range(30))
    np.testing.assert_allclose(list(found["methods"]["histogram"].values()), expected, atol=6e-5)
    assert found["queries"] == 30
    assert list(found["methods"]) == ["histogram"]


def test_labels_are_matched_by_name_and_what_nothing_can_match_is_left_out():
    gallery = garment_gallery()
    queries = gallery.queries
    renamed = type(queries)(queries.store, queries.labels[::-1].copy(), ("tall", "square", "hat"))
    found = evaluate(gallery, renamed, keys=["histogram"])
    assert found["queries"] == 8
    strangers = type(queries)(queries.store, queries.labels, ("hat", "scarf", "glove"))
    with pytest.raises(GalleryError, match="None of the queries"):
        evaluate(gallery, strangers)


def test_a_gallery_without_labels_cannot_be_evaluated():
    gallery = photo_gallery()
    gallery.labels = None
    with pytest.raises(GalleryError, match="no labels"):
        evaluate(gallery)


def test_the_chance_score_is_where_right_and_wrong_are_even():
    random = np.random.default_rng(0)
    scores = random.random(20_000)
    right = random.random(20_000) < scores  # at a score of s, right with probability s
    assert chance_score(COSINE, scores, right) == pytest.approx(0.5, abs=0.05)
    assert chance_score(EUCLIDEAN, -scores, right) == pytest.approx(-0.5, abs=0.05)


def test_there_is_no_chance_score_where_wrong_ones_are_the_majority():
    scores = np.linspace(0, 1, 100)
    assert chance_score(COSINE, scores, np.zeros(100, bool)) is None
    assert chance_score(COSINE, scores, np.ones(100, bool)) == 0.0


def test_figures_of_other_methods_are_kept_when_one_is_measured_again():
    gallery = garment_gallery()
    both = evaluate(gallery, gallery.queries)
    one = evaluate(gallery, gallery.queries, keys=["histogram"])
    assert merged(both, one) == both
    assert merged(None, one) == one
    assert merged(both, {**one, "queries": 3}) == {**one, "queries": 3}
