"""Bins in words and colours."""

from __future__ import annotations

import numpy as np
import pytest

from imgsearch.methods.histogram import ColourHistogram, GreyHistogram
from imgsearch.methods.histogram_bins import colour_name


@pytest.mark.parametrize(
    "method",
    [
        GreyHistogram(),
        GreyHistogram(bins=8, grid=7),
        ColourHistogram(),
        ColourHistogram(bins=(8, 6, 3), grid=3, root=True),
        ColourHistogram(space="lab", bins=(6, 6, 6), grid=4, root=True),
    ],
)
def test_shares_of_all_bins_are_the_whole_picture(method: GreyHistogram | ColourHistogram) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (56, 70, 3), dtype=np.uint8)
    bins = method.named_bins
    shares = bins.shares(method.describe(picture))
    assert shares.shape == (len(bins.names),)
    assert shares.sum() == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("space", ["rgb", "lab"])
@pytest.mark.parametrize("colour", [(250, 250, 250), (5, 5, 5), (220, 20, 30), (30, 60, 200)])
def test_colour_of_a_bin_is_near_the_pixels_in_it(space: str, colour: tuple[int, int, int]) -> None:
    bins = {"rgb": (8, 8, 8), "lab": (6, 6, 6)}[space]
    method = ColourHistogram(space=space, bins=bins)
    readable = method.named_bins
    assert readable.colours is not None
    picture = np.full((20, 20, 3), colour, np.uint8)
    most = int(np.argmax(readable.shares(method.describe(picture))))
    assert np.abs(readable.colours[most].astype(int) - colour).max() <= 64


def test_no_two_bins_of_colours_have_the_same_name() -> None:
    names = ColourHistogram().named_bins.names
    assert len(set(names)) == len(names) == 512
    assert "dark violet #301070" in names
    # Some of Lab are not shown by any screen, and have the nearest code that is.
    names = ColourHistogram(space="lab", bins=(4, 6, 6), grid=4, root=True).named_bins.names
    assert len(set(names)) == len(names) == 144


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ((0, 0, 0), "black"),
        ((255, 255, 255), "white"),
        ((128, 128, 128), "grey"),
        ((230, 30, 30), "red"),
        ((20, 30, 120), "dark blue"),
        ((120, 70, 20), "dark brown"),
        ((180, 240, 180), "light green"),
    ],
)
def test_names_of_colours(colour: tuple[int, int, int], name: str) -> None:
    assert colour_name(np.array(colour, np.uint8)) == name
