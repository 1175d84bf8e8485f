"""What two pictures have in common is weighed as it was learned."""

import numpy as np
import pytest

from imgsearch.local_features.decision import Evidence, is_same, probability
from imgsearch.local_features.likeness import Likeness
from imgsearch.training.local_features.decision import logistic_regression

ALIKE = Likeness(whole=0.8, textured=0.8)
UNLIKE = Likeness(whole=0.1, textured=0.1)


def evidence(points, own, likeness, resemblance=0.4, share=0.5):
    return Evidence(points, own, likeness, resemblance, share)


def test_many_points_of_what_looks_alike_are_the_same_thing_and_few_of_what_does_not_are_none():
    assert is_same(evidence(40, 40, ALIKE))
    assert not is_same(evidence(12, 12, UNLIKE))
    assert not is_same(evidence(60, 3, ALIKE))


def test_points_that_others_share_tell_less_than_a_pictures_own():
    shared, own = evidence(60, 10, ALIKE), evidence(60, 60, ALIKE)
    assert probability(shared) < probability(own)


@pytest.mark.parametrize("part", ["whole", "textured"])
def test_the_more_looks_alike_the_more_probable_it_is(part):
    less = ALIKE._replace(**{part: 0.3})
    assert probability(evidence(20, 20, less)) < probability(evidence(20, 20, ALIKE))


def test_where_it_differs_something_that_hides_it_tells_less_against_it_than_the_like_of_it():
    half = Likeness(whole=0.5, textured=0.5)
    assert probability(evidence(60, 50, half, 0.1)) > probability(evidence(60, 50, half, 0.5))


def test_what_fills_the_query_has_to_look_more_alike():
    half = Likeness(whole=0.5, textured=0.5)
    assert probability(evidence(60, 50, half, share=0.3)) > probability(evidence(60, 50, half, share=1.0))
    assert is_same(evidence(60, 60, Likeness(whole=0.95, textured=0.95), 0.9, share=1.0))


def test_the_regression_finds_the_weights_that_its_examples_were_made_with():
    random = np.random.default_rng(0)
    values = random.normal([3, -1, 10], [1, 2, 5], (20_000, 3))
    truth = random.random(20_000) < 1 / (1 + np.exp(-(values @ [1.5, -0.7, 0.2] - 4)))
    bias, weights = logistic_regression(values, truth)
    assert weights == pytest.approx([1.5, -0.7, 0.2], abs=0.1)
    assert bias == pytest.approx(-4, abs=0.4)
