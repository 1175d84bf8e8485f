"""What the browser gets first, before anything heavy is imported."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from imgsearch.assets import ASSETS
from imgsearch.page.components.encoded import data_url
from imgsearch.page.components.keys import number_keys
from imgsearch.page.components.offline import offline_note
from imgsearch.page.server import process

TITLE = "Search pictures with a picture"
_FIGTREE = ASSETS / "fonts" / "figtree-latin-wght-normal.woff2"


def show() -> tuple[DeltaGenerator, DeltaGenerator]:
    """The page's settings and title, and a note for whoever is offline; the row of the title, and all of the header.

    The note is the first of the page's own components, and the typeface its first HTML. Streamlit's browser half
    fetches what draws them when it meets the first: so it does while the server still imports, and the matches, which
    need both, are drawn as soon as they come.
    """
    process.begin()
    st.set_page_config(
        page_title=TITLE,
        page_icon=data_url((ASSETS / "icon.png").read_bytes(), "png"),
        layout="wide",
    )
    # Nothing between them, so that the note takes no room while there is nothing to say.
    header = st.container(gap=None)
    with header:
        offline_note(key="offline")
        st.html(_typeface("Figtree", data_url(_FIGTREE.read_bytes(), "woff2")))
        number_keys("method", key="keys")
        row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
        row.title(TITLE, anchor=False, width="content")
    return row, header


def _typeface(family: str, address: str) -> str:
    """A style sheet with a typeface of all weights.

    Not by the setting for it: that sends the typeface with every click, where this sends it with the page.
    """
    return f"<style>@font-face {{ font-family: {family}; font-weight: 300 900; src: url({address}) }}</style>"
