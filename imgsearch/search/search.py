"""One query, one gallery, one method → ranked matches with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import Gallery
from imgsearch.ranking.index import VectorIndex
from imgsearch.ranking.metrics import Metric
from imgsearch.ranking.vectors import Vectors
from imgsearch.search.copies import Original
from imgsearch.search.feedback import Marks, rocchio, share_of_query
from imgsearch.search.reference import Reference
from imgsearch.search.result import Match, Result

NO_MARKS = Marks()
NOTHING_ADDED: Mapping[str, NDArray[np.floating]] = MappingProxyType({})
YOUR_MARKS = "your marks"
"""What marks put into a vector is called in an explanation."""


def search(
    gallery: Gallery,
    key: str,
    picture: NDArray[np.uint8],
    *,
    k: int = 10,
    marks: Marks = NO_MARKS,
    digest: str = "",
) -> Result:
    """Find the pictures of a gallery that look like a picture.

    Parameters
    ----------
    gallery : Gallery
    key : str
        Of one of the gallery's methods.
    picture : (h, w, 3) uint8
        Not prepared yet: the gallery brings it into the form that its methods know.
    k : int
        How many matches, at least 1; a gallery with fewer pictures gives them all.
    marks : Marks
    digest : str
        sha256 of the bytes that the whole picture was read from, where it is known: settles what is a copy.

    Raises
    ------
    GalleryError
        If the gallery has no such method or not the pictures that are marked.
    """
    started = perf_counter()
    prepared = gallery.prepare(picture)
    seconds = perf_counter() - started
    return search_prepared(gallery, key, prepared, k=k, marks=marks, digest=digest, prepare_seconds=seconds)


def search_reference(
    gallery: Gallery, key: str, reference: Reference, *, k: int = 10, marks: Marks = NO_MARKS
) -> Result:
    """Find the pictures of a gallery that look like one that comes with it; see `search`."""
    if reference.kind == "g":
        return search_prepared(gallery, key, gallery.picture(reference.index), k=k, marks=marks, index=reference.index)
    assert gallery.queries is not None, "a reference is looked up before it is searched with"
    return search(gallery, key, gallery.queries.picture(reference.index), k=k, marks=marks)


def search_prepared(
    gallery: Gallery,
    key: str,
    prepared: NDArray[np.uint8],
    *,
    k: int = 10,
    marks: Marks = NO_MARKS,
    digest: str = "",
    index: int | None = None,
    prepare_seconds: float = 0.0,
) -> Result:
    """Find the pictures of a gallery that look like a picture, which is as the methods see it; see `search`.

    Parameters
    ----------
    index : int, optional
        Of the picture, where it is one of the gallery: its vector is then the gallery's.
    prepare_seconds : float
        How long it took to prepare the picture, for `Result.seconds`.
    """
    vector, seconds = vector_of(gallery, key, prepared, index)
    original = Original(prepared, digest, index)
    seconds += prepare_seconds
    return search_vector(gallery, key, vector, k=k, marks=marks, original=original, describe_seconds=seconds)


def vector_of(
    gallery: Gallery, key: str, prepared: NDArray[np.uint8], index: int | None = None
) -> tuple[NDArray[np.float32], float]:
    """The vector of a picture as the methods see it, (d,) float32, and how long it took; see `search_prepared`."""
    method = gallery.method(key)
    # The first search of all reads the gallery's vectors: that is no part of describing.
    searched = gallery.index(key)
    started = perf_counter()
    vector = method.describe(prepared) if index is None else searched.rows(np.array([index]))[0]
    return vector, perf_counter() - started


def search_vector(
    gallery: Gallery,
    key: str,
    vector: NDArray[np.float32],
    *,
    k: int = 10,
    marks: Marks = NO_MARKS,
    original: Original | None = None,
    added: Mapping[str, NDArray[np.floating]] = NOTHING_ADDED,
    describe_seconds: float = 0.0,
) -> Result:
    """Find the pictures of a gallery whose vectors are nearest to a vector; see `search`.

    Parameters
    ----------
    vector : (d,) float32
    original : Original, optional
        The picture that it was made from, to know its copies.
    added : mapping of name to (d,) array, optional
        What of `vector` did not come from that picture.
    describe_seconds : float
        How long it took to make the vector, for `Result.seconds`.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    method = gallery.method(key)
    marks.check(gallery)
    index = gallery.index(key)
    started = perf_counter()
    moved = vector
    if marks:
        marked = _rows(index, marks.more), _rows(index, marks.less)
        moved = rocchio(method, vector, *marked)
        share = share_of_query(vector, *marked, moved)
        added = {name: share * part for name, part in added.items()} | {YOUR_MARKS: moved - share * vector}
    nearest = index.nearest(moved, k + len(marks.less))
    kept = ~np.isin(nearest.indices, marks.less)
    indices, scores, n_worse = (part[kept][:k].tolist() for part in nearest[:3])
    to_query = _exact_scores(method.metric, index, indices, vector) if marks and original is not None else scores
    matches = tuple(
        Match(
            rank,
            number,
            gallery.label(number),
            gallery.file_name(number),
            score,
            worse / gallery.n,
            original is not None and original.is_copy(gallery, number, same_vector=method.metric.is_exact(unmoved)),
        )
        for rank, (number, score, worse, unmoved) in enumerate(
            zip(indices, scores, n_worse, to_query, strict=True), start=1
        )
    )
    chance = gallery.chance_score(key)
    convincing = bool(matches) and (chance is None or method.metric.at_least(matches[0].score, chance))
    seconds = {"describe": describe_seconds, "search": perf_counter() - started}
    return Result(method, matches, moved, seconds, convincing, index, added, nearest.note)


def _rows(index: VectorIndex, which: tuple[int, ...]) -> NDArray[np.float32]:
    return index.rows(np.array(which, np.intp)) if which else np.empty((0, index.dimensions), np.float32)


def _exact_scores(metric: Metric, index: VectorIndex, which: list[int], vector: NDArray[np.float32]) -> list[float]:
    """The scores of some pictures with the query as it was before marks moved it."""
    scores: list[float] = metric.exact_scores(Vectors(_rows(index, tuple(which))), vector).tolist()
    return scores
