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

# By the ending of the file: what is written on the button, the kind of file, and the button's icon.
_FILES = {
    "csv": ("Table (CSV)", "text/csv", "table"),
    "json": ("Numbers (JSON)", "application/json", "data_object"),
    "png": ("Picture for a slide (PNG)", "image/png", "image"),
    "zip": ("Matched pictures (ZIP)", "application/zip", "folder_zip"),
}


def show(gallery: Gallery, now: Query, found: Sequence[Result]) -> None:
    """Everything that can leave the page."""
    name = for_file(f"{gallery.name}-{kind_name(now.label) or PurePath(now.name).stem}", default="matches")
    whose = visitor()
    whose.shown = (gallery, now, found)
    with st.container(horizontal=True, gap="small"):
        for kind, (label, mime, icon) in _FILES.items():
            st.download_button(
                label,
                _when_asked(whose, kind),
                file_name=f"{name}.{kind}",
                mime=mime,
                icon=f":material/{icon}:",
                on_click="ignore",
                key=f"take-{kind}",
            )
    if not (now.reference or now.word) or gallery is galleries.own():
        st.caption("A link cannot hold your own pictures. Everything else is above.")
        return
    st.markdown("**A link to exactly this**")
    st.code(link(now), language=None, wrap_lines=True)


def _when_asked(whose: Visitor, kind: str) -> Callable[[], str | bytes]:
    # It runs without a session, and Streamlit keeps it until the session is over: so it holds no picture.
    return lambda: b"" if whose.shown is None else _make(kind, *whose.shown)


def _make(kind: str, gallery: Gallery, query: Query, found: Sequence[Result]) -> str | bytes:
    if kind == "csv":
        return export.to_csv(found)
    if kind == "json":
        return export.to_json(gallery, query.called, found)
    if kind == "png":
        return export.to_slide(gallery, query.looked_at, query.called, found)
    return to_zip(gallery, found)


def link(now: Query) -> str:
    """An address that brings back all of it: settings, filter, query and its part, marks, and the selected match."""
    return address.link(address.settings() | queries.link_of(now) | address.looked_at())
