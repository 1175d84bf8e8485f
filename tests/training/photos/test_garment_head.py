"""The head learns from pictures of which several kinds may be right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("keras", reason="training needs Keras")

from imgsearch.gallery.fashion_mnist import FASHION_LABELS
from imgsearch.training.photos import garment_head as training

D = 24


def scattered(directions: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    kinds = random.integers(0, len(directions), count)
    return training.unit(directions[kinds] + 0.4 * random.normal(size=(count, D)) / D**0.5), kinds


@pytest.fixture(scope="module")
def directions() -> np.ndarray:
    return training.unit(np.random.default_rng(0).normal(size=(training.CLASSES, D)))


def lessons_of(features: np.ndarray, kinds: np.ndarray) -> training.Lessons:
    # As photographs of garments are: what the features are scaled by.
    return replace(training.plain_lessons(features, kinds, 600), is_garment=np.ones(len(kinds), bool))


def test_it_tells_new_pictures_of_known_kinds_apart(directions: np.ndarray) -> None:
    features, kinds = scattered(directions, 600, 1)
    head = training.fit_head(lessons_of(features, kinds))
    new, truth = scattered(directions[:10], 200, 2)
    said = [head.guess(features) for features in new]
    assert np.mean([guess.kind == kind for guess, kind in zip(said, truth, strict=True)]) > 0.95
    assert np.mean([guess.garment > 0.5 for guess in said]) > 0.95
    others, _ = scattered(directions[training.OTHER :], 50, 3)
    assert np.mean([head.guess(other).garment < 0.5 for other in others]) > 0.95


def test_right_kinds_follow_the_table() -> None:
    right = training.right_kinds(np.array(["longsleeve", "pants"]))
    assert {FASHION_LABELS[i] for i in np.flatnonzero(right[0])} == {"Pullover", "T-shirt/top", "Shirt"}
    assert [FASHION_LABELS[i] for i in np.flatnonzero(right[1])] == ["Trouser"]


def test_the_classifier_tells_shoes_apart() -> None:
    logits = np.zeros((2, 1000), np.float32)
    logits[0, 774] = 9.0  # sandal
    logits[1, 514] = 9.0  # cowboy boot
    closest = training.closest_kinds(np.array(["shoes", "shoes"]), logits)
    assert [FASHION_LABELS[i] for i in closest.argmax(axis=1)] == ["Sandal", "Ankle boot"]
    np.testing.assert_allclose(closest.sum(axis=1), 1.0, atol=1e-6)


def test_imagined_bags_lie_where_the_classifier_sees_bags() -> None:
    random = np.random.default_rng(4)
    features = random.normal(size=(500, D)).astype(np.float32)
    classifier = random.normal(size=(D, 1000)).astype(np.float32)
    bags = training.imagined_bags(features, features @ classifier, 100)
    score = classifier[:, list(training.BAGS)].mean(axis=1)
    assert (training.unit(bags) @ score).mean() > np.quantile(training.unit(features) @ score, 0.9)


def test_either_of_two_right_kinds_will_do() -> None:
    random = np.random.default_rng(5)
    features = training.unit(random.normal(size=(300, D)))
    right = np.zeros((300, training.CLASSES), bool)
    right[:, [0, 2]] = True
    closest = np.full((300, training.CLASSES), 0.0, np.float32)
    closest[:, [0, 2]] = 0.5
    ones = np.ones(300)
    head = training.fit_head(training.Lessons(features, right, closest, ones.astype(np.float32), ones.astype(bool)))
    shares = np.array([head.guess(each).shares for each in features[:20]])
    assert (shares[:, [0, 2]].sum(axis=1) > 0.9).all()
