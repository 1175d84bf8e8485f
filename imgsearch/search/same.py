"""Is the very same thing in the gallery: a query, a gallery → the pictures that show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import Gallery
from imgsearch.local_features.candidates import VoteIndex
from imgsearch.local_features.features import Features, QueryFeatures, describe_query

if TYPE_CHECKING:
    from imgsearch.local_features.decision import Evidence
    from imgsearch.local_features.geometry import Agreement
    from imgsearch.local_features.likeness import Likeness

SHOWN = 3  # pictures at most that are said to show the very same thing
_LEAST_TO_ALIGN = 0.12  # share that looks alike, with less of which nothing is told however it is laid
_SURELY = 0.65  # share that must look alike for two pictures of the gallery to show the same thing themselves
_BY_KEYPOINTS = 8  # pictures that are compared closely: those with the most votes of keypoints
_BY_CELLS = 6  # and those of which most cells agree, among the ones with the most votes of cells


@dataclass(frozen=True)
class Same:
    """A picture of the gallery that shows the very same thing as the query.

    `outline`, (4, 2), is where the gallery's picture is in the query, from its top left corner around, as shares of the
    query's width and height; it may reach beyond the query. `in_query` and `in_match`, (points, 2), are the points that
    agree, as shares of width and height. `near_copy` is such as "the same picture, cropped"; empty if the query is not
    a copy of the picture but shows its thing.
    """

    index: int
    name: str
    points: int
    outline: NDArray[np.float64]
    in_query: NDArray[np.float64]
    in_match: NDArray[np.float64]
    near_copy: str

    def as_json(self) -> dict[str, Any]:
        """What the command line and a download say of it."""
        return {
            "index": self.index,
            "name": self.name,
            "points": self.points,
            "outline": [[round(x, 4), round(y, 4)] for x, y in self.outline.tolist()],
            "near_copy": self.near_copy,
        }


def find_same(gallery: Gallery, picture: NDArray[np.uint8], *, without: int | None = None) -> tuple[Same, ...]:
    """Find the pictures of a gallery that show the very same thing as a picture, which is not prepared yet.

    The one with the most points comes first, ties by lower index; often there is none. `without` is left out: the
    query itself, where it is a picture of the gallery.
    """
    if gallery.vote_index is None:
        return ()
    # A search in a gallery without local features does without OpenCV, which takes a tenth of a second to load.
    from imgsearch.local_features.decision import is_same

    seen = gallery.prepare(picture)
    query, found = _compared(gallery, seen, without)
    told: list[Same] = []
    for index in sorted(found, key=lambda index: (-found[index].agreed.points, index)):
        if len(told) < SHOWN and is_same(_evidence(gallery, seen, query, index, found)):
            told.append(_told(gallery, seen, query, index, found[index].agreed))
    return tuple(told)


def weighed(gallery: Gallery, picture: NDArray[np.uint8], *, without: int | None = None) -> dict[int, Evidence]:
    """What speaks for each picture that is compared closely, whatever is told of it; see `find_same`."""
    seen = gallery.prepare(picture)
    query, found = _compared(gallery, seen, without)
    return {index: _evidence(gallery, seen, query, index, found) for index in found}


def needs_features(gallery: Gallery) -> str:
    """A sentence with a remedy, if a gallery of photographs was made before this search existed; else empty."""
    if gallery.features is not None or gallery.preprocessing != "photo":
        return ""
    return (
        f"The gallery {gallery.title} was made before the very same thing could be found: run `index` again on its "
        "folder, which adds what is missing."
    )


class _Compared(NamedTuple):
    """A picture of the gallery that agrees with the query in enough points, and in how much of it both look alike."""

    agreed: Agreement
    likeness: Likeness


def _compared(
    gallery: Gallery, seen: NDArray[np.uint8], without: int | None
) -> tuple[QueryFeatures, dict[int, _Compared]]:
    """The features of a query, and the pictures that agree with it, or with its mirror image."""
    from imgsearch.local_features.decision import LEAST_POINTS
    from imgsearch.local_features.geometry import agreements

    votes = gallery.vote_index
    assert votes is not None
    query, mirrored = describe_query(seen)
    found: dict[int, Agreement] = {}
    for index, features in _promising(votes, query, mirrored, without):
        for agreed in agreements(features, votes.table[index], mirrored=features is mirrored):
            if agreed.points >= LEAST_POINTS and (index not in found or agreed.points > found[index].points):
                found[index] = agreed
    return query, {index: _laid(gallery, seen, query, index, agreed) for index, agreed in found.items()}


def _laid(gallery: Gallery, seen: NDArray[np.uint8], query: Features, index: int, agreed: Agreement) -> _Compared:
    """The query laid over a picture: as points say, or more exactly, whichever looks more alike."""
    from imgsearch.local_features.alignment import aligned
    from imgsearch.local_features.likeness import likeness

    assert gallery.features is not None
    kept, features = gallery.picture(index), gallery.features[index]
    first = _Compared(agreed, likeness(seen, kept, agreed, query, features))
    if first.likeness.whole < _LEAST_TO_ALIGN:
        return first
    agreed = aligned(seen, kept, agreed, query, features)
    return max(first, _Compared(agreed, likeness(seen, kept, agreed, query, features)), key=lambda one: one.likeness)


def _promising(
    votes: VoteIndex, plain: QueryFeatures, turned: QueryFeatures, without: int | None
) -> list[tuple[int, QueryFeatures]]:
    """The pictures that are compared closely, each with the query or with its mirror image."""
    from imgsearch.local_features.geometry import agreeing_cells

    voted_for = _most(votes.tally_cells(plain), _n_voted_for(len(votes.table)), without)
    cells = {index: agreeing_cells(plain, votes.table[index]) for index in voted_for}
    promising = [
        *((index, plain) for index in _most(votes.tally(plain), _BY_KEYPOINTS, without)),
        *((index, turned) for index in _most(votes.tally(turned, mirrored=True), _BY_KEYPOINTS, without)),
        *((index, plain) for index in sorted(voted_for, key=lambda index: -cells[index])[:_BY_CELLS] if cells[index]),
    ]
    return list({(index, features is turned): (index, features) for index, features in promising}.values())


def _n_voted_for(n: int) -> int:
    """Of how many pictures out of n the cells are looked at.

    Garments are like each other: the more there are, the more get as many votes as the right one.
    """
    return min(24 + n // 64, 100)


def _most(tally: NDArray[np.float64], most: int, without: int | None) -> list[int]:
    """The pictures with the most votes, if they have any; ties by lower index."""
    if without is not None:
        tally[without] = 0
    best = np.argsort(-tally, kind="stable")[:most]
    return [int(index) for index in best[tally[best] > 0]]


def _told(gallery: Gallery, seen: NDArray[np.uint8], query: Features, index: int, agreed: Agreement) -> Same:
    from imgsearch.local_features.near_copy import near_copy

    assert gallery.features is not None
    kept = gallery.features[index]
    query_size, kept_size = np.array([query.width, query.height]), np.array([kept.width, kept.height])
    return Same(
        index,
        gallery.file_name(index),
        agreed.points,
        agreed.outline / query_size,
        agreed.query / query_size,
        agreed.kept / kept_size,
        near_copy(seen, gallery.picture(index), agreed, query, kept),
    )


def _evidence(
    gallery: Gallery, seen: NDArray[np.uint8], query: Features, index: int, found: Mapping[int, _Compared]
) -> Evidence:
    """What speaks for a picture: points that agree in others of the gallery, too, are of a backdrop.

    Unless these others show the same thing themselves.
    """
    from imgsearch.local_features.backdrop import in_both
    from imgsearch.local_features.decision import LEAST_ALIKE, Evidence
    from imgsearch.local_features.geometry import share_of_query
    from imgsearch.local_features.resemblance import resemblance

    assert gallery.features is not None
    agreed, alike = found[index]
    others = [one.agreed for other, one in found.items() if other != index and not _alike(gallery, index, other, found)]
    own = agreed.points - int(in_both(agreed, others).sum())
    kin = resemblance(seen, agreed, query, gallery.features[index]) if alike.whole >= LEAST_ALIKE else 0.0
    return Evidence(agreed.points, own, alike, kin, share_of_query(agreed, query))


def _alike(gallery: Gallery, index: int, other: int, found: Mapping[int, _Compared]) -> bool:
    """Whether two pictures of the gallery, laid over each other by way of the query, show the same thing themselves."""
    from imgsearch.local_features.backdrop import in_both
    from imgsearch.local_features.likeness import likeness

    agreed, beside = found[index].agreed, found[other].agreed
    if 2 * in_both(agreed, [beside]).sum() < agreed.points:
        return False
    assert gallery.features is not None
    laid = replace(agreed, transform=np.linalg.inv(beside.transform) @ agreed.transform)
    pictures, features = (gallery.picture(other), gallery.picture(index)), gallery.features
    return likeness(*pictures, laid, features[other], features[index]).whole >= _SURELY
