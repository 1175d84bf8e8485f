"""What a first match is warned of by."""

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.ranking.metrics import COSINE, EUCLIDEAN
from imgsearch.search.judgement import doubt, judged, limits_of


def limits(metric, scores, right, absent):
    found = judged(metric, scores, right, absent)
    assert found is not None
    return found


def scores_of(seed=0):
    """Right first matches around 0.8, wrong ones and those of absent kinds around 0.5."""
    random = np.random.default_rng(seed)
    right = random.random(4000) < 0.8
    scores = np.where(right, random.normal(0.8, 0.1, 4000), random.normal(0.5, 0.1, 4000))
    return scores, right, random.normal(0.5, 0.1, 4000)


def test_few_right_first_matches_are_warned_of_and_most_of_what_is_absent():
    scores, right, absent = scores_of()
    found = limits(COSINE, scores, right, absent)
    assert (scores[right] < found["unsure"]).mean() <= 0.02
    assert (scores[right] < found["nothing"]).mean() <= 0.005
    assert found["right_warned"] == pytest.approx(0.02, abs=0.01)
    assert found["absent_warned"] == pytest.approx((absent < found["unsure"]).mean(), abs=1e-4)
    assert found["absent_warned"] > 0.7
    assert found["absent_nothing"] < found["absent_warned"]


def test_distances_are_judged_the_other_way_round():
    scores, right, absent = scores_of()
    near, far = limits(COSINE, scores, right, absent), limits(EUCLIDEAN, -scores, right, -absent)
    assert far["unsure"] == pytest.approx(-near["unsure"])
    assert far["absent_warned"] == near["absent_warned"]


def test_the_share_of_right_ones_is_counted_on_queries_that_did_not_set_the_scores():
    # The later queries of each half are better: a count on the same ones would be 2 % whatever they are.
    scores = np.concatenate([[value, value + 10] for value in np.linspace(0, 1, 500)])
    found = limits(COSINE, scores, np.ones(1000, bool), scores)
    assert found["right_warned"] > 0.4


def test_a_weak_method_and_few_queries_are_not_judged():
    scores, right, absent = scores_of()
    assert judged(COSINE, scores, ~right, absent) is None
    assert judged(COSINE, scores[:50], right[:50], absent[:50]) is None


def test_doubt_has_degrees():
    near = {"unsure": 0.6, "nothing": 0.4}
    assert [doubt(COSINE, near, score) for score in (0.6, 0.59, 0.4, 0.39)] == ["none", "unsure", "unsure", "nothing"]
    far = {"unsure": 4.0, "nothing": 6.0}
    assert [doubt(EUCLIDEAN, far, score) for score in (4, 5, 7)] == [
        "none",
        "unsure",
        "nothing",
    ]
    assert doubt(COSINE, None, -1.0) == "none"


@pytest.mark.parametrize("name", ["fashion", "photos"])
def test_the_delivered_galleries_are_warned_of_rarely_and_the_classic_histogram_never(name):
    gallery = open_gallery(ASSETS / "galleries" / name)
    found = limits_of(gallery, "siamese")
    assert found is not None
    assert found["right_warned"] <= 0.03
    assert limits_of(gallery, "histogram") is None
