"""What is found with all that the visitor has set beside the page."""

from collections.abc import Callable

from imgsearch import ImgsearchError
from imgsearch.gallery.gallery import Gallery
from imgsearch.page.session import searching
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.page.views import kind_filter, sidebar
from imgsearch.search.result import Result


def by_method(gallery: Gallery, key: str, query: Query) -> Result:
    """The matches of a query by one method."""
    return searching.search_results(gallery, key, query, sidebar.matches(), kind_filter.chosen(gallery))


def by_all(gallery: Gallery, query: Query) -> list[Result]:
    """The same by all methods that are chosen."""
    return [by_method(gallery, key, query) for key in sidebar.keys_for(gallery, query)]


def shown(gallery: Callable[[], Gallery | None]) -> tuple[Gallery, Query, list[Result]] | None:
    """The gallery, the query and the rankings that are on the page; None where there are none."""
    here, now = gallery(), visitor().query
    # Whoever waited in vain for an engine does not wait for it again in every part of the page.
    if here is None or now is None or visitor().failed is not None:
        return None
    try:
        return here, now, by_all(here, now)
    except ImgsearchError:
        # The results say what is wrong as soon as they are drawn again.
        return None
