"""``python -m imgsearch.training.local_features.decision --data DATA``: learn what `local_features.decision` weighs.

From slanted prints of pictures, and from pictures of which no copy is there, among all that there are; none of them is
one that `evaluate --same` searches with. Prints the weights.
"""

import argparse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from imgsearch.gallery.builder import GalleryBuilder, describe_file
from imgsearch.gallery.folders import list_pictures
from imgsearch.gallery.gallery import Gallery
from imgsearch.images.transforms import Picture
from imgsearch.local_features.decision import LEAST_ALIKE, Evidence
from imgsearch.local_features.geometry import moved
from imgsearch.methods.registry import photo_methods
from imgsearch.search.same import weighed
from imgsearch.search.same_evaluation import is_held_out, slant_of
from imgsearch.search.slants import Slant
from imgsearch.training.local_features.pictures import FOLDERS

_SLANTS, _LEFT_OUT = 350, 600  # pictures of each folder, at most
_SHOW_THE_SAME = [
    {"shorts/2047.jpg", "skirt/2202.jpg"},
    {"longsleeve/0452.jpg", "longsleeve/0541.jpg"},
    {"hat/0300.jpg", "hat/0281.jpg"},
]
"""Garments that are there twice: the pairs that a first fit took for the same were looked at."""

_CUT = 0.15
_PENALTY = 1.0
_STEPS = 25


def main() -> None:
    """Learn, and print the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with photos/ and garments/")
    gallery = _gallery(parser.parse_args().data)
    found = tqdm(_examples(gallery), unit=" pairs")
    examples = [(evidence, same) for evidence, same in found if evidence.likeness.whole >= LEAST_ALIKE]
    values = np.array([evidence.as_vector() for evidence, _ in examples])
    is_same = np.array([same for _, same in examples])
    bias, weights = logistic_regression(values, is_same)
    print(f"{len(examples):,} pairs, of {is_same.sum():,} the same")
    print(f"_BIAS = {bias:.3f}\n_WEIGHTS = np.array({np.round(weights, 3).tolist()})")


def logistic_regression(values: NDArray[np.float64], truth: NDArray[np.bool_]) -> tuple[float, NDArray[np.float64]]:
    """Bias and weights, (d,), that tell from (m, d) values what is true, by Newton's method and a light ridge."""
    means, spreads = values.mean(0), values.std(0)
    scaled = np.column_stack([np.ones(len(values)), (values - means) / spreads])
    ridge = _PENALTY * np.diag([0.0, *np.ones(len(means))])
    solution = np.zeros(scaled.shape[1])
    for _ in range(_STEPS):
        probable = 1 / (1 + np.exp(-scaled @ solution))
        curvature = (scaled * (probable * (1 - probable))[:, None]).T @ scaled + ridge
        solution += np.linalg.solve(curvature, scaled.T @ (truth - probable) - ridge @ solution)
    weights = solution[1:] / spreads
    return float(solution[0] - weights @ means), weights


def _gallery(data: Path) -> Gallery:
    builder = GalleryBuilder(photo_methods(["histogram"]))
    names = [f"{folder}/{name}" for folder in FOLDERS for name in list_pictures(data / folder)]
    with ThreadPoolExecutor(2) as pool:
        pictures = pool.map(lambda name: describe_file((data / name).read_bytes(), builder.methods), names)
        for name, described in zip(names, tqdm(pictures, total=len(names), unit=" pictures"), strict=True):
            builder.add(name, described)
    return builder.finish(name="all", mapped=False)


def _examples(gallery: Gallery) -> Iterator[tuple[Evidence, bool]]:
    """Pairs of pictures that agree in some points, and whether they show the very same thing."""
    for folder in FOLDERS:
        learned = [
            index
            for index in range(gallery.n)
            if gallery.file_name(index).startswith(f"{folder}/")
            and not is_held_out(PurePosixPath(gallery.file_name(index)).name)
        ]
        chosen = np.random.default_rng(0).permutation(learned).tolist()
        for number, index in enumerate(chosen[:_SLANTS]):
            print_, beside = slant_of(gallery, index)
            query = varied(print_, gallery.picture(index), number)
            for other, evidence in weighed(gallery, query).items():
                if other not in beside and not _twice(gallery, index, other):
                    yield evidence, other == index
        for index in chosen[:_LEFT_OUT]:
            for other, evidence in weighed(gallery, gallery.picture(index), without=index).items():
                # Two photographs of one castle or planet may well show the same; two dresses are two dresses.
                told_apart = folder == "garments" or gallery.label(other) != gallery.label(index)
                if told_apart and not _twice(gallery, index, other):
                    yield evidence, False


def _twice(gallery: Gallery, *pair: int) -> bool:
    return {gallery.file_name(index).removeprefix("garments/") for index in pair} in _SHOW_THE_SAME


def varied(print_: Slant, flat: Picture, number: int) -> Picture:
    """One of eight turned by 90° and one mirrored, where cells say nothing; one taken from near, and one from nearer.

    Without these two, it would be learned that whatever fills a picture is not the same.
    """
    whole = print_.picture
    changed = {
        0: np.rot90(whole),
        2: _of_print(print_, flat, 0.0),
        4: whole[:, ::-1],
        6: _of_print(print_, flat, _CUT),
    }
    return np.ascontiguousarray(changed.get(number % 8, whole))


def _of_print(print_: Slant, flat: Picture, cut: float) -> Picture:
    """The part of a picture that a print takes, without a share `cut` of the print at each side."""
    height, width = flat.shape[:2]
    inside = np.array([(x, y) for x in (cut, 1 - cut) for y in (cut, 1 - cut)]) * (width, height)
    outline = moved(inside, print_.homography)
    (left, top), (right, bottom) = np.floor(outline.min(0)).clip(0).astype(int), np.ceil(outline.max(0)).astype(int)
    return print_.picture[top:bottom, left:right]


if __name__ == "__main__":
    main()
