"""Two pictures, large: the query beside one picture of the gallery, and on to the next."""

from collections.abc import Sequence

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.page.components.pair import picture_pair, stepped
from imgsearch.page.session import galleries, queries, thumbnails
from imgsearch.page.session.redraw import redraw, redraw_query
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.page.views.credit import show_credit
from imgsearch.presentation.safe_text import plain

_SIDE = 1024
"""Pixels along the longer side of a picture from outside."""
_KEY = "pair"


def ask(indices: Sequence[int], position: int, captions: Sequence[str]) -> None:
    """Inside a callback: show a picture of these large, beside the query, beginning with the one at `position`.

    The indices are of pictures of the gallery, as arrow keys walk through them, none for the query alone; the captions
    are what is said of each, such as its score.
    """
    now = visitor()
    now.large, now.large_at, now.large_asked = tuple(zip(indices, captions, strict=True)), position, True
    redraw("large")


@st.fragment(key="large")
def show_asked() -> None:
    """The dialog, once it was asked for."""
    if visitor().large_asked:
        visitor().large_asked = False
        _dialog()


@st.dialog("A closer look", width="large")
def _dialog() -> None:
    gallery, now, asked = galleries.usable(), visitor().query, visitor().large
    if gallery is None or now is None:
        return
    at = min(visitor().large_at, max(len(asked) - 1, 0))
    index, said = asked[at] if asked else (None, "")
    pictures = [] if now.word else [_query(now)]
    if index is not None:
        pictures.append(_picture(gallery, index, said))
    picture_pair(pictures, position=at, count=len(asked), key=_KEY, on_step=_step)
    for name, shown in (("Query", queries.own_index(gallery, now)), ("Match", index)):
        if shown is not None:
            show_credit(gallery, shown, called=name)
    if index is not None:
        st.button("Find similar", icon=":material/search:", key="large-search", on_click=_search, args=(index,))


def _search(index: int) -> None:
    gallery = galleries.usable()
    if gallery is not None:
        queries.search_with(gallery, index)
        redraw_query()


def _step() -> None:
    now = visitor()
    now.large_at = min(max(now.large_at + stepped(_KEY), 0), max(len(now.large) - 1, 0))


def _query(now: Query) -> dict[str, object]:
    name = plain(now.called)
    picture = now.looked_at
    return {
        "src": thumbnails.plainly(picture, _SIDE),
        "alt": f"{now.title}, large: {name}",
        "pixels": thumbnails.is_tiny(picture),
        "title": now.title,
        "note": name,
    }


def _picture(gallery: Gallery, index: int, said: str) -> dict[str, object]:
    address, pixels = thumbnails.as_stored(gallery, index) or thumbnails.drawn(gallery, index)
    name = plain(galleries.picture_name(gallery, index))
    return {"src": address, "alt": f"Match, large: {name}", "pixels": pixels, "title": name, "note": said}
