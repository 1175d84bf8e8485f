"""A query that lies a little beside the picture of which it is a print is laid over it exactly."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from imgsearch.local_features.alignment import aligned
from imgsearch.local_features.features import Features
from imgsearch.local_features.geometry import Agreement, corners, moved

SIDE = 320
SIZE = Features(np.empty((0, 4), np.float32), np.empty(0, np.uint16), np.empty((0, 24), np.uint8), SIDE, SIDE)
SLANT = np.array([[0.7, -0.2, 80], [0.15, 0.8, 20], [0.0002, -0.0003, 1]])
BESIDE = np.array([[1.03, 0.01, -6], [0.02, 0.97, 5], [0, 0, 1]])
MIRROR = np.array([[-1.0, 0, SIDE], [0, 1, 0], [0, 0, 1]])


def textured(seed):
    noise = np.random.default_rng(seed).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    return cv2.resize(noise, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


def agreement(transform, *, mirrored=False):
    return Agreement(np.empty((0, 2)), np.empty((0, 2)), transform, moved(corners(SIZE), transform), mirrored)


def farthest(agreed, transform):
    return np.linalg.norm(agreed.outline - moved(corners(SIZE), transform), axis=1).max()


@pytest.mark.parametrize("mirrored", [False, True], ids=["plain", "mirrored"])
def test_a_print_that_lies_beside_is_laid_over_its_picture(mirrored):
    kept = textured(0)
    exact = SLANT @ MIRROR if mirrored else SLANT
    query = cv2.warpPerspective(kept, exact, (SIDE, SIDE))
    # Darker, and with a corner behind something else.
    query = (query * 0.7).astype(np.uint8)
    query[180:, 160:] = textured(1)[180:, 160:]
    beside = agreement(exact @ BESIDE, mirrored=mirrored)
    found = aligned(query, kept, beside, SIZE, SIZE)
    assert farthest(beside, exact) > 8
    assert farthest(found, exact) < 2
    np.testing.assert_allclose(moved(corners(SIZE), found.transform), found.outline)


def test_what_shows_nothing_to_go_by_stays_where_it_was():
    beside = agreement(SLANT @ BESIDE)
    grey = np.full((SIDE, SIDE, 3), 128, np.uint8)
    for query, kept in ((grey, textured(0)), (textured(0), grey), (grey, grey)):
        assert aligned(query, kept, beside, SIZE, SIZE) is beside


def test_a_print_outside_the_query_stays_where_it_was():
    outside = replace(agreement(np.eye(3)), transform=np.array([[1.0, 0, 5000], [0, 1, 5000], [0, 0, 1]]))
    assert aligned(textured(0), textured(0), outside, SIZE, SIZE) is outside
