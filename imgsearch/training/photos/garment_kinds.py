"""What a photograph of a garment is right to find in the Fashion gallery, and which photographs a head learns from."""

from collections.abc import Mapping, Sequence

# Folder of the garments → the kinds that are right for it.
RIGHT: Mapping[str, tuple[str, ...]] = {
    "pants": ("Trouser",),
    "dress": ("Dress",),
    "t-shirt": ("T-shirt/top",),
    "longsleeve": ("Pullover", "T-shirt/top", "Shirt"),
    "shirt": ("Shirt", "T-shirt/top"),
    "outwear": ("Coat", "Pullover"),
    "shoes": ("Sneaker", "Ankle boot", "Sandal"),
}


def held_out(garments: Sequence[str], photographs: Sequence[str]) -> list[str]:
    """Names of what the delivered head never learns from, so that a test can tell what it is worth.

    Every tenth photograph of a garment, and of the other photographs every fifth category.
    """
    worn = [name for name in sorted(garments) if name.split("/")[-2] in RIGHT]
    categories = sorted({name.split("/")[-2] for name in photographs})[4::5]
    return [*worn[9::10], *(name for name in sorted(photographs) if name.split("/")[-2] in categories)]
