"""Heat on pictures."""

from __future__ import annotations

import numpy as np
import pytest

from imgsearch.presentation.heatmap import AGAINST, FOR, hottest, laid_over


def test_heat_takes_the_colour_of_its_sign() -> None:
    picture = np.full((2, 3, 3), 128, np.uint8)
    heat = np.array([[1.0, 0.0, -1.0], [0.5, 0.0, -0.5]])
    shown = laid_over(picture, heat).astype(int)
    assert np.abs(shown[0, 0] - FOR).max() < 40
    assert np.abs(shown[0, 2] - AGAINST).max() < 40
    # No heat, no colour.
    assert len(set(shown[0, 1])) == 1
    assert np.abs(shown[1, 0] - FOR).sum() > np.abs(shown[0, 0] - FOR).sum()


def test_two_pictures_can_share_a_scale() -> None:
    picture = np.full((1, 1, 3), 128, np.uint8)
    weak = laid_over(picture, np.array([[0.1]]), peak=1.0)
    strong = laid_over(picture, np.array([[0.1]]))
    assert np.ptp(strong) > np.ptp(weak)


def test_picture_without_heat_stays_grey_and_heat_must_fit() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    assert np.ptp(laid_over(picture, np.zeros((4, 4))), axis=2).max() == 0
    with pytest.raises(ValueError, match="enlarge"):
        laid_over(picture, np.zeros((2, 2)))


def test_hottest_is_around_the_piece_with_the_most_heat() -> None:
    heat = np.zeros((10, 20))
    heat[2:6, 4:12] = 0.5
    heat[8, 18] = 1.0
    assert hottest(heat) == (0.2, 0.2, 0.6, 0.6)
    assert hottest(-heat) == (0, 0, 1, 1), "nothing speaks for the match"
