"""Which photographs the garment head learns from, and which it is measured with."""

from __future__ import annotations

from imgsearch.training.photos.garment_kinds import held_out

NAMES = [f"garments/{folder}/{i:03}.jpg" for folder in ("hat", "pants", "shoes") for i in range(30)]
PHOTOS = [f"photos/{category}/{i}.webp" for category in "abcdefghijk" for i in range(3)]


def test_whole_categories_and_a_tenth_of_the_garments_are_held_out() -> None:
    left = held_out(NAMES, PHOTOS)
    assert {name.split("/")[1] for name in left if name.startswith("photos")} == {"e", "j"}
    assert sum(name.startswith("photos") for name in left) == 6
    assert [name for name in left if name.startswith("garments")] == [
        name for name in NAMES if "hat" not in name and name.endswith("9.jpg")
    ]
