"""The garment head says which kind a photograph shows, where, and where it belongs in the Fashion gallery."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from imgsearch.methods.garment_head import (
    GarmentHead,
    GarmentReader,
    Guess,
    garment_reader,
    likeliest,
    place,
)
from imgsearch.methods.linear_layer import ModelError
from imgsearch.methods.siamese import shared_network

D, KINDS = 16, 10
NAMES = tuple("abcdefghij")


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


def certain(kind: int) -> Guess:
    return Guess(np.eye(KINDS, dtype=np.float32)[kind], 1.0)


def stripes() -> np.ndarray:
    picture = np.full((120, 200, 3), 255, np.uint8)
    picture[30:90, 60:140] = (30, 60, 160)
    picture[40:80:8, 60:140] = (200, 40, 40)
    return picture


def test_the_likeliest_kind_is_said(head: GarmentHead) -> None:
    guess = head.guess(np.eye(D, dtype=np.float32)[8])
    assert guess.kind == 8
    assert guess.shares.sum() == pytest.approx(1.0, abs=1e-6)
    assert guess.garment > 0.99
    assert guess.is_garment


def test_something_else_is_no_garment(head: GarmentHead) -> None:
    guess = head.guess(np.eye(D, dtype=np.float32)[KINDS])
    assert guess.garment < 0.01
    assert not guess.is_garment


def test_a_place_is_its_kind_and_a_multiple_of_the_conversion() -> None:
    converted = centres()[5]
    vector, of_kind = place(certain(3), centres(), converted)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-6)
    rest = vector - of_kind
    np.testing.assert_allclose(rest, converted * (rest @ converted), atol=1e-6)
    np.testing.assert_allclose(of_kind, centres()[3] * np.linalg.norm(of_kind), atol=1e-6)


def test_a_certain_kind_outweighs_a_conversion_that_is_mistaken_about_it() -> None:
    vector, _ = place(certain(3), centres(), centres()[5])
    assert int((centres() @ vector).argmax()) == 3


def test_of_two_kinds_in_doubt_the_conversion_decides() -> None:
    shares = np.zeros(KINDS, np.float32)
    shares[[3, 5]] = 0.5
    for kind in (3, 5):
        vector, _ = place(Guess(shares, 1.0), centres(), centres()[kind])
        assert int((centres() @ vector).argmax()) == kind


def test_the_likeliest_kinds_are_named_best_first() -> None:
    shares = np.zeros(KINDS, np.float32)
    shares[[2, 7, 4]] = 0.3, 0.66, 0.04
    assert list(likeliest(Guess(shares, 1.0), NAMES)) == ["h", "c"]
    assert list(likeliest(Guess(np.full(KINDS, 0.1, np.float32), 1.0), NAMES, least=0.5)) == ["a"]


@pytest.mark.parametrize("kind", [0, 7])
def test_the_heat_of_a_kind_adds_up_to_its_score(kind: int) -> None:
    network, head, picture = shared_network("photos"), GarmentHead.load(), stripes()
    heat = garment_reader().where(picture, kind)
    score = (network.pooled(picture) - network.layer.mean).astype(np.float64) @ head.weights[:, kind] + head.bias[kind]
    assert heat.total == pytest.approx(float(score), abs=1e-4)
    assert heat.over(300, 300).sum() == pytest.approx(heat.places, abs=1e-9)
    assert heat.picture.shape[0] == heat.picture.shape[1]  # as the network sees it, between white margins


def test_a_network_is_there_once_for_all_who_use_it() -> None:
    assert shared_network("photos") is shared_network("photos")


def test_a_head_of_another_network_is_refused(head: GarmentHead) -> None:
    with pytest.raises(ModelError, match="belongs to another network"):
        GarmentReader(shared_network("photos"), head)


@pytest.mark.parametrize("content", [None, b"PK\x03\x04 cut short"])
def test_a_missing_or_damaged_file_has_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "garment_head.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"garment_head\.npz is (missing|damaged)\. Restore it"):
        GarmentHead.load(path)
