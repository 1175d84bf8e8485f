"""The same places of a picture and of a slanted print of it are the same places."""

import cv2
import numpy as np
import pytest

from imgsearch.local_features.grid import STRIDE, places
from imgsearch.training.local_features.correspondences import N_SAME, correspondences, same_places, slanted_pair


def _smooth(random, height, width):
    """A picture without texture, of which every place has its own colour, and which noise and blur hardly change."""
    return cv2.resize(random.integers(0, 256, (3, 3, 3)).astype(np.uint8), (width, height))


@pytest.fixture(scope="module")
def pairs():
    random = np.random.default_rng(0)
    pictures = [_smooth(random, 240, 320), *(np.full((200, 200, 3), grey, np.uint8) for grey in (0, 128, 255))]
    return [slanted_pair(pictures, 0, np.random.default_rng(seed)) for seed in range(20)]


def test_the_query_shows_the_same_colours_at_the_same_places_but_for_the_light(pairs):
    for pair in pairs:
        same, seen = same_places(pair)
        x, y = places(*pair.kept.shape[:2])[same].astype(int).T
        kept = np.maximum(1, pair.kept[y, x].astype(float))
        x, y = seen.astype(int).T
        query = pair.query[y, x]
        light = np.median(query / kept)
        apart = np.abs(query - np.minimum(255, light * kept)).max(axis=1)
        assert np.median(apart) < 6  # eight pixels beside, it is from 7 to 41
        assert np.mean(apart < 30) > 0.9  # and what is hidden is another colour


def test_prints_become_small_in_their_queries(pairs):
    shares = []
    for pair in pairs:
        _, seen = same_places(pair)
        shares.append(np.ptp(seen, axis=0).max() / max(pair.query.shape))
    assert min(shares) < 0.45 < 0.8 < max(shares)


def test_what_is_elsewhere_lies_beyond_the_print(pairs):
    def trunk(picture):
        """Describes each place by where it is."""
        shape = (picture.shape[0] // STRIDE, picture.shape[1] // STRIDE, 2)
        return places(*picture.shape[:2]).reshape(shape)

    for pair in pairs:
        found = correspondences(pair, trunk, np.random.default_rng(0))
        assert found is not None
        assert len(found.kept) == len(found.query) == len(found.cells) == N_SAME
        np.testing.assert_array_equal(found.kept, found.cells * STRIDE + STRIDE / 2)
        moved = cv2.perspectiveTransform(found.kept[None].astype(float), pair.homography)[0]
        np.testing.assert_allclose(found.query, moved, atol=0.2)
        back = cv2.perspectiveTransform(found.elsewhere[None].astype(float), np.linalg.inv(pair.homography))[0]
        height, width = pair.kept.shape[:2]
        assert not ((back > 0) & (back < (width, height))).all(axis=1).any()
