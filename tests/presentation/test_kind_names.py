"""Kinds are called as people call them."""

import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.presentation.kind_names import kind_name


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("flower", "Flower"),
        ("big_cat", "Big cat"),
        ("landscape_nature", "Landscape"),
        ("sheep goat", "Sheep or goat"),
        ("T-shirt/top", "T-shirt/top"),
        ("ürün", "Ürün"),
        ("iPhone", "iPhone"),
        ("", ""),
    ],
)
def test_a_kind_is_named_with_a_capital(label: str, said: str) -> None:
    assert kind_name(label) == said


@pytest.mark.parametrize("gallery", ["photos", "fashion"])
def test_no_two_kinds_of_a_delivered_gallery_have_one_name(gallery: str) -> None:
    labels = open_gallery(ASSETS / "galleries" / gallery).label_names
    names = [kind_name(label) for label in labels]
    assert len(set(names)) == len(labels)
    assert not [name for name in names if "misc" in name.lower() or "nature" in name or "_" in name]
