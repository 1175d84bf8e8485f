"""The pictures that a visitor has marked, each with the way to take its mark back."""

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.page.components.marked import picture_marks, taken_back
from imgsearch.page.session import galleries, marks
from imgsearch.page.session.redraw import redraw_results
from imgsearch.page.session.visitor import visitor
from imgsearch.presentation.safe_text import plain

_KEY = "marked"


def show(gallery: Gallery) -> None:
    """Nothing while nothing is marked."""
    known = {index: sign for index, sign in visitor().marks.items() if index < gallery.n}
    if not known:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="stretch"):
            picture_marks(
                [_chip(gallery, index, sign) for index, sign in known.items()], key=_KEY, on_taken_back=_take_back
            )
        st.button(
            f"Clear {len(known)} mark{'s' if len(known) > 1 else ''}",
            key="forget",
            icon=":material/restart_alt:",
            type="tertiary",
            on_click=_forget,
        )


def _chip(gallery: Gallery, index: int, sign: int) -> dict[str, object]:
    address, pixels = galleries.thumbnail(gallery, index)
    name = plain(galleries.picture_name(gallery, index), longest=40)
    return {"index": index, "src": address, "pixels": pixels, "name": name, "more": sign > 0}


def _take_back() -> None:
    index = taken_back(_KEY)
    if index is not None:
        marks.mark(index, None)
        redraw_results()


def _forget() -> None:
    visitor().marks.clear()
    redraw_results()
