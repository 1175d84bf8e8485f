"""The garment head says which kind a photograph shows, and where it belongs in the Fashion gallery."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from imgsearch.methods.garment_head import GarmentHead, Guess, class_centres, place
from imgsearch.methods.siamese import ModelError

D, KINDS = 16, 10


@pytest.fixture
def head(tmp_path: Path) -> GarmentHead:
    weights = np.zeros((D, KINDS + 1), np.float16)
    weights[range(KINDS + 1), range(KINDS + 1)] = 10.0
    np.savez(tmp_path / "head.npz", weights=weights, bias=np.zeros(KINDS + 1, np.float32))
    return GarmentHead.load(tmp_path / "head.npz")


def centres() -> np.ndarray:
    random = np.random.default_rng(1)
    vectors = random.normal(size=(KINDS, D)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_likeliest_kind_is_said(head: GarmentHead) -> None:
    guess = head.guess(np.eye(D, dtype=np.float32)[8])
    assert guess.kind == 8
    assert guess.shares.sum() == pytest.approx(1.0, abs=1e-6)
    assert guess.garment > 0.99


def test_something_else_is_no_garment(head: GarmentHead) -> None:
    assert head.guess(np.eye(D, dtype=np.float32)[KINDS]).garment < 0.01


def test_a_sure_guess_lies_at_the_centre_of_its_kind() -> None:
    guess = Guess(np.eye(KINDS, dtype=np.float32)[3], 1.0)
    np.testing.assert_allclose(place(guess, centres()), centres()[3], atol=1e-6)


def test_the_conversion_adds_a_cut_but_no_kind() -> None:
    guess = Guess(np.eye(KINDS, dtype=np.float32)[3], 1.0)
    # A conversion that looks like another kind pulls to none.
    mistaken = centres()[5] + np.random.default_rng(2).normal(size=D).astype(np.float32) * 0.1
    without, with_it = place(guess, centres()), place(guess, centres(), mistaken)
    assert np.linalg.norm(with_it) == pytest.approx(1.0, abs=1e-6)
    assert not np.allclose(with_it, without)
    before, after = centres() @ without, centres() @ with_it
    np.testing.assert_allclose(after / after[3], before / before[3], atol=1e-5)


def test_centres_are_unit_means() -> None:
    vectors = np.array([[1, 0], [0, 1], [0, 2]], np.float32)
    np.testing.assert_allclose(
        class_centres(vectors, np.array([0, 0, 1]), classes=2), [[0.5**0.5, 0.5**0.5], [0, 1]], atol=1e-6
    )


@pytest.mark.parametrize("content", [None, b"PK\x03\x04 cut short"])
def test_a_missing_or_damaged_file_has_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "garment_head.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"garment_head\.npz is (missing|damaged)\. Restore it"):
        GarmentHead.load(path)
