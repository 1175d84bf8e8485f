"""The page, from top to bottom."""

import streamlit as st

from imgsearch.gallery import ASSETS, GalleryError
from imgsearch.page import galleries, query, results, sidebar, state
from imgsearch.text import for_markdown

st.set_page_config(
    page_title="Search pictures with a picture",
    page_icon=str(ASSETS / "icon.png"),
    layout="wide",
    initial_sidebar_state="auto",
)

with st.sidebar:
    sidebar.choose_gallery()
    try:
        gallery = galleries.current()
    except GalleryError as error:
        gallery = None
        st.error(for_markdown(str(error)), icon=":material/error:")
    if gallery is not None:
        sidebar.choose_method(gallery)

st.title("Search pictures with a picture", anchor=False)

if gallery is not None:
    state.follow_link(gallery)

    choice, seen = st.columns([3, 2], gap="medium")
    with choice:
        query.choose(galleries.current)
    with seen:
        query.show(galleries.current)

    results.show(galleries.current)
