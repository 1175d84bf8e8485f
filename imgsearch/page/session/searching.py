"""What was found for a visitor's query, worked out in turn with everybody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from imgsearch.gallery.gallery import SIDE
from imgsearch.gallery.persistence import Gallery
from imgsearch.images.transforms import Picture
from imgsearch.page.server import work_queue
from imgsearch.page.session import galleries
from imgsearch.page.session.queries import still_there
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.search.copies import Original
from imgsearch.search.feedback import Marks
from imgsearch.search.reference import Reference
from imgsearch.search.result import Result
from imgsearch.search.search import search_prepared, search_vector, vector_of

Steps = tuple[tuple[str, Picture], ...]
"""What was done to a picture, each step with its name."""

T = TypeVar("T")


def search_results(gallery: Gallery, key: str, query: Query, k: int) -> Result:
    """The matches of a query by one method, with the visitor's marks."""
    marks = Marks.of(gallery, visitor().marks)
    name = ("search", galleries.token(gallery), key, query.digest, query.box, k, marks)

    def search() -> Result:
        picture = prepared(gallery, query)
        whole = query.box is None
        reference = Reference.parse(query.reference) if whole and still_there(gallery, query) else None
        # A picture of the gallery is taken as the gallery knows it, so that it is exactly like itself.
        index = reference.index if reference is not None and reference.kind == "g" else None
        digest = query.digest if whole else ""
        if gallery.engine is None:
            return work_queue.run(
                lambda: search_prepared(gallery, key, picture, k=k, marks=marks, digest=digest, index=index)
            )
        vector, seconds = work_queue.run(lambda: vector_of(gallery, key, picture, index))
        original = Original(picture, digest, index)
        # Whoever waits for an engine takes nobody's turn.
        return search_vector(gallery, key, vector, k=k, marks=marks, original=original, describe_seconds=seconds)

    return visitor().results.get(name, search)


def prepared(gallery: Gallery, query: Query) -> Picture:
    """The query as every method of the gallery sees it."""
    if gallery.preprocessing == "photo":
        return gallery.prepare(query.looked_at)
    return conversion(gallery, query)[-1][1]


def conversion(gallery: Gallery, query: Query) -> Steps:
    """What was done to the query for this gallery, step by step; the last is what the methods see."""
    return worked_out(gallery, ("conversion", query.digest, query.box), lambda: _convert(query))


def worked_out(gallery: Gallery, name: tuple[Any, ...], make: Callable[[], T]) -> T:
    """What `make` gives for this gallery and name, in this visitor's turn; kept for them for a while.

    Parameters
    ----------
    gallery : Gallery
    name : tuple
        Of what is made, among all that is made of this gallery.
    make : callable
        Heavy work, as `work_queue.run` takes it.
    """
    key = (name[0], galleries.token(gallery), *name[1:])
    return visitor().results.get(key, lambda: work_queue.run(make))


def _convert(query: Query) -> Steps:
    picture = query.looked_at
    if picture.shape[:2] == (SIDE, SIDE):
        return (("As it is", picture),)
    from imgsearch.methods.garment_conversion import convert

    done = convert(picture)
    return (*done.steps[:-1], (done.steps[-1][0], done.result))
