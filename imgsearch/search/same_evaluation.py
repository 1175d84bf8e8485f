"""How often the very same thing is found, and how often one is told where there is none."""

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from imgsearch import Progress
from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.search.same import find_same, needs_features
from imgsearch.search.slants import Slant, slant

N_SLANTS = 300
N_LEFT_OUT = 1200


def is_held_out(name: str) -> bool:
    """Whether the codebook may not be learned from a picture of that file name: about half of all."""
    return hashlib.sha256(name.encode(errors="surrogateescape")).digest()[0] % 2 == 0


def evaluate_same(gallery: Gallery, *, progress: Progress | None = None) -> dict[str, Any]:
    """Measure the search for the very same thing on a gallery's own pictures; GalleryError if it cannot be.

    Slanted prints of held-out pictures are searched for, and then pictures among all others: whatever is told of
    these is listed, to be looked at.

    Returns
    -------
    dict
        `found`, the share of the slants whose picture is among those told, and `found_first`; `told`, the share of
        the pictures left out for which any was told, with the `pairs`; `median_seconds` of one search.
    """
    if needs_features(gallery) or gallery.features is None:
        raise GalleryError(needs_features(gallery) or f"The gallery {gallery.title} has no local features.")
    if gallery.n < 3:
        raise GalleryError("Slants need at least three pictures: one, one behind it and one before it.")
    random = np.random.default_rng(0)
    held_out = [i for i in range(gallery.n) if is_held_out(PurePosixPath(gallery.file_name(i)).name)]
    things = np.sort(random.choice(held_out, min(N_SLANTS, len(held_out)), replace=False)).tolist()
    left_out = np.sort(random.choice(gallery.n, min(N_LEFT_OUT, gallery.n), replace=False)).tolist()
    total = len(things) + len(left_out)
    seconds: list[float] = []
    ranks = []
    missed = []
    for done, index in enumerate(things, start=1):
        ranks.append(_rank_of_slant(gallery, index, seconds))
        if ranks[-1] is None:
            missed.append(gallery.file_name(index))
        if progress:
            progress(done, total, "slants")
    pairs = []
    for done, index in enumerate(left_out, start=len(things) + 1):
        told = find_same(gallery, gallery.picture(index), without=index)
        pairs += [(gallery.file_name(index), same.name, same.points) for same in told[:1]]
        if progress:
            progress(done, total, "left out")
    return {
        "gallery": gallery.n,
        "slants": len(things),
        "found": _share(ranks, range(1, gallery.n)),
        "found_first": _share(ranks, (1,)),
        "missed": missed,
        "left_out": len(left_out),
        "told": len(pairs) / max(len(left_out), 1),
        "pairs": pairs,
        "median_seconds": median(seconds) if seconds else 0.0,
    }


def slant_of(gallery: Gallery, index: int) -> tuple[Slant, tuple[int, int]]:
    """A slanted print of a picture, and the pictures of the gallery that lie behind and before it."""
    random = np.random.default_rng([0, index])
    behind, before = (int(i) for i in random.choice([i for i in range(gallery.n) if i != index], 2, replace=False))
    print_ = slant(gallery.picture(index), gallery.picture(behind), gallery.picture(before), random)
    return print_, (behind, before)


def _rank_of_slant(gallery: Gallery, index: int, seconds: list[float]) -> int | None:
    """Where a slanted print of a picture finds that picture among the told, which it lies on or behind left aside."""
    print_, beside = slant_of(gallery, index)
    started = perf_counter()
    told = find_same(gallery, print_.picture)
    seconds.append(perf_counter() - started)
    others = [same.index for same in told if same.index not in beside]
    return others.index(index) + 1 if index in others else None


def _share(ranks: Sequence[int | None], wanted: Sequence[int]) -> float:
    return sum(rank in wanted for rank in ranks) / max(len(ranks), 1)
