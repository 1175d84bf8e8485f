"""`python -m imgsearch pull`: search a gallery's vectors on this machine again."""

import argparse
from pathlib import Path

from imgsearch.gallery.persistence import set_engine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("gallery", type=Path)


def run(given: argparse.Namespace) -> None:
    """Take the engine out of the gallery, which has all its vectors; the engine is not asked."""
    set_engine(given.gallery, None)
    print(f"{given.gallery} is searched here from now on; what the engine holds stays there")
