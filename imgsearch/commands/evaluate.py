"""`python -m imgsearch evaluate`: measure the methods on a labelled gallery."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from imgsearch.commands.terminal import progress_bar
from imgsearch.gallery.folders import folder_queries
from imgsearch.gallery.persistence import GalleryError, open_gallery, update_gallery
from imgsearch.methods.registry import method_keys
from imgsearch.search.evaluation import evaluate, merged


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("gallery", type=Path)
    parser.add_argument(
        "--queries",
        metavar="FOLDER_OR_SPLIT",
        help="a folder whose subfolders are labels; 'test' for the gallery's own queries, which is the default where "
        "there are any; 'all' for every picture of the gallery among the others",
    )
    parser.add_argument(
        "--method", choices=method_keys(), action="append", default=[], help="only this one; repeatable"
    )
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--save", action="store_true", help="keep the figures in the gallery, for the page")


def run(given: argparse.Namespace) -> None:
    """Measure, print a table, and keep the figures if asked to."""
    gallery = open_gallery(given.gallery)
    if given.queries in (None, "test"):
        queries = gallery.queries
        if given.queries == "test" and queries is None:
            raise GalleryError(f"The gallery {gallery.title} has no queries of its own: name a folder, or 'all'.")
    else:
        queries = None if given.queries == "all" else folder_queries(given.queries)
    with progress_bar("evaluating") as progress:
        measured = evaluate(gallery, queries, keys=given.method or None, progress=progress)
    if given.save:
        update_gallery(given.gallery, evaluation=merged(gallery.evaluation, measured))
    columns = list(next(iter(measured["methods"].values())))
    print(f"{'':16}" + "".join(f"{column:>8}" for column in columns))
    for key, figures in measured["methods"].items():
        print(f"{key:16}" + "".join(f"{figures[column]:8.4f}" for column in columns))
    if gallery.engine is not None:
        print(f"mAP of the whole ranking needs the vectors here: python -m imgsearch pull {given.gallery} first")
    if given.json:
        print(json.dumps({part: measured[part] for part in ("gallery", "queries", "methods")}))
