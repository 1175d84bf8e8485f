"""Pictures of the gallery that are almost the same, listed on request."""

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.page.server import work_queue
from imgsearch.page.session import galleries
from imgsearch.page.session.redraw import redraw
from imgsearch.page.session.thumbnails import square
from imgsearch.presentation.safe_text import for_markdown
from imgsearch.search.near_duplicates import near_duplicates
from imgsearch.search.vocabulary import KEY

_MOST_PICTURES = 5_000
_SHOWN = 24
_SIDE = 132


def show(gallery: Gallery) -> None:
    """A button, and after it the pairs side by side; nothing where they cannot be told, or it would take minutes."""
    if gallery.preprocessing != "photo" or KEY not in gallery.methods or gallery.n > _MOST_PICTURES:
        return
    if not st.button(
        "Find near-duplicates",
        icon=":material/content_copy:",
        key="near-duplicates",
        on_click=redraw,
        args=("more",),
    ):
        return
    with st.spinner("Comparing every picture with every other…"):
        found = galleries.remembered(
            gallery, "near-duplicates", lambda: work_queue.run(lambda: near_duplicates(gallery))
        )
    count = len(found.pairs)
    pairs, are = ("pair", "is") if count == 1 else ("pairs", "are")
    st.markdown(f"**{count or 'No'} {pairs} of {gallery.n:,} pictures {are} almost the same**")
    if found.note:
        st.caption(found.note)
    for pair in found.pairs[:_SHOWN]:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            for index in (pair.first, pair.second):
                name = for_markdown(gallery.file_name(index), longest=60)
                st.image(square(gallery.picture(index)), width=_SIDE, alt=name, caption=name)
    if count > _SHOWN:
        st.caption(f"And {count - _SHOWN:,} more: `python -m imgsearch duplicates` lists them all.")
