"""`python -m imgsearch search`: find the pictures of a gallery that look like a picture, or that a word means."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from imgsearch.commands.terminal import list_unreadable, plain, positive, progress_bar
from imgsearch.gallery.fashion_mnist import FASHION_LABELS
from imgsearch.gallery.folders import gallery_of_folder
from imgsearch.gallery.gallery import GALLERY_SIDE, Gallery
from imgsearch.gallery.persistence import is_gallery, open_gallery
from imgsearch.images.reading import read_bytes, read_picture
from imgsearch.images.transforms import digest
from imgsearch.methods.garment_head import likeliest
from imgsearch.methods.registry import method_keys, photo_methods, preferred_key
from imgsearch.search.feedback import Marks
from imgsearch.search.filtering import Filter
from imgsearch.search.gallery_words import vocabulary_of
from imgsearch.search.lookup import look_up
from imgsearch.search.reference import Reference
from imgsearch.search.result import Result
from imgsearch.search.same import Same, find_same, needs_features
from imgsearch.search.search import search, search_reference
from imgsearch.search.vocabulary import KEY, WordsError
from imgsearch.search.words import WordResult, search_word


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("gallery", type=Path, help="a gallery, or a plain folder of pictures")
    parser.add_argument(
        "pictures",
        type=Path,
        nargs="*",
        metavar="PICTURE",
        help="a file; or g12 for picture 12 of the gallery, q12 for picture 12 of those that it is tried with",
    )
    parser.add_argument("--word", action="append", default=[], help="a word instead of a picture; repeatable")
    keys = method_keys()
    parser.add_argument("--method", choices=keys, help=f"default: {preferred_key(keys)} if the gallery has it")
    parser.add_argument("-k", type=positive, default=10, help="how many matches (default 10)")
    for name, what in (("--more", "more like"), ("--less", "leave out, and be less like,")):
        what += " this picture of the gallery; repeatable"
        parser.add_argument(name, type=int, action="append", default=[], metavar="NUMBER", help=what)
    for option, what in (("--only", "only pictures of this kind"), ("--without", "no pictures of this kind")):
        parser.add_argument(option, action="append", default=[], metavar="KIND", help=f"{what}; repeatable")
    parser.add_argument("--hide-query", action="store_true", help="leave out pictures that are the query itself")
    parser.add_argument("--json", action="store_true", help="one JSON object a picture, each on a line")


def run(given: argparse.Namespace) -> None:
    """Search with each word and each picture, and print the matches."""
    if not given.pictures and not given.word:
        raise WordsError("There is nothing to search with: name a picture, or a word with --word.")
    gallery, key = _searchable(given)
    marks = Marks(tuple(given.more), tuple(given.less))
    shown = Filter.of(gallery, only=given.only, without=given.without, hide_query=given.hide_query)
    for word in given.word:
        _search_word(gallery, word, marks, shown, given)
    for path in given.pictures:
        result, decode, same = _found(gallery, key, path, given.k, marks, shown)
        if given.json:
            _print_json(str(path), result, same, decode=decode)
        else:
            _print_table(gallery, str(path), result)
            for one in same:
                if one.index not in result.copies:
                    copy = f", {one.near_copy}" if one.near_copy else ""
                    print(f"{plain(str(path))}: found it: {plain(one.name)}, {one.points} points agree{copy}")


def _search_word(gallery: Gallery, text: str, marks: Marks, shown: Filter, given: argparse.Namespace) -> None:
    if given.method not in (None, KEY):
        raise WordsError("A histogram knows no words: leave out --method, or say --method siamese.")
    vocabulary = vocabulary_of(gallery)
    found = look_up(vocabulary, text)
    result = search_word(gallery, vocabulary, found.word, k=given.k, marks=marks, shown=shown)
    if given.json:
        _print_json(text, result, None)
        return
    if found.note:
        print(plain(found.note))
    called = f"{found.name} ({found.word.title})" if found.name != found.word.title else found.name
    _print_table(gallery, called, result)


def _found(
    gallery: Gallery, key: str, path: Path, k: int, marks: Marks, shown: Filter
) -> tuple[Result, float, tuple[Same, ...]]:
    """The matches of a file or a picture of the gallery, how long reading it took, and what shows the very same."""
    if Reference.parse(str(path)) is not None and not path.exists():
        reference = Reference.of_gallery(gallery, str(path))
        result = search_reference(gallery, key, reference, k=k, marks=marks, shown=shown)
        if reference.kind == "g":
            return result, 0.0, find_same(gallery, gallery.picture(reference.index), without=reference.index)
        return result, 0.0, ()
    started = perf_counter()
    content = read_bytes(path)
    picture = read_picture(content, longest=GALLERY_SIDE)
    decode = perf_counter() - started
    result = search(gallery, key, picture, k=k, marks=marks, shown=shown, digest=digest(content))
    return result, decode, find_same(gallery, picture)


def _searchable(given: argparse.Namespace) -> tuple[Gallery, str]:
    if is_gallery(given.gallery):
        gallery = open_gallery(given.gallery)
        if needs_features(gallery):
            print(f"note: {needs_features(gallery)}", file=sys.stderr)
        return gallery, given.method or preferred_key(gallery.methods)
    key = given.method or preferred_key(method_keys())
    with progress_bar("indexing") as progress:
        gallery, unreadable = gallery_of_folder(given.gallery, photo_methods([key]), progress=progress)
    list_unreadable(unreadable)
    return gallery, key


def _print_json(query: str, result: Result, same: Sequence[Same] | None, **seconds: float) -> None:
    matches = [match.as_json() for match in result.matches]
    said: dict[str, object] = {"query": query, "method": result.method.key}
    said |= {"convincing": result.convincing, "doubt": result.doubt}
    if isinstance(result, WordResult):
        said["word"] = result.word.title
    if result.guess is not None:
        said["garment"] = {"probability": result.guess.garment, "kinds": likeliest(result.guess, FASHION_LABELS)}
    if result.filter:
        said["filter"] = {**result.filter.as_json(), "passing": result.passing}
    if result.note:
        said["note"] = result.note
    if same is not None:
        said["same"] = [one.as_json() for one in same]
    print(json.dumps({**said, "matches": matches, "seconds": {**seconds, **result.seconds}}))


def _print_table(gallery: Gallery, query: str, result: Result) -> None:
    print(f"{plain(query)}: {result.method.title}")
    if result.filter:
        print(plain(result.filter.sentence(result.passing, gallery.n)))
    if result.guess is not None:
        kinds = ", ".join(f"{name} {share:.0%}" for name, share in likeliest(result.guess, FASHION_LABELS).items())
        print(f"a garment: {result.guess.garment:.1%}; if it is one: {kinds}")
    if result.doubt == "nothing":
        print(f"nothing {'left' if result.filter else 'here'} looks like this; the nearest are")
    elif result.doubt == "unsure":
        print("no confident match; the nearest are")
    if result.note:
        print(result.note)
    for match in result.matches:
        note = "  the same picture" if match.identical else ""
        score = result.method.format_score(match.score)
        print(
            f"{match.rank:4}  {score}  {plain(match.label):14}  {plain(match.name)}"
            f"  closer than {match.closer_than:.2%}{note}"
        )
