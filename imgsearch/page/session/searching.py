"""What was found for a visitor's query, worked out in turn with everybody else's."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeVar

from imgsearch.gallery.gallery import SIDE
from imgsearch.gallery.persistence import Gallery
from imgsearch.images.transforms import Picture
from imgsearch.page.server import work_queue
from imgsearch.page.session import galleries
from imgsearch.page.session.queries import still_there
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.search.search import Result, part_of_marks, rocchio, search_vector

Steps = tuple[tuple[str, Picture], ...]
"""What was done to a picture, each step with its name."""

T = TypeVar("T")


def search_results(gallery: Gallery, key: str, query: Query, k: int) -> Result:
    """The matches of a query by one method, with the visitor's marks."""
    marks = dict(visitor().marks)
    name = ("search", galleries.token(gallery), key, query.digest, query.box, k, tuple(sorted(marks.items())))

    def search() -> Result:
        picture = prepared(gallery, query)
        known = query.reference.startswith("g") and query.box is None and still_there(gallery, query)
        index = int(query.reference[1:]) if known else None
        return work_queue.run(lambda: _search(gallery, key, picture, index, k, marks))

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


def _search(gallery: Gallery, key: str, picture: Picture, index: int | None, k: int, marks: dict[int, int]) -> Result:
    # The first search of all reads the gallery's vectors: that is no part of searching them.
    gallery.search_vectors(key)
    started = perf_counter()
    # A picture of the gallery is taken as the gallery knows it, so that it is exactly like itself.
    vector = gallery.method(key).describe(picture) if index is None else gallery.vectors(key, [index])[0]
    more = [index for index, value in marks.items() if value > 0 and index < gallery.n]
    less = [index for index, value in marks.items() if value < 0 and index < gallery.n]
    added = {}
    if more or less:
        marked = gallery.vectors(key, more), gallery.vectors(key, less)
        added["your marks"] = part_of_marks(vector, *marked)
        vector = rocchio(vector, *marked)
    seconds = perf_counter() - started
    wanted = min(k, max(gallery.n, 1))
    return search_vector(gallery, key, vector, k=wanted, describe_seconds=seconds, picture=picture, added=added)
