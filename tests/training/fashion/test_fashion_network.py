"""The training of the Siamese network, in small: what the parts promise, and that a training goes on where it was."""

import gzip
import json
import struct
from dataclasses import replace

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="training needs TensorFlow and Keras")

from imgsearch.__main__ import main  # noqa: E402
from imgsearch.assets import ASSETS  # noqa: E402
from imgsearch.gallery.fashion_mnist import DataError  # noqa: E402
from imgsearch.gallery.persistence import open_gallery  # noqa: E402
from imgsearch.methods.siamese import MODELS, Siamese  # noqa: E402
from imgsearch.training.fashion import command, train  # noqa: E402
from imgsearch.training.fashion.loss import Proxies, SiameseLoss  # noqa: E402
from imgsearch.training.fashion.network import build_network, fold, unfold  # noqa: E402

SMALL = {"widths": (8, 8, 8, 16), "branch_widths": (8, 8), "dimensions": 8}


def test_litert_agrees_with_keras():
    network = keras.models.load_model(MODELS / "fashion.keras")
    gallery = open_gallery(ASSETS / "galleries" / "fashion")
    chosen = range(0, 1000, 50)
    grey = np.stack([gallery.picture(i)[..., 0] for i in chosen])
    through_keras = train.embed(network, grey)
    through_litert = np.stack([Siamese("fashion").describe(gallery.picture(i)) for i in chosen])
    np.testing.assert_allclose(through_litert, through_keras, atol=1e-5)


def _with_uneven_normalisation(network, seed: int = 0):
    rng = np.random.default_rng(seed)
    for layer in network.layers:
        if layer.name.endswith("_norm"):
            layer.set_weights([rng.uniform(0.5, 1.5, value.shape) for value in layer.get_weights()])
    return network


def test_folding_changes_only_what_half_precision_rounds():
    network = _with_uneven_normalisation(build_network(**SMALL))
    pictures = np.random.default_rng(1).integers(0, 256, (6, 28, 28)).astype(np.uint8)
    before, after = train.embed(network, pictures), train.embed(fold(network, **SMALL), pictures)
    assert (before * after).sum(axis=1).min() > 0.9999
    halves = [weight.numpy() for weight in fold(network, **SMALL).weights]
    assert all(np.array_equal(half, half.astype(np.float16).astype(np.float32)) for half in halves)


def test_folding_refuses_a_sign_that_max_pooling_would_turn_round():
    network = build_network(**SMALL)
    layer = network.get_layer("low_norm")
    gamma, *others = layer.get_weights()
    gamma[0] = -1.0
    layer.set_weights([gamma, *others])
    with pytest.raises(ValueError, match="turns signs round"):
        fold(network, **SMALL)


def _loss(labels, vectors, hardness, **changed):
    settings = {"classes": 2, "scale": 10.0, "margin": 0.2, "pair_weight": 1.0, "smoothing": 0.0} | changed
    unit = np.asarray(vectors, np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    cosines = unit @ np.eye(2, unit.shape[1], dtype=np.float32).T
    target = np.stack([labels, np.full(len(labels), hardness)], axis=1).astype(np.float32)
    return float(SiameseLoss(**settings)(target, np.concatenate([unit, cosines], axis=1)))


def test_the_loss_is_the_formula_of_its_docstring():
    labels = np.array([0, 0, 1, 1])
    angles = np.array([0.1, 0.5, 0.9, 1.4])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    pairs = np.cos(angles[:, None] - angles)
    same = labels[:, None] == labels
    logits = 10.0 * vectors
    softmax = np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(4), labels])
    attract = ((1 - pairs) ** 2)[same].sum() / (same.sum() - 4)
    weights = np.exp(3.0 * pairs[~same])
    repel = (weights * np.maximum(0, pairs[~same] - 0.2) ** 2).sum() / weights.sum()
    assert _loss(labels, vectors, 3.0) == pytest.approx(softmax + attract + repel, rel=1e-5)


def test_harder_mining_weighs_the_hardest_pair_more():
    labels = np.array([0, 0, 1, 1])
    angles = np.array([0.1, 0.5, 0.6, 1.4])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert _loss(labels, vectors, 20.0) > _loss(labels, vectors, 5.0) > _loss(labels, vectors, 0.0)


def test_proxies_give_the_unit_vector_and_its_cosines():
    out = np.asarray(Proxies(3)(np.random.default_rng(0).normal(size=(5, 8)).astype(np.float32)))
    assert out.shape == (5, 11)
    np.testing.assert_allclose(np.linalg.norm(out[:, :8], axis=1), 1.0, atol=1e-5)
    assert np.abs(out[:, 8:]).max() <= 1.0 + 1e-6


