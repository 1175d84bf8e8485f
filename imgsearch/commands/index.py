"""`python -m imgsearch index`: make a gallery of a folder, or bring it up to date."""

import argparse
from pathlib import Path

from imgsearch.commands.terminal import list_unreadable, positive, progress_bar
from imgsearch.gallery.cluster import LOCAL
from imgsearch.gallery.fashion_gallery import build_fashion
from imgsearch.gallery.fashion_mnist import is_fashion
from imgsearch.gallery.gallery import GalleryError
from imgsearch.gallery.indexing import index
from imgsearch.gallery.persistence import engine_of, save_gallery
from imgsearch.methods.registry import fashion_methods, method_keys, photo_methods


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Subfolders become labels. Only what is new is read again. A folder with the four IDX files of Fashion-MNIST "
        "becomes the Fashion gallery."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True, metavar="GALLERY")
    parser.add_argument("--name", default="", help="the name that people read (default: that of GALLERY)")
    parser.add_argument(
        "--method", choices=method_keys(), action="append", default=[], help="only this one; repeatable"
    )
    parser.add_argument("--workers", type=positive, default=2, help="pictures that are read at once (default 2)")
    parser.add_argument(
        "--cluster",
        default="",
        metavar="ADDRESS",
        help=f"describe on the workers of a Dask scheduler, such as tcp://host:8786, or '{LOCAL}' for processes here; "
        "all of its machines must share the drive with FOLDER and GALLERY",
    )


def run(given: argparse.Namespace) -> None:
    """Index the folder and print how many pictures are new, known, gone and unreadable."""
    if is_fashion(given.folder):
        if given.cluster:
            raise GalleryError("Fashion-MNIST is described on this machine, in a minute: leave out --cluster.")
        _index_fashion(given)
        return
    with progress_bar("indexing") as progress:
        report = index(
            given.folder,
            given.out,
            photo_methods(given.method),
            title=given.name,
            workers=given.workers,
            cluster=given.cluster,
            progress=progress,
        )
    list_unreadable(report.unreadable)
    print(
        f"{given.out}: {report.gallery.n} pictures, {report.added} new, {report.kept} known already, "
        f"{report.dropped} gone, {len(report.unreadable)} unreadable"
    )
    _tell_engine(given.out)


def _index_fashion(given: argparse.Namespace) -> None:
    with progress_bar("describing") as progress:
        gallery = build_fashion(fashion_methods(given.method), given.folder, progress=progress)
    save_gallery(gallery, given.out, engine=engine_of(given.out))
    print(f"{given.out}: {gallery.n} pictures")
    _tell_engine(given.out)


def _tell_engine(out: Path) -> None:
    """Say what is still to be done where an engine, which has the vectors of before, searches the gallery."""
    engine = engine_of(out)
    if engine is not None:
        kind = "" if engine.is_exact else f" --index {engine.index}"
        print(f"{out} is searched at {engine.uri}: bring that up to date by push {out} {engine.uri}{kind}")
