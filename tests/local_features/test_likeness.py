"""How much of two pictures that were laid over each other looks alike."""

import cv2
import numpy as np

from imgsearch.local_features.features import Features
from imgsearch.local_features.geometry import Agreement
from imgsearch.local_features.likeness import likeness

EVERYWHERE = Agreement(np.empty((0, 2)), np.empty((0, 2)), np.eye(3), np.empty((4, 2)), mirrored=False)
SIZE = Features(np.empty((0, 4), np.float32), np.empty(0, np.uint16), np.empty((0, 24), np.uint8), 160, 160)


def before_a_white_wall(seed, textured=slice(0, 80)):
    picture = np.full((160, 160, 3), 240, np.uint8)
    noise = np.random.default_rng(seed).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    picture[:, textured] = cv2.resize(noise, (160, 160), interpolation=cv2.INTER_CUBIC)[:, textured]
    return picture


def alike(query, kept):
    return likeness(query, kept, EVERYWHERE, SIZE, SIZE)


def test_the_same_picture_looks_alike_all_over():
    assert min(alike(before_a_white_wall(0), before_a_white_wall(0))) > 0.99


def test_two_things_with_a_little_in_common_before_a_white_wall_are_alike_in_the_wall_only():
    kept, query = before_a_white_wall(0), before_a_white_wall(1)
    query[:, :20] = kept[:, :20]
    found = alike(query, kept)
    assert found.whole > 0.5 and found.textured < 0.4


def test_the_light_is_measured_where_it_is_not_lost_in_white():
    kept = before_a_white_wall(0, slice(None))
    kept[kept.mean(2) > 110] = 255
    brighter = np.clip(kept * 1.4, 0, 255).astype(np.uint8)
    assert alike(brighter, kept).whole > 0.95


def test_a_blurred_edge_has_the_same_colour():
    kept = before_a_white_wall(0)
    assert alike(cv2.GaussianBlur(kept, (0, 0), 2), kept).whole > 0.98


def test_pictures_of_other_things_are_not_alike():
    assert alike(before_a_white_wall(0, slice(None)), before_a_white_wall(1, slice(None))).whole < 0.2