def test_augmenting_keeps_shape_and_type_and_repeats_with_its_seed():
    pictures = np.random.default_rng(0).integers(1, 256, (32, 28, 28)).astype(np.uint8)
    settings = train.Settings()
    mirrored = np.arange(32) % 2 == 0
    one, same, other = (
        train.augmented(pictures, mirrored, 0.2, settings, np.random.default_rng(seed)) for seed in (5, 5, 6)
    )
    assert one.shape == pictures.shape
    assert one.dtype == np.uint8
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_shifting_moves_a_picture_as_a_whole():
    picture = np.zeros((50, 9, 9), np.uint8)
    picture[:, 4, 4] = 200
    moved = train.shift(picture, np.random.default_rng(0), most=2)
    places = np.argwhere(moved == 200)[:, 1:]
    assert len(places) == 50
    assert places.min() == 2
    assert places.max() == 6


def test_erasing_leaves_the_share_that_it_was_told_to_leave():
    pictures = np.full((2000, 28, 28), 255, np.uint8)
    touched = (train.erase(pictures, np.random.default_rng(0), probability=0.5) != 255).any(axis=(1, 2))
    assert 0.45 < touched.mean() < 0.55


def test_the_rate_rises_falls_and_ends_at_nothing():
    settings = train.Settings()
    rates = [train.learning_rate(progress, settings) for progress in np.linspace(0, 1, 200, endpoint=False)]
    peak = int(np.argmax(rates))
    assert rates[peak] == pytest.approx(settings.peak_rate, rel=0.05)
    assert np.all(np.diff(rates[: peak + 1]) > 0)
    assert np.all(np.diff(rates[peak:]) < 0)
    assert rates[-1] == pytest.approx(0.0, abs=1e-4)
    polish = [train.learning_rate(progress, settings) for progress in np.linspace(1, 2, 50)]
    assert polish[0] == settings.polish_rate
    assert np.all(np.diff(polish) < 0)
    assert polish[-1] == pytest.approx(0.0, abs=1e-9)


def test_the_polish_only_mirrors():
    pictures = np.random.default_rng(0).integers(1, 256, (32, 28, 28)).astype(np.uint8)
    mirrored = np.random.default_rng(2).random(32) < 0.5
    shown = train.augmented(pictures, mirrored, 1.3, train.Settings(), np.random.default_rng(1))
    np.testing.assert_array_equal(shown[mirrored], pictures[mirrored][:, :, ::-1])
    np.testing.assert_array_equal(shown[~mirrored], pictures[~mirrored])


def test_held_out_pictures_are_not_trained_on():
    chosen, held_out = train.split(np.arange(1000) % 10, train.Settings(held_out=100))
    assert set(chosen).isdisjoint(held_out)
    assert (len(chosen), len(held_out)) == (900, 100)


def _write_idx(path, values: np.ndarray) -> None:
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    path.write_bytes(gzip.compress(header + values.tobytes()))


@pytest.fixture
def tiny_data(tmp_path):
    rng = np.random.default_rng(0)
    labels = (np.arange(192) % 10).astype(np.uint8)
    pictures = rng.integers(0, 60, (192, 28, 28)).astype(np.uint8)
    for i, label in enumerate(labels):
        pictures[i, 2 * label : 2 * label + 6, 4:24] = 220
    _write_idx(tmp_path / "train-images-idx3-ubyte.gz", pictures)
    _write_idx(tmp_path / "train-labels-idx1-ubyte.gz", labels)
    return tmp_path


def test_an_interrupted_training_goes_on_and_another_s_folder_is_refused(tiny_data, monkeypatch, capsys):
    monkeypatch.setattr(train, "build_network", lambda **given: build_network(**{**SMALL, **given}))
    settings = train.Settings(epochs=1, polish=0, batch=32, held_out=32, dimensions=8)
    run = tiny_data / "run"
    train.train(tiny_data, run, settings)
    (run / "fresh.weights.h5").write_bytes(b"half written when the power went")
    network = train.train(tiny_data, run, replace(settings, epochs=2, polish=1))
    printed = capsys.readouterr().out
    assert printed.count("epoch 1 of") == 1
    assert "epoch 3 of 3" in printed
    assert network.dtype_policy.name == "float32"
    with pytest.raises(DataError, match="other settings"):
        train.train(tiny_data, run, replace(settings, epochs=4, margin=0.1))


