"""The parts of an explanation sum to its score, whatever they are drawn on."""

import numpy as np
import pytest

from imgsearch.methods.explanations import BinExplanation, Heat
from imgsearch.methods.histogram_bins import grey_bins


@pytest.mark.parametrize("shape", [(28, 28), (30, 41), (7, 7), (260, 260)])
def test_enlarging_heat_keeps_its_sum(shape):
    random = np.random.default_rng(2)
    heat = _heat({"fine": random.normal(size=(7, 7)), "coarse": random.normal(size=(3, 5))})
    assert heat.over(*shape).shape == shape
    assert heat.over(*shape).sum() == pytest.approx(heat.places, abs=1e-9)


def test_enlarging_puts_heat_where_it_was():
    spot = np.zeros((7, 7))
    spot[1, 5] = 1.0
    large = _heat({"whole": spot}).over(28, 28)
    row, column = np.unravel_index(large.argmax(), large.shape)
    assert row // 4 == 1
    assert column // 4 == 5


def test_parts_that_belong_to_no_place_count_in_the_total():
    heat = Heat(np.zeros((4, 4, 3), np.uint8), {"whole": np.full((2, 2), 0.1)}, {"your marks": 0.25})
    assert heat.places == pytest.approx(0.4)
    assert heat.total == pytest.approx(0.65)


def test_cells_and_bins_are_two_views_of_the_same_parts():
    parts = np.random.default_rng(1).random((7, 7, 8))
    shares = np.full(8, 1 / 8)
    explained = BinExplanation(float(np.sqrt(parts.sum())), parts, shares, shares, grey_bins(8, 7))
    assert explained.per_cell.shape == (7, 7)
    assert explained.per_bin.shape == (8,)
    for view in (explained.per_cell, explained.per_bin):
        assert view.sum() == pytest.approx(explained.score**2, rel=1e-12)


def _heat(maps):
    return Heat(np.zeros((28, 28, 3), np.uint8), maps)
