"""Export: a link, a table, the numbers, one picture for a slide, and the matched pictures."""

from collections.abc import Callable, Sequence
from pathlib import PurePath

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.page.session import address, galleries, queries
from imgsearch.page.session.visitor import Query, Visitor, visitor
from imgsearch.presentation import export
from imgsearch.presentation.kind_names import kind_name
from imgsearch.presentation.picture_zip import to_zip
from imgsearch.presentation.safe_text import for_file
from imgsearch.search.result import Result

Make = Callable[[Gallery, Query, Sequence[Result]], str | bytes]

_FILES: tuple[tuple[str, Make, str, str, str], ...] = (
    ("Table (CSV)", lambda gallery, query, found: export.to_csv(found), "csv", "text/csv", ":material/table:"),
    (
        "Numbers (JSON)",
        lambda gallery, query, found: export.to_json(gallery, query.called, found),
        "json",
        "application/json",
        ":material/data_object:",
    ),
    (
        "Picture for a slide (PNG)",
        lambda gallery, query, found: export.to_slide(gallery, query.looked_at, query.called, found),
        "png",
        "image/png",
        ":material/image:",
    ),
    (
        "Matched pictures (ZIP)",
        lambda gallery, query, found: to_zip(gallery, found),
        "zip",
        "application/zip",
        ":material/folder_zip:",
    ),
)


def show(gallery: Gallery, now: Query, found: Sequence[Result]) -> None:
    """Everything that can leave the page."""
    name = for_file(f"{gallery.name}-{kind_name(now.label) or PurePath(now.name).stem}", default="matches")
    whose = visitor()
    whose.shown = (gallery, now, found)
    with st.container(horizontal=True, gap="small"):
        for label, make, kind, mime, icon in _FILES:
            st.download_button(
                label,
                _when_asked(whose, make),
                file_name=f"{name}.{kind}",
                mime=mime,
                icon=icon,
                on_click="ignore",
                key=f"take-{kind}",
            )
    if not (now.reference or now.word) or gallery is galleries.own():
        st.caption("A link cannot hold your own pictures. Everything else is above.")
        return
    st.markdown("**A link to exactly this**")
    st.code(link(now), language=None, wrap_lines=True)


def _when_asked(whose: Visitor, make: Make) -> Callable[[], str | bytes]:
    # It runs without a session, and Streamlit keeps it until the session is over: so it holds no picture.
    return lambda: b"" if whose.shown is None else make(*whose.shown)


def link(now: Query) -> str:
    """An address that brings back all of it: settings, filter, query and its part, marks, and the selected match."""
    return address.link(address.settings() | queries.link_of(now) | address.looked_at())
