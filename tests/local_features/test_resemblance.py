"""In how much of a picture another one shows the like of it."""

import numpy as np
import pytest

from imgsearch.local_features.features import describe_kept
from imgsearch.local_features.geometry import Agreement, corners
from imgsearch.local_features.resemblance import resemblance
from tests.local_features.test_same import textured


def resembles(query, kept, transform=None):
    """`query` over `kept`, both of one size, moved by `transform` in pixels of the features."""
    there, here = describe_kept(query), describe_kept(kept)
    nowhere = np.empty((0, 2))
    transform = np.eye(3) if transform is None else transform
    agreed = Agreement(nowhere, nowhere, transform, corners(here), mirrored=False)
    return resemblance(query, agreed, there, here)


def test_the_same_picture_does_all_over_and_another_hardly_anywhere():
    assert resembles(textured(0), textured(0)) > 0.9
    assert resembles(textured(0), textured(1)) < 0.2


def test_what_hides_a_half_does_so_in_the_other_half():
    hidden = textured(0)
    hidden[:, 240:] = textured(1)[:, 240:]
    assert resembles(hidden, textured(0)) == pytest.approx(0.5, abs=0.12)


def test_what_the_query_does_not_reach_does_not_count():
    # The query shows the left half, twice as large as the picture does.
    query = np.repeat(np.repeat(textured(0)[90:270, :240], 2, axis=0), 2, axis=1)
    enlarged = np.array([[2, 0, 0], [0, 2, -180.0], [0, 0, 1]])
    assert resembles(query, textured(0), enlarged) > 0.6


def test_where_nothing_is_left_of_the_picture_nothing_resembles():
    away = np.array([[1, 0, 1000], [0, 1, 0], [0, 0, 1.0]])
    assert resembles(textured(0), textured(0), away) == 0
