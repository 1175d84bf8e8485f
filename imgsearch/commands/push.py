"""`python -m imgsearch push`: load a gallery's vectors into a search engine, which searches them from then on."""

import argparse
from dataclasses import replace
from pathlib import Path

from imgsearch.commands.terminal import progress_bar
from imgsearch.gallery.persistence import open_gallery, set_engine
from imgsearch.gallery.pushing import push
from imgsearch.ranking.engine import FLAT, INDEX_TYPES, TOKEN, Engine

DESCRIPTION = (
    "Load a gallery's vectors into Milvus, one collection a method; run it again to go on or to bring it up to date. "
    f"The pictures stay where they are. A token comes from ${TOKEN}."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = DESCRIPTION
    parser.add_argument("gallery", type=Path)
    parser.add_argument("uri", help="a file such as vectors.db, or http://host:19530, or https://host")
    parser.add_argument(
        "--index", choices=INDEX_TYPES, default=FLAT, help="exact (FLAT, the default), or approximate and faster"
    )


def run(given: argparse.Namespace) -> None:
    """Push every method, say what was done, and write the engine into the gallery."""
    engine = Engine.at(given.uri, given.index)
    gallery = open_gallery(given.gallery)
    recall = {}
    for key in gallery.methods:
        with progress_bar(f"pushing {key}") as progress:
            pushed = push(gallery, key, engine, progress)
        measured = "" if pushed.recall is None else f", recall@10 {pushed.recall:.3f}"
        print(f"{key}: {pushed.written} vectors written, {pushed.kept} there already{measured}")
        if pushed.recall is not None:
            recall[key] = pushed.recall
    set_engine(given.gallery, replace(engine, recall=recall))
    print(f"{given.gallery} is searched at {engine.uri} from now on; python -m imgsearch pull goes back")
