"""One query, one gallery, one method → ranked matches with their numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import Gallery
from imgsearch.gallery.garment_queries import QueryDescription
from imgsearch.methods.garment_head import Guess
from imgsearch.methods.method import Method
from imgsearch.ranking.index import VectorIndex
from imgsearch.ranking.vectors import Vectors
from imgsearch.search.copies import is_copy
from imgsearch.search.feedback import Marks, rocchio, share_of_query
from imgsearch.search.filtering import NO_FILTER, Filter, deep_enough, limit_note
from imgsearch.search.judgement import Doubt, doubt, limits_of
from imgsearch.search.reference import Reference
from imgsearch.search.result import Match, Result

NO_MARKS = Marks()
YOUR_MARKS = "your marks"  # what marks put into a vector is called in an explanation


def search(
    gallery: Gallery,
    key: str,
    picture: NDArray[np.uint8],
    *,
    k: int = 10,
    marks: Marks = NO_MARKS,
    shown: Filter = NO_FILTER,
    digest: str = "",
) -> Result:
    """Find the pictures of a gallery that look like a picture.

    Parameters
    ----------
    key : str
        Of one of the gallery's methods.
    picture : (h, w, 3) uint8
        Not prepared yet: the gallery brings it into the form that its methods know.
    k : int
        How many matches, at least 1; a gallery with fewer pictures gives them all.
    digest : str
        sha256 of the bytes that the whole picture was read from, where it is known: settles what is a copy.

    Raises
    ------
    GalleryError
        If the gallery has no such method or not the pictures that are marked.
    """
    # The first search of all reads the gallery's vectors: that is no part of describing.
    gallery.index(key)
    started = perf_counter()
    query = gallery.describe_query(key, picture)
    seconds = perf_counter() - started
    return search_described(gallery, key, query, k=k, marks=marks, shown=shown, digest=digest, describe_seconds=seconds)


def search_reference(
    gallery: Gallery, key: str, reference: Reference, *, k: int = 10, marks: Marks = NO_MARKS, shown: Filter = NO_FILTER
) -> Result:
    """Find the pictures of a gallery that look like one that comes with it; see `search_described`."""
    if reference.kind == "g":
        query = gallery.description(key, reference.index)
        return search_described(gallery, key, query, k=k, marks=marks, shown=shown, index=reference.index)
    assert gallery.queries is not None, "a reference is looked up before it is searched with"
    return search(gallery, key, gallery.queries.picture(reference.index), k=k, marks=marks, shown=shown)


def search_described(
    gallery: Gallery,
    key: str,
    query: QueryDescription,
    *,
    k: int = 10,
    marks: Marks = NO_MARKS,
    shown: Filter = NO_FILTER,
    digest: str = "",
    index: int | None = None,
    describe_seconds: float = 0.0,
) -> Result:
    """Find the pictures of a gallery that look like a picture, which is described already; see `search`.

    `index` is that of the picture, where it is one of the gallery: then it is not among its own matches.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    method, searched = gallery.method(key), gallery.index(key)
    metric = method.metric
    marks.check(gallery)
    started = perf_counter()
    moved, added = _moved(method, query, marks, searched)
    # Nobody looks for the query itself.
    left_out = marks.less if index is None else (*marks.less, index)
    passes = shown.passes(gallery)
    passing = int(passes.sum())
    passes[list(left_out)] = False
    beside = 0
    while True:
        depth = k + beside + len(left_out)
        nearest = deep_enough(lambda deep: searched.nearest(moved, deep), passes, k + beside, depth, searched.most)
        best = nearest.that_pass(passes, k + beside)
        to_query = metric.exact_scores(Vectors(searched.rows(best.indices)), query.vector) if marks else best.scores
        ranked = [
            Match(
                rank,
                number,
                gallery.label(number),
                gallery.file_name(number),
                score,
                worse / gallery.n,
                is_copy(gallery, number, query.picture, digest, same_vector=metric.is_exact(unmoved)),
            )
            for rank, (number, score, worse, unmoved) in enumerate(
                zip(best.indices.tolist(), best.scores.tolist(), best.n_worse.tolist(), to_query, strict=True), start=1
            )
        ]
        hidden = frozenset(match.index for match in ranked if match.identical and shown.hide_query)
        if len(hidden) <= beside or len(ranked) < k + beside:
            break
        beside = 2 * len(hidden)
    others = [match for match in ranked if match.index not in hidden][:k]
    matches = tuple(replace(match, rank=rank) for rank, match in enumerate(others, start=1))
    seconds = {"describe": describe_seconds, "search": perf_counter() - started}
    doubted = _doubted(gallery, key, matches, query.guess)
    limit = limit_note(shown, len(matches), min(k, passing), searched)
    note = " ".join(part for part in (nearest.note, limit) if part)
    return Result(method, matches, moved, seconds, doubted, searched, added, note, query.guess, shown, passing, hidden)


def _moved(
    method: Method, query: QueryDescription, marks: Marks, searched: VectorIndex
) -> tuple[NDArray[np.float32], Mapping[str, NDArray[np.floating]]]:
    """The query's vector as marks move it, and what of that did not come from the query's picture."""
    if not marks:
        return query.vector, query.added
    marked = marks.vectors(searched)
    moved = rocchio(method, query.vector, *marked)
    share = share_of_query(query.vector, *marked, moved)
    added = {name: share * part for name, part in query.added.items()}
    return moved, added | {YOUR_MARKS: moved - share * query.vector}


def _doubted(gallery: Gallery, key: str, matches: Sequence[Match], guess: Guess | None) -> Doubt:
    if not matches:
        return "nothing"
    if guess is not None:  # placed among the garments, a query is near them whatever it shows
        return "none" if guess.is_garment else "nothing"
    return doubt(gallery.methods[key].metric, limits_of(gallery, key), matches[0].score)
