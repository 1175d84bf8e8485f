"""Which pairs of cells one movement joins."""

import numpy as np
import pytest

from imgsearch.local_features.movement import most_in_one


def places(random, count):
    return (random.uniform(0, 1, count) + 1j * random.uniform(0, 0.8, count)).astype(np.complex64)


def pairs(seed, *, moved, count=32, movement=0.5 + 0.3j, shift=0.2 + 0.3j):
    """Pairs of one picture, of which the first `moved` belong to one movement and the others to none."""
    random = np.random.default_rng(seed)
    query, kept = places(random, count), places(random, count)
    query[:moved] = movement * kept[:moved] + shift
    return query[None], kept[None]


def test_the_pairs_of_one_movement_count_and_no_others():
    query, kept = pairs(0, moved=20)
    weights = np.full((1, 32), 0.5, np.float32)
    together = most_in_one(query, kept, weights)[0]
    assert 10 <= together <= 11.5  # a pair of the others may lie in its place by chance
    scattered = most_in_one(*pairs(1, moved=0), weights)[0]
    assert scattered < 4


@pytest.mark.parametrize("movement", [1j, -1, 3.0, 0.05], ids=["a quarter", "a half", "far larger", "a speck"])
def test_a_movement_that_the_cells_cannot_see_does_not_count(movement):
    query, kept = pairs(0, moved=20, movement=movement)
    assert most_in_one(query, kept, np.ones((1, 32), np.float32))[0] < 10


def test_pictures_with_fewer_pairs_than_others_and_with_none():
    query, kept = pairs(0, moved=8, count=8)
    empty = np.full((3, 32), np.nan, np.complex64)
    there, here = empty.copy(), empty.copy()
    there[0, :8], here[0, :8] = query, kept
    there[1, :1], here[1, :1] = query[:, :1], kept[:, :1]
    weights = np.zeros((3, 32), np.float32)
    weights[0, :8], weights[1, :1] = 1, 1
    # One pair gives no movement.
    np.testing.assert_array_equal(most_in_one(there, here, weights), [8, 0, 0])
    assert most_in_one(empty[:, :1], empty[:, :1], weights[:, :1]).tolist() == [0, 0, 0]
