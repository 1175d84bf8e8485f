"""`python -m imgsearch evaluate`: measure the methods on a labelled gallery."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from imgsearch.commands.terminal import plain, progress_bar
from imgsearch.gallery.folders import folder_queries
from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.gallery.persistence import open_gallery, update_gallery
from imgsearch.methods.registry import method_keys
from imgsearch.search.evaluation import evaluate, merged
from imgsearch.search.gallery_words import vocabulary_of
from imgsearch.search.same_evaluation import evaluate_same
from imgsearch.search.word_evaluation import evaluate_words, words_of_labels


def add_arguments(parser: argparse.ArgumentParser) -> None:
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
    parser.add_argument(
        "--words",
        nargs="?",
        const=Path(),
        type=Path,
        metavar="FILE",
        help="measure words instead: what typing a label finds, and what pictures are called; FILE says which words "
        "the labels are, without it their own names are typed",
    )
    parser.add_argument(
        "--same",
        action="store_true",
        help="measure instead how often the very same thing is found on slanted, half hidden prints of the gallery's "
        "pictures, and how often one is told where there is none",
    )
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--save", action="store_true", help="keep the figures in the gallery, for the page")


def run(given: argparse.Namespace) -> None:
    """Measure, print a table, and keep the figures if asked to."""
    gallery = open_gallery(given.gallery)
    if given.words is not None:
        _measure_words(gallery, given)
        return
    if given.same:
        _run_same(gallery, given.json)
        return
    if given.queries in (None, "test"):
        queries = gallery.queries
        if given.queries == "test" and queries is None:
            raise GalleryError(f"The gallery {gallery.title} has no queries of its own: name a folder, or 'all'.")
    else:
        queries = None if given.queries == "all" else folder_queries(Path(given.queries))
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
    _print_warnings(measured["judgement"])
    if given.json:
        print(json.dumps({part: measured[part] for part in ("gallery", "queries", "methods", "judgement")}))


def _print_warnings(judgement: dict[str, dict[str, float] | None]) -> None:
    print("\nwarned of: first matches that are right, and best matches of pictures whose kind is left out")
    for key, limits in judgement.items():
        if limits is None:
            print(f"{key:16}not judged: the first match is wrong too often, or there are too few to tell")
        else:
            print(f"{key:16}{limits['right_warned']:8.2%}{limits['absent_warned']:8.1%}")


def _measure_words(gallery: Gallery, given: argparse.Namespace) -> None:
    vocabulary = vocabulary_of(gallery)
    labels = words_of_labels(gallery, vocabulary, None if given.words == Path() else given.words)
    figures = evaluate_words(gallery, vocabulary, labels)
    count = len(figures.precision)
    print(f"{'label':22}{'word':22}precision  same label only")
    for label, precision in figures.precision.items():
        print(f"{plain(label):22}{plain(labels[label].word or ''):22}{precision:9.2f}{figures.same_label[label]:17.2f}")
    if count:
        means = [sum(each.values()) / count for each in (figures.precision, figures.same_label)]
        print(f"{f'mean of {count}':44}{means[0]:9.3f}{means[1]:17.3f}")
    print(f"no word for {len(figures.without)}: {', '.join(map(plain, figures.without)) or 'none'}")
    if figures.said:
        print(
            f"naming: {figures.said} of {figures.judged} pictures get a word ({figures.said / figures.judged:.3f}), "
            f"{figures.right} of those the right one ({figures.right / figures.said:.3f})"
        )
    if given.json:
        print(json.dumps(asdict(figures)))


def _run_same(gallery: Gallery, as_json: bool) -> None:
    with progress_bar("evaluating") as progress:
        measured = evaluate_same(gallery, progress=progress)
    print(f"{measured['slants']} slants among {measured['gallery']:,}: found {measured['found']:.4f}, ", end="")
    print(f"first {measured['found_first']:.4f}, {1000 * measured['median_seconds']:.0f} ms at the median")
    print(f"{measured['left_out']} left out: one was told for {measured['told']:.4f}")
    for query, told, points in measured["pairs"]:
        print(f"{points:5} points  {plain(query)}  {plain(told)}")
    if as_json:
        print(json.dumps(measured))
