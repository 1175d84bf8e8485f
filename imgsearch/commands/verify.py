"""`python -m imgsearch verify`: compare every byte of a gallery with its checksum."""

import argparse
from pathlib import Path

from imgsearch.gallery.persistence import verify_gallery


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("gallery", type=Path)


def run(given: argparse.Namespace) -> None:
    """Print how many pictures are as they were written; an altered file is a `GalleryError`."""
    gallery = verify_gallery(given.gallery)
    print(f"{given.gallery}: {gallery.n} pictures, as they were written")
