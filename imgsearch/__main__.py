"""`python -m imgsearch`: search, index, evaluate, train."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, perf_counter

from imgsearch.gallery.builder import build_fashion
from imgsearch.gallery.fashion_mnist import DataError, is_fashion
from imgsearch.gallery.folders import folder_queries, gallery_of_folder
from imgsearch.gallery.indexing import index
from imgsearch.gallery.persistence import (
    GALLERY_SIDE,
    Gallery,
    GalleryError,
    is_gallery,
    open_gallery,
    save_gallery,
    update_gallery,
    verify_gallery,
)
from imgsearch.gallery.projection import tsne
from imgsearch.images.reading import PictureError, read_picture
from imgsearch.methods.registry import MethodError, fashion_methods, photo_methods
from imgsearch.search.evaluation import evaluate, merged
from imgsearch.search.search import search

METHODS = ("histogram", "histogram-grid", "siamese")
PREFERRED = "siamese"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns
    -------
    int
        0, or 1 after an error, which is one sentence on standard error.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # A name may have letters that the terminal's encoding has not.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        given = _parser(words).parse_args(words)
        given.run(given)
        # A short output is written only now; at the interpreter's end, nobody could say what went wrong.
        sys.stdout.flush()
    except (GalleryError, MethodError, PictureError, DataError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has seen enough, as in `… | head`. What is still to be flushed goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"error: {error.filename or 'A file'} cannot be used: {error.strerror or error}.", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"error: {error.name} is not installed: pip install -r requirements.txt.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m imgsearch", description="Search pictures with a picture.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("search", help="find the pictures of a gallery that look like a picture")
    command.add_argument("gallery", type=Path, help="a gallery, or a plain folder of pictures")
    command.add_argument("pictures", type=Path, nargs="+", metavar="PICTURE")
    command.add_argument("--method", choices=METHODS, help=f"default: {PREFERRED} if the gallery has it")
    command.add_argument("-k", type=_positive, default=10, help="how many matches (default 10)")
    command.add_argument("--json", action="store_true", help="one JSON object a picture, each on a line")
    command.set_defaults(run=_search)

    command = commands.add_parser(
        "index",
        help="make a gallery of a folder, or bring it up to date",
        description="Subfolders become labels. Only what is new is read again. A folder with the four IDX files of "
        "Fashion-MNIST becomes the Fashion gallery.",
    )
    command.add_argument("folder", type=Path)
    command.add_argument("--out", type=Path, required=True, metavar="GALLERY")
    command.add_argument("--name", default="", help="the name that people read (default: that of GALLERY)")
    command.add_argument("--source", default="", help="where the pictures come from")
    command.add_argument("--licence", default="", help="under which licence they are")
    command.add_argument("--method", choices=METHODS, action="append", default=[], help="only this one; repeatable")
    command.add_argument("--workers", type=_positive, default=2, help="pictures that are read at once (default 2)")
    command.set_defaults(run=_index)

    command = commands.add_parser("evaluate", help="measure the methods on a labelled gallery")
    command.add_argument("gallery", type=Path)
    command.add_argument(
        "--queries",
        metavar="FOLDER_OR_SPLIT",
        help="a folder whose subfolders are labels; 'test' for the gallery's own queries, which is the default where "
        "there are any; 'all' for every picture of the gallery among the others",
    )
    command.add_argument("--method", choices=METHODS, action="append", default=[], help="only this one; repeatable")
    command.add_argument("--json", action="store_true", help="end with one JSON object")
    command.add_argument("--save", action="store_true", help="keep the figures in the gallery, for the page")
    command.set_defaults(run=_evaluate)

    command = commands.add_parser("verify", help="compare every byte of a gallery with its checksum")
    command.add_argument("gallery", type=Path)
    command.set_defaults(run=_verify)

    command = commands.add_parser("train", help="train the network for Fashion-MNIST (needs TensorFlow)")
    if words[:1] == ["train"]:
        # Only here: importing TensorFlow takes seconds.
        from imgsearch.training.fashion.command import add_arguments, run

        add_arguments(command)
        command.set_defaults(run=run)
    return parser


def _search(given: argparse.Namespace) -> None:
    gallery, key = _searchable(given)
    for path in given.pictures:
        started = perf_counter()
        picture = read_picture(path, longest=GALLERY_SIDE)
        decode = perf_counter() - started
        result = search(gallery, key, picture, k=given.k)
        if given.json:
            matches = [
                {
                    "rank": match.rank,
                    "index": match.index,
                    "label": match.label,
                    "name": match.name,
                    "score": match.score,
                }
                for match in result.matches
            ]
            seconds = {"decode": decode, **result.seconds}
            print(json.dumps({"query": str(path), "method": key, "matches": matches, "seconds": seconds}))
            continue
        print(f"{_plain(str(path))}: {result.method.title}")
        if not result.convincing:
            print("nothing here looks like this; the nearest are")
        for match in result.matches:
            note = "  the same picture" if match.identical else ""
            score = result.method.format_score(match.score)
            print(
                f"{match.rank:4}  {score}  {_plain(match.label):14}  {_plain(match.name)}"
                f"  closer than {match.closer_than:.2%}{note}"
            )


def _searchable(given: argparse.Namespace) -> tuple[Gallery, str]:
    if is_gallery(given.gallery):
        gallery = open_gallery(given.gallery)
        return gallery, given.method or (PREFERRED if PREFERRED in gallery.methods else next(iter(gallery.methods)))
    key = given.method or PREFERRED
    with _Progress("indexing") as progress:
        gallery, unreadable = gallery_of_folder(given.gallery, photo_methods([key]), progress=progress.named)
    _list_unreadable(unreadable)
    return gallery, key


def _index(given: argparse.Namespace) -> None:
    if is_fashion(given.folder):
        with _Progress("describing") as progress:
            gallery = build_fashion(fashion_methods(given.method), given.folder, progress=progress)
        with _Progress("laying out the map"):
            save_gallery(
                gallery.with_map_positions(tsne(gallery.search_vectors(next(reversed(gallery.methods))))), given.out
            )
        print(f"{given.out}: {gallery.n} pictures")
        return
    with _Progress("indexing") as progress:
        report = index(
            given.folder,
            given.out,
            photo_methods(given.method),
            title=given.name,
            source=given.source,
            licence=given.licence,
            workers=given.workers,
            progress=progress.named,
        )
    _list_unreadable(report.unreadable)
    print(
        f"{given.out}: {report.gallery.n} pictures, {report.added} new, {report.kept} known already, "
        f"{report.dropped} gone, {len(report.unreadable)} unreadable"
    )


def _evaluate(given: argparse.Namespace) -> None:
    gallery = open_gallery(given.gallery)
    if given.queries in (None, "test"):
        queries = gallery.queries
        if given.queries == "test" and queries is None:
            raise GalleryError(f"The gallery {gallery.title} has no queries of its own: name a folder, or 'all'.")
    else:
        queries = None if given.queries == "all" else folder_queries(given.queries)
    with _Progress("evaluating") as progress:
        measured = evaluate(gallery, queries, keys=given.method or None, progress=progress.stage)
    if given.save:
        update_gallery(given.gallery, evaluation=merged(gallery.evaluation, measured))
    columns = list(next(iter(measured["methods"].values())))
    print(f"{'':16}" + "".join(f"{column:>8}" for column in columns))
    for key, figures in measured["methods"].items():
        print(f"{key:16}" + "".join(f"{figures[column]:8.4f}" for column in columns))
    if given.json:
        print(json.dumps({part: measured[part] for part in ("gallery", "queries", "methods")}))


def _verify(given: argparse.Namespace) -> None:
    gallery = verify_gallery(given.gallery)
    print(f"{given.gallery}: {gallery.n} pictures, as they were written")


def _list_unreadable(unreadable: Sequence[tuple[str, str]]) -> None:
    for name, reason in unreadable:
        print(f"skipped {_plain(name)}: {reason}", file=sys.stderr)


def _plain(text: str) -> str:
    """Text from a file name without what would steer a terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


