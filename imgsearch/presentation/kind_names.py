"""What people call the kind of a picture; galleries keep the names of the folders."""

# Folders of the delivered photographs whose names nobody would say.
_SAID = {
    "flower nature": "wild flower",
    "geothermal": "geothermal power",
    "landscape nature": "landscape",
    "misc object": "other object",
    "misc scene": "other scene",
    "sheep goat": "sheep or goat",
    "solar": "solar power",
    "tool other": "other tool",
}


def kind_name(label: str) -> str:
    """The name of a kind, with a capital: "Flower" for the label "flower", "Big cat" for "big_cat"."""
    plain = label.replace("_", " ")
    said = _SAID.get(plain, plain)
    # Whoever wrote capitals, as in "iPhone", has chosen them.
    return said[:1].upper() + said[1:] if said.islower() else said
