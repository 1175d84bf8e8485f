"""Who made a picture of a gallery, and under which licence it is shown."""

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.presentation.safe_text import for_markdown


def show_credit(gallery: Gallery, index: int, *, called: str = "") -> None:
    """A line of credit, which begins with what the page calls the picture; nothing where nothing is known."""
    credit = gallery.credit(index)
    known = (gallery.source, gallery.licence) if credit is None else (credit.author, credit.licence, credit.source)
    text = " · ".join(each for each in known if each)
    if text:
        before = f"{called}: " if called else ""
        st.caption(f":material/copyright: {before}{for_markdown(text, longest=400)}")
