"""Where a query comes from: a file, the webcam, the clipboard, or a sample."""

import secrets
from collections.abc import Callable
from functools import partial

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.images.reading import MAX_BYTES
from imgsearch.page.components.clipboard import paste_button, pasted
from imgsearch.page.components.strip import picked, picture_strip
from imgsearch.page.server import uploads
from imgsearch.page.session import device, galleries, queries, thumbnails
from imgsearch.page.session.redraw import redraw, redraw_query
from imgsearch.page.session.visitor import SamplesDrawn, visitor
from imgsearch.presentation.safe_text import plain
from imgsearch.search.reference import Reference

TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"]
_UPLOADER = "upload-"
# What is pasted travels in a message, in base64; the server closes the connection at one of more than 25 MB.
_LARGEST_PASTED = 15_000_000


@st.fragment(key="input")
def choose(gallery: Callable[[], Gallery | None]) -> None:
    """Upload, webcam, clipboard, a random test picture, and the strip of samples."""
    here = gallery()
    if here is None:
        return
    queries.take_handed_in()
    if device.is_phone():
        # The query and the first match have to be on the first screen.
        icon, key = ":material/photo_camera:", f"sources-{visitor().sources}"
        with st.popover("Use your own picture", icon=icon, key=key, width="stretch", on_change=redraw, args=("input",)):
            _sources(here, "Choose a file")
    else:
        _sources(here, "Your picture: drop it here, or choose a file")
    _samples(here)


def _sources(here: Gallery, label: str) -> None:
    # A new key after each upload: the file is taken over, and the row is ready for the next.
    key = f"{_UPLOADER}{visitor().uploads}"
    st.file_uploader(
        label, type=TYPES, key=key, max_upload_size=MAX_BYTES // 1_000_000, on_change=_uploaded, args=(key,)
    )
    with st.container(horizontal=True, gap="small"):
        if st.button("Webcam", icon=":material/photo_camera:", key="webcam", width="stretch", on_click=_to_webcam):
            _webcam()
        paste_button(uploader=_UPLOADER, taken=TYPES, key="paste", on_picture=_pasted, largest=_LARGEST_PASTED)
        if here.queries is not None:
            icon = ":material/casino:"
            st.button("Random test picture", icon=icon, key="random", width="stretch", on_click=_random)


def _samples(here: Gallery) -> None:
    now = visitor().query
    references = galleries.samples(here)
    chosen = now.reference if now is not None and now.reference in references else ""
    visitor().samples_drawn = SamplesDrawn(tuple(references), chosen)
    if references:
        picture_strip(
            # Decoding and encoding a dozen photographs would be half of the time of a query.
            [galleries.remembered(here, f"sample {name}", partial(_sample, here, name)) for name in references],
            chosen=chosen or None,
            label="Sample pictures",
            key="strip",
            on_picked=_picked,
        )


@st.dialog("Take a picture")
def _webcam() -> None:
    st.caption("The picture goes to this search and is kept nowhere else.")
    st.camera_input("Webcam", key="camera", label_visibility="collapsed", on_change=_captured)
    st.caption("No camera, or not allowed to use it? Upload or paste a picture instead.")
    if st.session_state.pop("captured", False):
        st.rerun()


def _to_webcam() -> None:
    # On a telephone they would lie over the dialog.
    _close_sources()
    redraw("input")


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
    redraw_query()


def _random() -> None:
    gallery = galleries.usable()
    if gallery is None or gallery.queries is None:
        return
    queries.take_reference(gallery, str(Reference("q", secrets.randbelow(gallery.queries.n))))
    _close_sources()
    redraw_query()


def _handed_in() -> None:
    _close_sources()
    # It is taken over where the uploader is drawn, so that has to come before what is found with it.
    redraw("input", "results", "query", "names", "more", "word")


def _close_sources() -> None:
    """Let what was found with a picture be seen on a telephone."""
    if device.is_phone():
        # A new key, which is closed: the browser may have opened the old one without the server having told it so, and
        # then takes no notice of being told that it is closed.
        visitor().sources += 1
        # So that they are drawn again, whatever the query is.
        visitor().samples_drawn = None


def _sample(gallery: Gallery, reference: str) -> dict[str, object]:
    query = queries.from_reference(gallery, reference)
    return {
        "id": reference,
        "src": thumbnails.plainly(query.picture, 128),
        "alt": plain(query.called),
        "pixels": thumbnails.is_tiny(query.picture),
    }
