"""The weights are learned from prints that were taken from afar, from near, turned and mirrored."""

import numpy as np

from imgsearch.search.slants import slant
from imgsearch.training.local_features.decision import varied

RED, GREEN, BLUE = (
    np.full((120, 160, 3), colour, np.uint8) for colour in ((200, 30, 30), (30, 200, 30), (30, 30, 200))
)


def share_of_red(picture):
    red, green, blue = picture.reshape(-1, 3).T.astype(int)
    return np.mean((red > green + 40) & (red > blue + 40))


def test_a_print_is_turned_mirrored_or_taken_from_near():
    for seed in range(20):
        print_ = slant(RED, GREEN, BLUE, np.random.default_rng(seed))
        plain, turned, near, mirrored, nearer = (varied(print_, RED, number) for number in (1, 8, 2, 4, 6))
        assert plain is print_.picture or np.array_equal(plain, print_.picture)
        assert np.array_equal(turned, np.rot90(plain)) and np.array_equal(mirrored, plain[:, ::-1])
        assert min(nearer.shape[:2]) > 8 and nearer.size < near.size <= plain.size
        assert share_of_red(plain) - 0.02 <= share_of_red(near)
