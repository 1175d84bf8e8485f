"""The query as it is seen, and the part of it that is searched for."""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from imgsearch.gallery.gallery import Gallery
from imgsearch.images.transforms import Picture
from imgsearch.page.components.crop import Box, boxed, crop_box
from imgsearch.page.session import device, galleries, queries, searching, thumbnails
from imgsearch.page.session.redraw import redraw, redraw_query
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.page.views import garment, large, sidebar, words
from imgsearch.page.views.match_cards import QUERY
from imgsearch.page.views.suggested_part import suggested_part
from imgsearch.presentation.safe_text import for_markdown, plain

_SEEN = 144
"""Pixels along a side of what the method sees."""
_BESIDE = 64
"""Pixels that are left for it beside the query on the narrowest telephone, of 320."""


@st.fragment(key="query")
def show(gallery: Callable[[], Gallery | None]) -> None:
    """The query, the part of it that is looked at, and what the method makes of it."""
    here, now = gallery(), visitor().query
    if here is None or now is None:
        return
    with st.container(key=QUERY, gap="xsmall"):
        _show(here, now)


def _show(here: Gallery, now: Query) -> None:
    if visitor().gone:
        st.warning(
            "Your picture is gone: a page that is closed or reloaded keeps none. Choose it again; this is a sample.",
            icon=":material/info:",
        )
    if now.word:
        words.show_word(here, now)
    else:
        key = sidebar.chosen(here)[-1]
        _caption(now)
        picture, seen = _side_by_side()
        with picture:
            _crop(now)
        with seen:
            _show_seen(here, now, key)
        _part(now)
        garment.show(here, now, key)
    # Below, so that the pictures stay where they are when there is a way back.
    _show_trail()
    if visitor().problem:
        st.error(for_markdown(visitor().problem), icon=":material/error:")


def _side_by_side() -> Sequence[DeltaGenerator]:
    """Places for the query and for what the method sees of it."""
    if not device.is_phone():
        return st.columns([5, 3], gap="small")
    # Columns would be one below the other there.
    with st.container(horizontal=True, gap="xsmall"):
        return st.container(width="content"), st.container(width=_BESIDE)


def _caption(now: Query) -> None:
    known = f" · {for_markdown(now.called)}" if now.label else ""
    st.markdown(f"**{now.title}**{known}")


def _crop(now: Query) -> None:
    height, width = now.picture.shape[:2]
    crop_box(
        thumbnails.plainly(now.picture, 640),
        width=width,
        height=height,
        pixels=thumbnails.is_tiny(now.picture),
        alt=f"{now.title}: {plain(now.called)}",
        box=now.box,
        key="crop",
        on_box=lambda: _boxed(boxed("crop")),
        on_tapped=lambda: large.ask([], 0, []),
    )


def _part(now: Query) -> None:
    """How to search with a part of the query, or with all of it again."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="part"):
        if now.box is not None:
            icon = ":material/crop_free:"
            st.button("Whole picture", key="whole", icon=icon, type="tertiary", on_click=_boxed, args=(None,))
            return
        hint = "Drag across for a part." if device.is_phone() else "Drag for a part, click to enlarge."
        st.caption(hint, width="content")
        # Of 28 pixels, there is no part worth looking for.
        if not thumbnails.is_tiny(now.picture):
            st.button("Suggest a part", key="suggest", icon=":material/crop:", type="tertiary", on_click=_suggest)


def _show_seen(gallery: Gallery, now: Query, key: str) -> None:
    converted = searching.conversion(gallery, now)
    preview = gallery.method(key).preview(now.looked_at if converted is None else converted.result)
    with st.container(gap="xxsmall"):
        # The container is as wide as this where there is room, and narrower where there is not.
        with st.container(width=_SEEN):
            st.image(thumbnails.square(preview.picture), width="stretch", alt=preview.alt)
        st.caption(f"**{preview.title}**")
        if converted is None and preview.note and not device.is_phone():
            st.caption(preview.note)
    if converted is not None:
        with st.popover("Steps", icon=":material/auto_fix_high:", type="tertiary"):
            _show_steps(converted.steps)


def _show_steps(steps: tuple[tuple[str, Picture], ...]) -> None:
    st.caption("What was done to your photograph, so that it looks like the pictures in this gallery.")
    with st.grid(len(steps), min_column_width=90, gap="small"):
        for number, (caption, picture) in enumerate(steps, start=1):
            with st.container(gap="xxsmall"):
                st.image(thumbnails.square(picture), width="stretch", alt=f"Step {number}: {caption}")
                st.caption(f"{number}. {caption}")


def _show_trail() -> None:
    trail = visitor().trail
    if not trail:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="trail"):
        st.caption("Back to")
        for position, earlier in list(enumerate(trail))[-4:]:
            st.button(
                for_markdown(earlier.called),
                key=f"back-{position}",
                icon=":material/undo:",
                type="tertiary",
                on_click=_back,
                args=(position,),
            )


def _boxed(box: Box | None) -> None:
    queries.take_box(box)
    redraw("results", "query", "names", "more")


def _suggest() -> None:
    gallery, now = galleries.usable(), visitor().query
    if gallery is not None and now is not None:
        _boxed(suggested_part(gallery, now))


def _back(position: int) -> None:
    queries.go_back(position)
    redraw_query()
