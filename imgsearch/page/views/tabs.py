"""Below the results: the map, the measured quality, what can be taken along, and how it works."""

from collections.abc import Callable, Sequence

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.page.session.redraw import redraw
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.page.views import downloads, gallery_map, how_it_works, near_duplicates, quality, ranked, sight
from imgsearch.presentation.safe_text import for_markdown
from imgsearch.ranking.engine import EngineError
from imgsearch.search.result import Result

_PART = "tabs"
_HEIGHT = 320
"""Pixels that a tab takes at least."""


@st.fragment(key="more")
def show(gallery: Callable[[], Gallery | None]) -> None:
    """Tabs; only the open one is worked out."""
    shown = ranked.shown(gallery)
    if shown is not None and shown[2][0].matches:
        with st.container(key=_PART):
            _tabs(*shown)


def _tabs(gallery: Gallery, now: Query, found: Sequence[Result]) -> None:
    working, measured, taking, mapped = st.tabs(
        [
            ":material/lightbulb: How it works",
            ":material/monitoring: How good is it?",
            ":material/download: Export",
            ":material/map: Map of the gallery",
        ],
        key="panel",
        on_change=lambda: redraw("more"),
    )
    visitor().panel_follows = bool(taking.open or mapped.open)
    # What a visitor has opened is there wherever it is scrolled to, and is not drawn anew when it comes into view: it
    # would move under a finger.
    seen = sight.seen(_PART, height=_HEIGHT, fragment="more", anyway=not working.open)
    try:
        if working.open and seen:
            with working:
                how_it_works.show(gallery, now)
        if measured.open:
            with measured:
                quality.show(gallery)
                near_duplicates.show(gallery)
        if taking.open:
            with taking:
                downloads.show(gallery, now, found)
        if mapped.open:
            with mapped:
                gallery_map.show(gallery, now, found)
    except EngineError as error:
        st.caption(for_markdown(str(error), longest=400))
