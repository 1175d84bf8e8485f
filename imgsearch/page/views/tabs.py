"""Below the results: the map, the measured quality, what can be taken along, and how it works."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from imgsearch import ImgsearchError
from imgsearch.gallery.gallery import Gallery
from imgsearch.page.session import searching
from imgsearch.page.session.visitor import visitor
from imgsearch.page.views import downloads, gallery_map, how_it_works, kind_filter, near_duplicates, quality, sidebar
from imgsearch.presentation.safe_text import for_markdown
from imgsearch.ranking.engine import EngineError


@st.fragment(key="more")
def show(gallery: Callable[[], Gallery | None]) -> None:
    """Tabs; only the open one is worked out."""
    here, now = gallery(), visitor().query
    if here is None or now is None:
        return
    try:
        shown, keys = kind_filter.chosen(here), sidebar.keys_for(here, now)
        found = [searching.search_results(here, key, now, sidebar.matches(), shown) for key in keys]
    except ImgsearchError:
        # The results above say what is wrong.
        return
    if not found[0].matches:
        return
    working, measured, taking, mapped = st.tabs(
        [
            ":material/lightbulb: How it works",
            ":material/monitoring: How good is it?",
            ":material/download: Export",
            ":material/map: Map of the gallery",
        ],
        key="panel",
        on_change="rerun",
    )
    visitor().panel_follows = bool(taking.open or mapped.open)
    try:
        if working.open:
            with working:
                how_it_works.show(here, now)
        if measured.open:
            with measured:
                quality.show(here)
                near_duplicates.show(here)
        if taking.open:
            with taking:
                downloads.show(here, now, found)
        if mapped.open:
            with mapped:
                gallery_map.show(here, now, found)
    except EngineError as error:
        st.caption(for_markdown(str(error), longest=400))
