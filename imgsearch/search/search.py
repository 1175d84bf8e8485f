"""One query, one gallery, one method → ranked matches with their numbers."""

from collections.abc import Collection, Sequence
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import Gallery
from imgsearch.gallery.garment_queries import QueryDescription
from imgsearch.methods.garment_head import Guess
from imgsearch.ranking.index import Nearest
from imgsearch.ranking.vectors import Vectors
from imgsearch.search.feedback import Marks, moved
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
    """Find the k pictures of a gallery that look most like a picture, (h, w, 3) uint8, not prepared yet, by a method.

    `digest` is the sha256 of the bytes that the whole picture was read from, where it is known: it settles what is a
    copy. GalleryError if the gallery has no method of that key or not the pictures that are marked.
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
    marks.check(gallery)
    started = perf_counter()
    moved_query = moved(method, query, *marks.vectors(searched), YOUR_MARKS) if marks else query
    # Nobody looks for the query itself.
    left_out = marks.less if index is None else (*marks.less, index)
    passes = shown.passes(gallery)
    passing = int(passes.sum())
    passes[list(left_out)] = False
    hidden: set[int] = set()
    while True:
        depth = k + len(left_out) + len(hidden)
        nearest = deep_enough(lambda deep: searched.nearest(moved_query.vector, deep), passes, k, depth, searched.most)
        best = nearest.that_pass(passes, k)
        copies = _copies(gallery, key, query, digest, best, are_moved=bool(marks))
        if not (shown.hide_query and copies):
            break
        hidden |= copies
        passes[list(copies)] = False
    matches = listed(gallery, best, copies)
    seconds = {"describe": describe_seconds, "search": perf_counter() - started}
    doubted = _doubted(gallery, key, matches, query.guess)
    limit = limit_note(shown, len(matches), min(k, passing), searched)
    return Result(
        method,
        matches,
        moved_query.vector,
        seconds,
        doubted,
        searched,
        moved_query.added,
        " ".join(part for part in (nearest.note, limit) if part),
        query.guess,
        shown,
        passing,
        frozenset(hidden),
    )


def listed(gallery: Gallery, best: Nearest, copies: Collection[int] = ()) -> tuple[Match, ...]:
    """The best of a ranking as matches, of which `copies` are the query itself."""
    numbers = zip(best.indices.tolist(), best.scores.tolist(), best.n_worse.tolist(), strict=True)
    return tuple(
        Match(rank, one, gallery.label(one), gallery.file_name(one), score, worse / gallery.n, one in copies)
        for rank, (one, score, worse) in enumerate(numbers, start=1)
    )


def _copies(
    gallery: Gallery, key: str, query: QueryDescription, digest: str, best: Nearest, *, are_moved: bool
) -> set[int]:
    """Those of the best that are the picture that the query was made from, whether or not marks moved the query.

    The same bytes are the same picture. Where these are not known, or others, the vectors and the pixels have to be the
    same: many pictures have the same histogram.
    """
    metric, scores, picture = gallery.methods[key].metric, best.scores, query.picture
    if are_moved:
        scores = metric.exact_scores(Vectors(gallery.index(key).rows(best.indices)), query.vector)
    return {
        one
        for one, score in zip(best.indices.tolist(), scores.tolist(), strict=True)
        if (digest and gallery.origins is not None and gallery.origins[one].sha256 == digest)
        or (metric.is_exact(score) and picture is not None and np.array_equal(picture, gallery.picture(one)))
    }


def _doubted(gallery: Gallery, key: str, matches: Sequence[Match], guess: Guess | None) -> Doubt:
    if not matches:
        return "nothing"
    if guess is not None:  # placed among the garments, a query is near them whatever it shows
        return "none" if guess.is_garment else "nothing"
    return doubt(gallery.methods[key].metric, limits_of(gallery, key), matches[0].score)
