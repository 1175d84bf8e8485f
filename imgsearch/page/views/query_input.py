"""The query: where it comes from, and how it is seen."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.images.reading import MAX_BYTES
from imgsearch.images.transforms import Picture
from imgsearch.page.components.clipboard import paste_button, pasted
from imgsearch.page.components.crop import Box, boxed, crop_box
from imgsearch.page.components.strip import picked, picture_strip
from imgsearch.page.server import uploads
from imgsearch.page.session import galleries, queries, searching, thumbnails
from imgsearch.page.session.redraw import redraw, redraw_query
from imgsearch.page.session.visitor import Query, SamplesDrawn, visitor
from imgsearch.page.views import garment, large, sidebar, words
from imgsearch.page.views.match_cards import QUERY
from imgsearch.page.views.suggested_part import suggested_part
from imgsearch.presentation.safe_text import for_markdown, plain
from imgsearch.search.reference import Reference

TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"]
_UPLOADER = "upload-"
_SEEN = 144
"""Pixels along a side of what the method sees."""
# What is pasted travels in a message, in base64; the server closes the connection at one of more than 25 MB.
_LARGEST_PASTED = 15_000_000


@st.fragment(key="input")
def choose(gallery: Callable[[], Gallery | None]) -> None:
    """Upload, webcam, clipboard, a random test picture, and the strip of samples."""
    here = gallery()
    if here is None:
        return
    queries.take_handed_in()
    megabytes = MAX_BYTES // 1_000_000
    # A new key after each upload: the file is taken over, and the row is ready for the next.
    key = f"{_UPLOADER}{visitor().uploads}"
    st.file_uploader(
        "Your picture: drop it here, or choose a file",
        type=TYPES,
        key=key,
        max_upload_size=megabytes,
        on_change=_uploaded,
        args=(key,),
    )
    with st.container(horizontal=True, gap="small"):
        if st.button(
            "Webcam",
            icon=":material/photo_camera:",
            key="webcam",
            width="stretch",
            on_click=redraw,
            args=("input",),
        ):
            _webcam()
        with st.container(width="stretch"):
            paste_button(uploader=_UPLOADER, taken=TYPES, key="paste", on_picture=_pasted, largest=_LARGEST_PASTED)
        if here.queries is not None:
            st.button(
                "Random test picture",
                icon=":material/casino:",
                key="random",
                width="stretch",
                on_click=_random,
            )
    now = visitor().query
    references = galleries.samples(here)
    chosen = now.reference if now is not None and now.reference in references else ""
    visitor().samples_drawn = SamplesDrawn(tuple(references), chosen)
    if references:
        picture_strip(
            [_sample(here, reference) for reference in references],
            chosen=chosen or None,
            label="Sample pictures",
            key="strip",
            on_picked=_picked,
        )


@st.fragment(key="query")
def show(gallery: Callable[[], Gallery | None]) -> None:
    """The query, the part of it that is looked at, and what the method makes of it."""
    here, now = gallery(), visitor().query
    if here is None or now is None:
        return
    with st.container(key=QUERY):
        _show(here, now)


def _show(here: Gallery, now: Query) -> None:
    large.show_asked()
    if visitor().gone:
        st.warning(
            "Your picture is gone: a page that is closed or reloaded keeps none. Choose it again; this is a sample.",
            icon=":material/info:",
        )
    if now.word:
        words.show_word(here, now)
    else:
        key = sidebar.chosen(here)[-1]
        # One below the other on a telephone.
        picture, seen = st.columns([5, 3], gap="small")
        with picture:
            _caption(now)
            _crop(now)
        with seen:
            _show_seen(here, now, key)
        garment.show(here, now, key)
    # Below, so that the pictures stay where they are when there is a way back.
    _show_trail()
    if visitor().problem:
        st.error(for_markdown(visitor().problem), icon=":material/error:")


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
        on_tapped=_enlarge,
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="part"):
        if now.box is not None:
            st.button(
                "Whole picture",
                key="whole",
                icon=":material/crop_free:",
                type="tertiary",
                on_click=_boxed,
                args=(None,),
            )
            return
        st.caption("Drag for a part, click to enlarge.", width="content")
        # Of 28 pixels, there is no part worth looking for.
        if not thumbnails.is_tiny(now.picture):
            st.button("Suggest a part", key="suggest", icon=":material/crop:", type="tertiary", on_click=_suggest)


def _show_seen(gallery: Gallery, now: Query, key: str) -> None:
    converted = searching.conversion(gallery, now)
    preview = gallery.method(key).preview(now.looked_at if converted is None else converted.result)
    st.markdown(f"**{preview.title}**")
    # The container is as wide as this where there is room, and narrower where there is not.
    with st.container(width=_SEEN):
        st.image(thumbnails.square(preview.picture), width="stretch", alt=preview.alt)
    if converted is None and preview.note:
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


@st.dialog("Take a picture")
def _webcam() -> None:
    st.caption("The picture goes to this search and is kept nowhere else.")
    st.camera_input("Webcam", key="camera", label_visibility="collapsed", on_change=_captured)
    st.caption("No camera, or not allowed to use it? Upload a picture, or paste one with Ctrl+V.")
    if st.session_state.pop("captured", False):
        st.rerun()


def _captured() -> None:
    taken = uploads.take("camera")
    if taken is not None:
        queries.hand_in(taken[1], "Webcam")
        st.session_state["captured"] = True


def _uploaded(key: str) -> None:
    taken = uploads.take(key)
    if taken is not None:
        name, content = taken
        visitor().uploads += 1
        queries.hand_in(content, name)
        _handed_in()


def _pasted() -> None:
    name, data = pasted("paste", largest=_LARGEST_PASTED)
    # An uploader that has turned the file away says so until there is a new one.
    visitor().uploads += 1
    queries.hand_in(data, name)
    _handed_in()


def _picked() -> None:
    gallery = galleries.usable()
    if gallery is None:
        return
    queries.take_reference(gallery, picked("strip"))
    _new_query()


def _random() -> None:
    gallery = galleries.usable()
    if gallery is None or gallery.queries is None:
        return
    queries.take_reference(gallery, str(Reference("q", secrets.randbelow(gallery.queries.n))))
    _new_query()


def _boxed(box: Box | None) -> None:
    queries.take_box(box)
    redraw("results", "query", "names", "more")


def _suggest() -> None:
    gallery, now = galleries.usable(), visitor().query
    if gallery is not None and now is not None:
        _boxed(suggested_part(gallery, now))


def _enlarge() -> None:
    large.ask([], 0, [])
    redraw("query")


def _back(position: int) -> None:
    queries.go_back(position)
    _new_query()


def _handed_in() -> None:
    # It is taken over where the uploader is drawn, so that has to come before what is found with it.
    redraw("input", "results", "query", "more")


def _new_query() -> None:
    redraw_query()


def _sample(gallery: Gallery, reference: str) -> dict[str, object]:
    # Decoding and encoding a dozen photographs would be half of the time of a query.
    return galleries.remembered(gallery, f"sample {reference}", lambda: _make_sample(gallery, reference))


def _make_sample(gallery: Gallery, reference: str) -> dict[str, object]:
    query = queries.from_reference(gallery, reference)
    return {
        "id": reference,
        "src": thumbnails.plainly(query.picture, 128),
        "alt": plain(query.called),
        "pixels": thumbnails.is_tiny(query.picture),
    }
