"""Found it: the pictures of the gallery that show the very same thing as the query."""

from collections.abc import Callable
from pathlib import PurePath

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.images.transforms import Picture, encode
from imgsearch.page.server import crowd
from imgsearch.page.session import device, galleries
from imgsearch.page.session.queries import own_index
from imgsearch.page.session.searching import prepared, worked_out
from imgsearch.page.session.thumbnails import square
from imgsearch.page.session.visitor import Query
from imgsearch.page.views import ranked
from imgsearch.page.views.credit import show_credit
from imgsearch.presentation.agreement import draw_agreement
from imgsearch.presentation.safe_text import for_file, for_markdown
from imgsearch.search.same import Same, find_same, needs_features

_CARD = 132


@st.fragment(key="found")
@crowd.served()
def show(gallery: Callable[[], Gallery | None]) -> None:
    """A row of one to three cards; nothing where the very same thing is not in the gallery.

    A gallery that was made before this existed gets a sentence that says how to add it.
    """
    shown = ranked.shown(gallery)
    if shown is None or shown[1].word:
        return
    here, now, found = shown
    if here.features is None:
        if needs_features(here):
            st.caption(for_markdown(needs_features(here), longest=400))
        return
    # An exact copy is called one on its card already.
    known = {index for result in found for index in result.copies}
    picture = prepared(here, now)
    name = ("same", now.digest, now.box)
    # Told here: the work knows no visitor.
    itself = own_index(here, now)
    told = worked_out(here, name, lambda: find_same(here, picture, without=itself))
    same_things = [same for same in told if same.index not in known]
    if not same_things:
        return
    st.header("Found it", anchor=False)
    with st.container(horizontal=True, gap="medium"):
        for same in same_things:
            _card(here, now, picture, same)
    st.space("small")


def _card(gallery: Gallery, now: Query, picture: Picture, same: Same) -> None:
    called = for_markdown(galleries.picture_name(gallery, same.index), longest=40)
    with st.container(width=_CARD, gap="xxsmall"):
        st.image(square(gallery.picture(same.index)), width="stretch", alt=f"Found: {called}")
        st.markdown(f"**{called}**  \n{same.points} points agree")
        if same.near_copy:
            st.caption(same.near_copy.capitalize())
        with st.popover("Why?", icon=":material/compare_arrows:"):
            drawing = _drawing(gallery, now, picture, same)
            st.image(drawing, alt=f"Lines between the {same.points} points that agree, and the outline of the thing")
            show_credit(gallery, same.index)
            st.download_button(
                "Picture (PNG)",
                drawing,
                file_name=f"{for_file(PurePath(same.name).stem, default='found')}.png",
                mime="image/png",
                icon=":material/image:",
                on_click="ignore",
                key=f"take-found-{same.index}",
            )


def _drawing(gallery: Gallery, now: Query, picture: Picture, same: Same) -> bytes:
    # On a narrow screen, one stands above the other.
    upright = device.is_phone()

    def draw() -> bytes:
        return encode(draw_agreement(picture, gallery.picture(same.index), same, upright=upright), "png")

    return worked_out(gallery, ("found", now.digest, now.box, same.index, upright), draw)
