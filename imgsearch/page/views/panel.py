"""Below the results: how it works, the measured quality, what can be taken along, and the map."""

from collections.abc import Callable, Sequence

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.page.session.redraw import redraw
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.page.views import downloads, gallery_map, how_it_works, near_duplicates, quality, ranked, sight
from imgsearch.presentation.safe_text import for_markdown
from imgsearch.ranking.engine import EngineError
from imgsearch.search.result import Result

WORKING = ":material/lightbulb: How it works"
MEASURED = ":material/monitoring: How good is it?"
TAKING = ":material/download: Export"
MAPPED = ":material/map: Map of the gallery"
PANELS = WORKING, MEASURED, TAKING, MAPPED
_PART = "below"
_HEIGHT = 320
"""Pixels that a panel takes at least."""


@st.fragment(key="more")
def show(gallery: Callable[[], Gallery | None]) -> None:
    """Panels to choose from; only the chosen one is worked out."""
    shown = ranked.shown(gallery)
    if shown is not None and shown[2][0].matches:
        with st.container(key=_PART):
            _show(*shown)


def _show(gallery: Gallery, now: Query, found: Sequence[Result]) -> None:
    # Not Streamlit's tabs: the browser goes over all that they are made of whenever anything on the page changes, some
    # 180 components where the whole page had a thousand.
    chosen = st.pills(
        "More",
        PANELS,
        default=WORKING,
        required=True,
        key="panel",
        label_visibility="collapsed",
        on_change=lambda: redraw("more"),
    )
    visitor().panel_follows = chosen in (TAKING, MAPPED)
    # What a visitor has opened is there wherever it is scrolled to, and is not drawn anew when it comes into view: it
    # would move under a finger.
    if not sight.seen(_PART, height=_HEIGHT, fragment="more", anyway=chosen != WORKING):
        return
    try:
        if chosen == MEASURED:
            quality.show(gallery)
            near_duplicates.show(gallery)
        elif chosen == TAKING:
            downloads.show(gallery, now, found)
        elif chosen == MAPPED:
            gallery_map.show(gallery, now, found)
        else:
            how_it_works.show(gallery, now)
    except EngineError as error:
        st.caption(for_markdown(str(error), longest=400))
