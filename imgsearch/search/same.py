"""Is the very same thing in the gallery: a query, a gallery → the pictures that show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import Gallery
from imgsearch.local_features.candidates import VoteIndex
from imgsearch.local_features.features import Features, QueryFeatures, describe_query

if TYPE_CHECKING:
    from imgsearch.local_features.decision import Evidence
    from imgsearch.local_features.geometry import Agreement

SHOWN = 3  # pictures at most that are said to show the very same thing
_SURELY = 0.65  # share that must look alike for two pictures of the gallery to show the same thing themselves
_BY_KEYPOINTS, _BY_CELLS = 8, 12  # pictures that are compared closely: those with the most votes of either kind


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
    votes = gallery.vote_index
    if votes is None:
        return ()
    # A search in a gallery without local features does without OpenCV, which takes a tenth of a second to load.
    from imgsearch.local_features.decision import is_same

    seen = gallery.prepare(picture)
    query, mirrored = describe_query(seen)
    found = _agreeing(votes, query, mirrored, without)
    told: list[Same] = []
    for index in sorted(found, key=lambda index: (-found[index].points, index)):
        if len(told) < SHOWN and is_same(_evidence(gallery, seen, query, index, found)):
            told.append(_told(gallery, seen, query, index, found[index]))
    return tuple(told)


def weighed(gallery: Gallery, picture: NDArray[np.uint8], *, without: int | None = None) -> dict[int, Evidence]:
    """What speaks for each picture that is compared closely, whatever is told of it; see `find_same`."""
    assert gallery.vote_index is not None
    seen = gallery.prepare(picture)
    query, mirrored = describe_query(seen)
    found = _agreeing(gallery.vote_index, query, mirrored, without)
    return {index: _evidence(gallery, seen, query, index, found) for index in found}


def needs_features(gallery: Gallery) -> str:
    """A sentence with a remedy, if a gallery of photographs was made before this search existed; else empty."""
    if gallery.features is not None or gallery.preprocessing != "photo":
        return ""
    return (
        f"The gallery {gallery.title} was made before the very same thing could be found: run `index` again on its "
        "folder, which adds what is missing."
    )


def _agreeing(
    votes: VoteIndex, query: QueryFeatures, mirrored: QueryFeatures, without: int | None
) -> dict[int, Agreement]:
    """The pictures that agree with a query, or with its mirror image, in enough points."""
    from imgsearch.local_features.decision import LEAST_POINTS
    from imgsearch.local_features.geometry import agreements

    found: dict[int, Agreement] = {}
    for index, features in _promising(votes, query, mirrored, without):
        for agreed in agreements(features, votes.table[index], mirrored=features is mirrored):
            if agreed.points >= LEAST_POINTS and (index not in found or agreed.points > found[index].points):
                found[index] = agreed
    return found


def _promising(
    votes: VoteIndex, plain: QueryFeatures, turned: QueryFeatures, without: int | None
) -> list[tuple[int, QueryFeatures]]:
    """The pictures that are compared closely, each with the query or with its mirror image."""
    tallies = [
        (plain, votes.tally(plain), _BY_KEYPOINTS),
        (turned, votes.tally(turned, mirrored=True), _BY_KEYPOINTS),
        (plain, votes.tally_cells(plain), _BY_CELLS),
    ]
    promising: dict[tuple[int, bool], QueryFeatures] = {}
    for features, tally, most in tallies:
        if without is not None:
            tally[without] = 0
        best = np.argsort(-tally, kind="stable")[:most]
        promising |= {(index, features is turned): features for index in best[tally[best] > 0].tolist()}
    return [(index, features) for (index, _), features in promising.items()]


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
    gallery: Gallery, seen: NDArray[np.uint8], query: Features, index: int, found: Mapping[int, Agreement]
) -> Evidence:
    """What speaks for a picture: points that agree in others of the gallery, too, are of a backdrop.

    Unless these others show the same thing themselves.
    """
    from imgsearch.local_features.backdrop import in_both
    from imgsearch.local_features.decision import LEAST_ALIKE, Evidence
    from imgsearch.local_features.likeness import likeness
    from imgsearch.local_features.resemblance import resemblance

    assert gallery.features is not None
    agreed, kept = found[index], gallery.features[index]
    others = [one for other, one in found.items() if other != index and not _alike(gallery, index, other, found)]
    own = agreed.points - int(in_both(agreed, others).sum())
    alike = likeness(seen, gallery.picture(index), agreed, query, kept)
    kin = resemblance(seen, agreed, query, kept) if alike.whole >= LEAST_ALIKE else 0.0
    return Evidence(agreed.points, own, alike, kin)


def _alike(gallery: Gallery, index: int, other: int, found: Mapping[int, Agreement]) -> bool:
    """Whether two pictures of the gallery, laid over each other by way of the query, show the same thing themselves."""
    from imgsearch.local_features.backdrop import in_both
    from imgsearch.local_features.likeness import likeness

    agreed = found[index]
    if 2 * in_both(agreed, [found[other]]).sum() < agreed.points:
        return False
    assert gallery.features is not None
    laid = replace(agreed, transform=np.linalg.inv(found[other].transform) @ agreed.transform)
    pictures, features = (gallery.picture(other), gallery.picture(index)), gallery.features
    return likeness(*pictures, laid, features[other], features[index]).whole >= _SURELY
