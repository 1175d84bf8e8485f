"""`python -m imgsearch search`: find the pictures of a gallery that look like a picture."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from time import perf_counter

from imgsearch.commands.terminal import list_unreadable, plain, positive, progress_bar
from imgsearch.gallery.folders import gallery_of_folder
from imgsearch.gallery.persistence import GALLERY_SIDE, Gallery, is_gallery, open_gallery
from imgsearch.images.reading import read_bytes, read_picture
from imgsearch.images.transforms import digest
from imgsearch.methods.registry import method_keys, photo_methods, preferred_key
from imgsearch.search.feedback import Marks
from imgsearch.search.reference import Reference
from imgsearch.search.result import Result
from imgsearch.search.search import search, search_reference


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("gallery", type=Path, help="a gallery, or a plain folder of pictures")
    parser.add_argument(
        "pictures",
        type=Path,
        nargs="+",
        metavar="PICTURE",
        help="a file; or g12 for picture 12 of the gallery, q12 for picture 12 of those that it is tried with",
    )
    keys = method_keys()
    parser.add_argument("--method", choices=keys, help=f"default: {preferred_key(keys)} if the gallery has it")
    parser.add_argument("-k", type=positive, default=10, help="how many matches (default 10)")
    parser.add_argument(
        "--more",
        type=int,
        action="append",
        default=[],
        metavar="NUMBER",
        help="more like this picture of the gallery; repeatable",
    )
    parser.add_argument(
        "--less",
        type=int,
        action="append",
        default=[],
        metavar="NUMBER",
        help="not like this picture of the gallery, which leaves the ranking; repeatable",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a picture, each on a line")


def run(given: argparse.Namespace) -> None:
    """Search with each picture and print the matches."""
    gallery, key = _searchable(given)
    marks = Marks(tuple(given.more), tuple(given.less))
    for path in given.pictures:
        result, decode = _found(gallery, key, path, given.k, marks)
        if given.json:
            _print_json(path, key, result, decode)
        else:
            _print_table(path, result)


def _found(gallery: Gallery, key: str, path: Path, k: int, marks: Marks) -> tuple[Result, float]:
    """The matches of a file, or of a picture that comes with the gallery, and how long reading it took."""
    if Reference.parse(str(path)) is not None and not path.exists():
        return search_reference(gallery, key, Reference.of_gallery(gallery, str(path)), k=k, marks=marks), 0.0
    started = perf_counter()
    content = read_bytes(path)
    picture = read_picture(content, longest=GALLERY_SIDE)
    decode = perf_counter() - started
    return search(gallery, key, picture, k=k, marks=marks, digest=digest(content)), decode


def _searchable(given: argparse.Namespace) -> tuple[Gallery, str]:
    if is_gallery(given.gallery):
        gallery = open_gallery(given.gallery)
        return gallery, given.method or preferred_key(gallery.methods)
    key = given.method or preferred_key(method_keys())
    with progress_bar("indexing") as progress:
        gallery, unreadable = gallery_of_folder(given.gallery, photo_methods([key]), progress=progress)
    list_unreadable(unreadable)
    return gallery, key


def _print_json(path: Path, key: str, result: Result, decode: float) -> None:
    matches = [match.as_json() for match in result.matches]
    seconds = {"decode": decode, **result.seconds}
    note = {"note": result.note} if result.note else {}
    print(json.dumps({"query": str(path), "method": key, "matches": matches, "seconds": seconds, **note}))


def _print_table(path: Path, result: Result) -> None:
    print(f"{plain(str(path))}: {result.method.title}")
    if not result.convincing:
        print("nothing here looks like this; the nearest are")
    if result.note:
        print(result.note)
    for match in result.matches:
        note = "  the same picture" if match.identical else ""
        score = result.method.format_score(match.score)
        print(
            f"{match.rank:4}  {score}  {plain(match.label):14}  {plain(match.name)}"
            f"  closer than {match.closer_than:.2%}{note}"
        )
