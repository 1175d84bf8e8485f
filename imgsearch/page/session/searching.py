"""What was found for a visitor's query, worked out in turn with everybody else's."""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any, TypeVar

from imgsearch.gallery.gallery import SIDE, Gallery
from imgsearch.gallery.garment_queries import QueryDescription
from imgsearch.images.transforms import Picture
from imgsearch.methods.garment_conversion import Conversion, convert
from imgsearch.page.server import work_queue
from imgsearch.page.session import galleries, words
from imgsearch.page.session.queries import own_index
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.search.feedback import Marks
from imgsearch.search.filtering import NO_FILTER, Filter
from imgsearch.search.result import Result
from imgsearch.search.search import search_described
from imgsearch.search.vocabulary import KEY
from imgsearch.search.words import search_word, towards

T = TypeVar("T")


def search_results(gallery: Gallery, key: str, query: Query, k: int, shown: Filter = NO_FILTER) -> Result:
    """The matches of a query by one method, with the visitor's marks."""
    marks = Marks.of(gallery, visitor().marks)
    name = ("search", galleries.token(gallery), key, query.digest, query.box, query.towards, k, marks, shown)

    def search() -> Result:
        if query.word:
            known, word = words.vocabulary(gallery), words.look_up_in(gallery, query.word).word
            return _in_turn(gallery, lambda: search_word(gallery, known, word, k=k, marks=marks, shown=shown))
        whole = query.box is None
        index = own_index(gallery, query) if whole else None
        gallery.index(key)
        known_already = None if index is None else (gallery.description(key, index), 0.0)
        description, seconds = known_already or _described(gallery, key, query)
        described = _moved(gallery, key, description, query.towards)
        digest = query.digest if whole else ""
        work = partial(search_described, gallery, key, described, k=k, marks=marks, shown=shown, digest=digest)
        return _in_turn(gallery, partial(work, index=index, describe_seconds=seconds))

    return visitor().results.get(name, search)


def _in_turn(gallery: Gallery, search: Callable[[], Result]) -> Result:
    """A search in this visitor's turn; but whoever waits for an engine takes nobody's."""
    return work_queue.run(search) if gallery.engine is None else search()


def _moved(gallery: Gallery, key: str, description: QueryDescription, word: str) -> QueryDescription:
    """A description moved towards a word, if there is one and the method knows words."""
    if not word or key != KEY:
        return description
    meant = words.look_up_in(gallery, word).word
    return towards(gallery.method(key), description, words.vocabulary(gallery), meant)


def prepared(gallery: Gallery, query: Query) -> Picture:
    """The query as every method of the gallery sees it."""
    converted = conversion(gallery, query)
    return gallery.prepare(query.looked_at) if converted is None else converted.result


def conversion(gallery: Gallery, query: Query) -> Conversion | None:
    """What was done to the query to bring it into the form of Fashion-MNIST; None where it is searched as it is."""
    if gallery.preprocessing == "photo" or query.looked_at.shape[:2] == (SIDE, SIDE):
        return None
    return worked_out(gallery, ("conversion", query.digest, query.box), lambda: convert(query.looked_at))


def described(gallery: Gallery, key: str, query: Query) -> QueryDescription:
    """The query as one method of the gallery sees it."""
    return _described(gallery, key, query)[0]


def _described(gallery: Gallery, key: str, query: Query) -> tuple[QueryDescription, float]:
    """The same, with the seconds that it took."""
    converted, picture = conversion(gallery, query), query.looked_at

    def describe() -> tuple[QueryDescription, float]:
        started = perf_counter()
        description = gallery.describe_query(key, picture, conversion=converted)
        return description, perf_counter() - started

    return worked_out(gallery, ("description", key, query.digest, query.box), describe)


def worked_out(gallery: Gallery, name: tuple[Any, ...], make: Callable[[], T]) -> T:
    """What heavy work makes for this gallery and name, in this visitor's turn; kept for them for a while."""
    key = (name[0], galleries.token(gallery), *name[1:])
    return visitor().results.get(key, lambda: work_queue.run(make))
