"""`python -m imgsearch duplicates`: list the pairs of pictures of a gallery that are almost the same."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from imgsearch.commands.terminal import plain, progress_bar
from imgsearch.gallery.persistence import open_gallery
from imgsearch.search.near_duplicates import near_duplicates


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("gallery", type=Path)
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(given: argparse.Namespace) -> None:
    """Print a line for each pair, those that are most alike first."""
    gallery = open_gallery(given.gallery)
    with progress_bar("near-duplicates") as progress:
        found = near_duplicates(gallery, progress=progress)
    if given.json:
        pairs = [
            {**asdict(pair), "names": [gallery.file_name(index) for index in (pair.first, pair.second)]}
            for pair in found.pairs
        ]
        print(json.dumps({"pictures": gallery.n, "pairs": pairs, "note": found.note}))
        return
    count = len(found.pairs)
    print(f"{count:,} pair{'' if count == 1 else 's'} of {gallery.n:,} pictures almost the same")
    if found.note:
        print(found.note)
    for pair in found.pairs:
        names = "  ".join(f"g{index} {plain(gallery.file_name(index))}" for index in (pair.first, pair.second))
        print(f"{pair.alike:6.1%}  {names}")
