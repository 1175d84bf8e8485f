"""Where a picture of the gallery lies in a query."""

import numpy as np
import pytest

from imgsearch.local_features.features import Features
from imgsearch.local_features.geometry import Agreement, corners, moved, share_of_query

QUERY = Features(np.empty((0, 4), np.float32), np.empty(0, np.uint16), np.empty((0, 24), np.uint8), 400, 300)


@pytest.mark.parametrize(
    ("transform", "share"),
    [
        (np.eye(3), 1.0),
        (np.diag([0.5, 0.5, 1]), 0.25),
        (np.diag([3.0, 3.0, 1]), 1.0),  # the query shows a part of it
        (np.array([[1, 0, 200], [0, 1, 0], [0, 0, 1.0]]), 0.5),  # half of it lies beside the query
        (np.array([[1, 0, 900], [0, 1, 0], [0, 0, 1.0]]), 0.0),
        (np.array([[-1, 0, 200], [0, 1, 0], [0, 0, 1.0]]), 0.5),  # mirrored
    ],
)
def test_the_share_of_the_query_that_a_picture_takes_is_what_lies_within(transform, share):
    agreed = Agreement(np.empty((0, 2)), np.empty((0, 2)), transform, moved(corners(QUERY), transform), mirrored=False)
    assert share_of_query(agreed, QUERY) == pytest.approx(share, abs=1e-6)
