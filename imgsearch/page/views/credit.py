"""Who made a picture of a gallery, and under which licence it is shown."""

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.presentation.safe_text import for_markdown


def show_credit(gallery: Gallery, index: int, *, called: str = "") -> None:
    """A line of credit, which begins with what the page calls the picture; nothing where nothing is known."""
    credit = gallery.credit(index)
    if credit is not None:
        known = [text for text in (credit.author, credit.licence, credit.source) if text]
        before = f"{called}: " if called else ""
        st.caption(f":material/copyright: {before}" + for_markdown(" · ".join(known), longest=400))
    elif gallery.source:
        st.caption(f":material/copyright: {for_markdown(gallery.source, longest=400)}, {for_markdown(gallery.licence)}")
