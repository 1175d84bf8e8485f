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
    from imgsearch.local_features.geometry import Agreement

SHOWN = 3  # pictures at most that are said to show the very same thing
_LEAST_POINTS = 8  # points that must agree
_LEAST_LIKENESS, _LEAST_IF_FEW = 0.42, 0.5
_LEAST_TEXTURE_IF_FEW = 0.4
_FEW_POINTS = 25
"""Share of the picture, as far as the query reaches, in which both look alike; where few points agree, more is asked,
and a share of what has texture, too."""

_SURELY = 0.65  # share from which on it cannot be the backdrop alone
_COMPARED = 16  # pictures that are compared closely: those with the most votes


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
    from imgsearch.local_features.geometry import agreement

    seen = gallery.prepare(picture)
    plain, turned = describe_query(seen)
    found: dict[int, Agreement] = {}
    for index, query in _promising(votes, plain, turned, without):
        agreed = agreement(query, votes.table[index], mirrored=query is turned)
        if agreed is not None and (index not in found or agreed.points > found[index].points):
            found[index] = agreed
    told: list[Same] = []
    for index in sorted(found, key=lambda index: (-found[index].points, index)):
        if len(told) < SHOWN and found[index].points >= _LEAST_POINTS:
            told += _told(gallery, seen, plain, index, found)
    return tuple(told)


def needs_features(gallery: Gallery) -> str:
    """A sentence with a remedy, if a gallery of photographs was made before this search existed; else empty."""
    if gallery.features is not None or gallery.preprocessing != "photo":
        return ""
    return (
        f"The gallery {gallery.title} was made before the very same thing could be found: run `index` again on its "
        "folder, which adds what is missing."
    )


def _promising(
    votes: VoteIndex, plain: QueryFeatures, turned: QueryFeatures, without: int | None
) -> list[tuple[int, QueryFeatures]]:
    """The pictures that are compared closely, each with the query or with its mirror image."""
    tally = np.stack([votes.tally(plain), votes.tally(turned, mirrored=True)])
    if without is not None:
        tally[:, without] = 0
    order = np.argsort(-tally, axis=None, kind="stable")[:_COMPARED]
    order = order[tally.ravel()[order] > 0]
    mirrored, index = np.unravel_index(order, tally.shape)
    return [(picture, (plain, turned)[which]) for picture, which in zip(index.tolist(), mirrored.tolist(), strict=True)]


def _told(
    gallery: Gallery, seen: NDArray[np.uint8], query: Features, index: int, found: Mapping[int, Agreement]
) -> list[Same]:
    """What is told of a picture in which points agree; nothing if it does not look like the query there."""
    from imgsearch.local_features.likeness import likeness
    from imgsearch.local_features.near_copy import near_copy

    assert gallery.features is not None
    agreed, kept, picture = found[index], gallery.features[index], gallery.picture(index)
    alike = likeness(seen, picture, agreed, query, kept)
    if agreed.points < _FEW_POINTS:
        enough = alike.whole >= _LEAST_IF_FEW and alike.textured >= _LEAST_TEXTURE_IF_FEW
    else:
        enough = alike.whole >= _LEAST_LIKENESS
    if not enough or (alike.whole < _SURELY and _on_same_backdrop(gallery, index, found)):
        return []
    query_size, kept_size = np.array([query.width, query.height]), np.array([kept.width, kept.height])
    same = Same(
        index,
        gallery.file_name(index),
        agreed.points,
        agreed.outline / query_size,
        agreed.query / query_size,
        agreed.kept / kept_size,
        near_copy(seen, picture, agreed, query, kept),
    )
    return [same]


def _on_same_backdrop(gallery: Gallery, index: int, found: Mapping[int, Agreement]) -> bool:
    """Whether a picture shares with others of the gallery, that show other things, nearly all that agrees."""
    from imgsearch.local_features.backdrop import only_backdrop

    agreed = found[index]
    others = {other: found[other] for other in found if other != index and found[other].points >= _LEAST_POINTS}
    if not only_backdrop(agreed, list(others.values())):
        return False
    return only_backdrop(agreed, [one for other, one in others.items() if not _alike(gallery, index, other, found)])


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
