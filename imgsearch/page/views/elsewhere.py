"""A picture that is no garment, among garments: where to search for it instead, in one click."""

import streamlit as st

from imgsearch.page.session import address, galleries
from imgsearch.page.views import sidebar


def show() -> None:
    """The sentence, and a button where there are photographs to search among."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="elsewhere"):
        st.markdown(":orange[:material/search_off: **This does not look like a garment.**]", width="content")
        if galleries.photographs() is not None:
            st.button(
                f"Search it in {galleries.title(galleries.PHOTOGRAPHS)}",
                key="search-elsewhere",
                icon=":material/photo_library:",
                on_click=_go,
            )


def _go() -> None:
    st.session_state[address.GALLERY] = galleries.PHOTOGRAPHS
    sidebar.leave_gallery()
