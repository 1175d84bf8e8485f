"""`python -m imgsearch name`: say what pictures show."""

import argparse
import json
from pathlib import Path

from imgsearch.commands.terminal import plain
from imgsearch.gallery.gallery import GALLERY_SIDE
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import fit
from imgsearch.methods.registry import photo_methods
from imgsearch.search.gallery_words import photo_words
from imgsearch.search.naming import Named, name
from imgsearch.search.vocabulary import KEY


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pictures", type=Path, nargs="+", metavar="PICTURE")
    parser.add_argument("--json", action="store_true", help="one JSON object a picture, each on a line")


def run(given: argparse.Namespace) -> None:
    """Print a line for each picture: the word that is sure, and guesses."""
    (network,) = photo_methods([KEY])
    vocabulary = photo_words(network.fingerprint)
    for path in given.pictures:
        picture = fit(read_picture(path, longest=GALLERY_SIDE), GALLERY_SIDE)
        named = name(vocabulary, network.describe(picture))
        if given.json:
            names = [{"name": each.word.title, "share": each.share, "sure": each.sure} for each in named]
            print(json.dumps({"picture": str(path), "names": names}))
        else:
            print(f"{plain(str(path))}: {sentence(named)}")


def sentence(named: list[Named]) -> str:
    """Words for a picture with their shares, as a person reads them."""
    said = [f"{each.word.title} ({each.share:.0%})" for each in named if each.sure]
    guessed = [f"{each.word.title} ({each.share:.0%})" for each in named if not each.sure]
    if not guessed:
        return said[0] if said else "no word for this"
    perhaps = f"perhaps {' or '.join(guessed)}"
    return f"{said[0]}, {perhaps}" if said else f"not sure, {perhaps}"