class _Progress:
    """A line on standard error with a bar, the count and the time left; nothing where nobody looks."""

    _WIDTH = 30
    _EVERY = 0.1

    def __init__(self, what: str) -> None:
        self._what = what
        self._started = monotonic()
        self._shown = 0.0
        self._visible = sys.stderr.isatty()

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._visible and self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def __call__(self, done: int, total: int | None) -> None:
        self._show(self._what, done, total, "")

    def named(self, done: int, total: int, name: str) -> None:
        self._show(self._what, done, total, name)

    def stage(self, what: str, done: int, total: int) -> None:
        self._show(f"{self._what} {what}", done, total, "")

    def _show(self, what: str, done: int, total: int | None, name: str) -> None:
        now = monotonic()
        if not self._visible or (now - self._shown < self._EVERY and done != total):
            return
        self._shown = now
        if total is None:
            print(f"\r\x1b[K{what} {done:,}", end="", file=sys.stderr, flush=True)
            return
        filled = self._WIDTH * done // max(total, 1)
        left = (now - self._started) / max(done, 1) * (total - done)
        bar = "█" * filled + "·" * (self._WIDTH - filled)
        tail = _plain(name)[-40:]
        line = f"\r\x1b[K{what} {bar} {done:,}/{total:,}  {left:.0f} s left  {tail}"
        print(line, end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
