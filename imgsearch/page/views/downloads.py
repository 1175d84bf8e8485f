"""Take it along: a link, a table, the numbers, and one picture for a slide."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from imgsearch.gallery.persistence import Gallery
from imgsearch.page.session import galleries
from imgsearch.page.session.visitor import Query
from imgsearch.page.views import sidebar
from imgsearch.presentation import export
from imgsearch.presentation.safe_text import for_file
from imgsearch.search.search import Result


def show(gallery: Gallery, now: Query, found: Sequence[Result]) -> None:
    """Everything that can leave the page."""
    name = for_file(f"{gallery.name}-{now.label or now.name}", default="matches")
    display_name = now.label or now.name
    # Made when asked for, not before.
    picture = now.looked_at
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Table (CSV)",
            lambda: export.to_csv(found),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/table:",
            on_click="ignore",
            key="take-csv",
        )
        st.download_button(
            "Numbers (JSON)",
            lambda: export.to_json(gallery, display_name, found),
            file_name=f"{name}.json",
            mime="application/json",
            icon=":material/data_object:",
            on_click="ignore",
            key="take-json",
        )
        st.download_button(
            "Picture for a slide (PNG)",
            lambda: export.to_slide(gallery, picture, display_name, found),
            file_name=f"{name}.png",
            mime="image/png",
            icon=":material/image:",
            on_click="ignore",
            key="take-png",
        )
    if not now.reference or gallery is galleries.own():
        st.caption("A link cannot hold your own pictures. Everything else is above.")
        return
    st.markdown("**A link to exactly this**")
    st.code(link(gallery, now), language=None, wrap_lines=True)


def link(gallery: Gallery, now: Query) -> str:
    """An address that brings back gallery, method, sample and number of matches."""
    query = urlencode(sidebar.settings(gallery) | {"sample": now.reference})
    return f"{(st.context.url or '').split('?')[0]}?{query}"
