"""Which of a visitor's own pictures are to go."""

from typing import Any

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.methods.histogram_bins import numbered
from imgsearch.page.components.strip import picture_strip
from imgsearch.page.session import galleries, own_gallery
from imgsearch.page.session.redraw import redraw_all
from imgsearch.page.session.visitor import visitor
from imgsearch.presentation.safe_text import plain

_SHOWN = 24


def show(gallery: Gallery) -> None:
    """A list of names to choose from, the pictures that were chosen, and the button that removes them."""
    names = numbered(plain(gallery.file_name(index), longest=60) for index in range(gallery.n))
    chosen = st.multiselect(
        "Pictures to remove",
        range(gallery.n),
        format_func=names.__getitem__,
        key=_key(),
        placeholder="Type a name",
        select_all=False,
        on_change=redraw_all,
    )
    if not chosen:
        return
    picture_strip(
        [_item(gallery, index) for index in chosen[:_SHOWN]],
        chosen=None,
        label="Pictures to remove",
        key="own-removed",
        on_picked=_nothing,
        wraps=True,
    )
    st.button(f"Remove {len(chosen):,}", key="own-remove", on_click=_remove)


def _key() -> str:
    # Other pictures, other numbers.
    return f"own-gone-{visitor().own.version}"


def _remove() -> None:
    own_gallery.remove(frozenset(st.session_state.get(_key(), [])))
    redraw_all()


def _nothing() -> None:
    """What a click on a picture does that is about to go."""


def _item(gallery: Gallery, index: int) -> dict[str, Any]:
    address, pixels = galleries.thumbnail(gallery, index)
    return {"id": str(index), "src": address, "alt": plain(gallery.file_name(index)), "pixels": pixels}