def test_a_damaged_state_is_one_sentence_that_names_it(tiny_data, monkeypatch):
    monkeypatch.setattr(train, "build_network", lambda **given: build_network(**{**SMALL, **given}))
    settings = train.Settings(epochs=1, polish=0, batch=32, held_out=32, dimensions=8)
    run = tiny_data / "run"
    train.train(tiny_data, run, settings)
    (run / "epoch-001.weights.h5").write_bytes(b"not weights")
    with pytest.raises(DataError, match=r"epoch-001.weights.h5 is damaged: delete"):
        train.train(tiny_data, run, settings)


def test_a_training_goes_on_from_a_folded_network(tiny_data, monkeypatch):
    monkeypatch.setattr(train, "build_network", lambda **given: build_network(**{**SMALL, **given}))
    start = tiny_data / "start.keras"
    pictures = np.random.default_rng(1).integers(0, 256, (6, 28, 28)).astype(np.uint8)
    before = fold(_with_uneven_normalisation(build_network(**SMALL)), **SMALL)
    before.save(start)
    settings = train.Settings(epochs=0, polish=0, batch=32, held_out=0, dimensions=8)
    network = train.train(tiny_data, tiny_data / "no-epoch", settings, start=start)
    assert (train.embed(network, pictures) * train.embed(before, pictures)).sum(axis=1).min() > 0.999

    settings = replace(settings, epochs=1, frozen=("stem", "low"))
    after = train.train(tiny_data, tiny_data / "one-epoch", settings, start=start)
    for name, stays in (("stem_conv", True), ("low_conv", True), ("middle_conv", False), ("half_1_conv", False)):
        one, other = (np.asarray(of.get_layer(name).get_weights()[0]) for of in (network, after))
        assert np.array_equal(one, other) == stays, name


def test_a_wider_network_starts_from_a_narrower_one():
    narrow = fold(_with_uneven_normalisation(build_network(**SMALL)), **SMALL)
    wide = build_network(**{**SMALL, "widths": (8, 8, 8, 24)})
    pictures = np.random.default_rng(1).integers(0, 256, (6, 28, 28)).astype(np.uint8)
    unfold(narrow, wide, pictures)
    assert (train.embed(narrow, pictures) * train.embed(wide, pictures)).sum(axis=1).min() > 0.999


TINY = train.Settings(epochs=1, polish=0, batch=32, held_out=32, dimensions=8)


def test_the_command_trains_in_stages_and_goes_on(tiny_data, monkeypatch):
    monkeypatch.setattr(train, "build_network", lambda **given: build_network(**{**SMALL, **given}))
    monkeypatch.setattr(command, "STAGES", (TINY, replace(TINY, frozen=("stem",))))
    monkeypatch.setattr(command, "fold", lambda network, **built: fold(network, **{**SMALL, **built}))
    # The gallery that a run leaves which is killed after its network was written: of another network.
    left = tiny_data / "gallery"
    left.mkdir()
    for path in (ASSETS / "galleries" / "fashion").iterdir():
        (left / path.name).symlink_to(path)
    header = json.loads((left / "gallery.json").read_text())
    header["methods"]["siamese"]["fingerprint"] = "0" * 16
    (left / "gallery.json").unlink()
    (left / "gallery.json").write_text(json.dumps(header))
    embedded = []
    monkeypatch.setattr(command, "GALLERY", left)
    monkeypatch.setattr(command, "save_network", lambda *_, **__: None)
    monkeypatch.setattr(command, "embed_gallery", lambda gallery, path: embedded.append((gallery.n, path)))
    words = ["train", "--data", str(tiny_data), "--run", str(tiny_data / "run")]
    assert main(words) == 0
    assert embedded == [(60_000, left)]
    words.append("--no-export")
    assert main(words) == 0
    assert main([*words, "--epochs", "2"]) == 0
    for stage in ("stage-1", "stage-2"):
        assert [path.name for path in (tiny_data / "run" / stage).glob("*.h5")] == ["epoch-002.weights.h5"]
    first, second = (keras.models.load_model(tiny_data / "run" / f"stage-{n}" / "network.keras") for n in (1, 2))
    assert not np.allclose(first.get_layer("high_1_conv").kernel, second.get_layer("high_1_conv").kernel)
    assert main(["train", "--data", str(tiny_data / "nothing"), "--run", str(tiny_data / "other")]) == 1
