"""A visitor's own pictures as a gallery: made in their session, saved to their disk, and nowhere else."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.gallery.persistence import from_file, to_file
from imgsearch.images.zip_files import ArchiveError
from imgsearch.methods.registry import MethodError, photo_methods
from imgsearch.page.server import memory_budget, uploads, work_queue
from imgsearch.page.session import galleries, own_gallery, queries
from imgsearch.page.session.building import Building
from imgsearch.page.session.redraw import redraw_all
from imgsearch.page.session.visitor import OwnPictures, Visitor, visitor
from imgsearch.page.views import own_removal, query_input, words
from imgsearch.presentation.safe_text import for_markdown

_FILES, _FOLDER, _SAVED = "Files or a zip", "A folder", "A saved gallery"
_LOOK = 0.5
"""Seconds between two looks at a gallery in the making."""


def show(gallery: Gallery | None) -> None:
    """Make the gallery, or what can be done with it once it is there."""
    own = visitor().own
    if gallery is None:
        queries.miss_own()
        if visitor().gone:
            st.warning("Your pictures are gone: a page that is closed or reloaded keeps none.", icon=":material/info:")
        st.header("Search in your own pictures", anchor=False)
        _privacy()
    if own.building is not None:
        _going_on()
    elif own.problem:
        st.error(for_markdown(own.problem, longest=400), icon=":material/error:")
    if gallery is None:
        if own.building is None:
            _skipped()
            _choose(None)
        return
    # By its key it stays open while their number changes.
    with st.expander(f"Your own pictures: {gallery.n:,}", key="own-pictures", icon=":material/photo_library:"):
        _privacy()
        _skipped()
        with st.container(horizontal=True, gap="small"):
            st.download_button(
                "Save gallery",
                _saved_file(visitor()),
                file_name="my-pictures.imgsearch",
                mime="application/octet-stream",
                icon=":material/save:",
                on_click="ignore",
                key="own-save",
                help="Open it here again later; nothing has to be worked out anew.",
            )
            with st.popover("Remove some", icon=":material/remove_selection:"):
                own_removal.show(gallery)
            with st.popover("Delete", icon=":material/delete:"):
                st.markdown(f"{_all_of(gallery)} will be gone, unless you save the gallery first.")
                st.button(f"Delete {gallery.n:,}", key="own-forget", on_click=_forget)
        if own.building is None:
            _choose(gallery)
    words.show_groups(gallery)


def _saved_file(whose: Visitor) -> Callable[[], bytes]:
    # It runs without a session, and Streamlit keeps it until the session is over: so it holds no gallery.
    return lambda: b"" if whose.own.gallery is None else to_file(whose.own.gallery)


def _privacy() -> None:
    st.caption(
        ":material/lock: They stay in this session: not on the server's disk, not shared with anybody, "
        "and gone when the tab closes or reloads."
    )


def _choose(gallery: Gallery | None) -> None:
    source = st.segmented_control(
        "Where they are" if gallery is None else "Add or replace",
        [_FILES, _FOLDER, _SAVED],
        default=_FILES,
        required=True,
        key="own-source",
        on_change=redraw_all,
    )
    key = _uploader_key(source)
    if source == _SAVED:
        file = st.file_uploader("A gallery that you saved here", type=["imgsearch"], key=key, on_change=redraw_all)
        if isinstance(file, UploadedFile):
            if gallery is not None and not visitor().own.may_go:
                _ask(gallery, "own-open", _let_go_of_present)
            else:
                _open_saved(file)
        return
    folder = source == _FOLDER
    files = st.file_uploader(
        "A folder of pictures; its subfolders become the kinds"
        if folder
        else "Many pictures at once, or a zip of them",
        type=query_input.TYPES if folder else [*query_input.TYPES, "zip"],
        accept_multiple_files="directory" if folder else True,
        key=key,
        on_change=redraw_all,
    )
    if not files:
        return
    st.caption(_chosen(files))
    if gallery is None:
        st.button("Build gallery", icon=":material/grid_view:", key="own-make", on_click=_start)
        return
    with st.container(horizontal=True, gap="small"):
        icon = ":material/add_photo_alternate:"
        st.button(f"Add to the {gallery.n:,}", icon=icon, key="own-add", on_click=_start, kwargs={"adding": True})
        with st.popover("Replace", icon=":material/swap_horiz:"):
            _ask(gallery, "own-replace", _start)


def _ask(gallery: Gallery, key: str, replace: Callable[[], None]) -> None:
    """Ask before the pictures that are there go."""
    st.markdown(f"{_all_of(gallery)} will be gone, unless you save the gallery first.")
    st.button(f"Replace {gallery.n:,}", key=key, on_click=replace)


def _let_go_of_present() -> None:
    visitor().own.may_go = True
    redraw_all()


def _forget() -> None:
    own_gallery.forget()
    redraw_all()


def _all_of(gallery: Gallery) -> str:
    return "Your picture" if gallery.n == 1 else f"All {gallery.n:,} pictures"


def _chosen(files: Sequence[Any]) -> str:
    size = sum(file.size for file in files) / 1e6
    return f"{len(files):,} file{'s' if len(files) > 1 else ''} chosen, {size:,.1f} MB"


def _uploader_key(source: str | None) -> str:
    # A new key after each upload: the files are taken over, and the row is ready for the next.
    return f"own-files-{source}-{visitor().own.uploads}"


def _start(*, adding: bool = False) -> None:
    # All of it within the callback: a button's own answer is lost where another click ends the run that has it.
    own = visitor().own
    files = st.session_state.get(_uploader_key(st.session_state["own-source"]))
    if files:
        own.problem = ""
        try:
            own.building = Building(files, photo_methods(), own.gallery, adding=adding)
        except MethodError as error:
            own.problem = str(error)
        else:
            own.building.go_on()
            _let_go(files)
    redraw_all()


@st.fragment(run_every=_LOOK)
def _going_on() -> None:
    """How far the next gallery is, with a way to stop."""
    own = visitor().own
    building = own.building
    if building is None:
        return
    if building.is_over:
        _take_over(own, building)
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.progress(min(building.done / max(building.total, 1), 1.0), text=_progress(building))
        st.button(
            "Cancel",
            icon=":material/stop_circle:",
            key="own-cancel",
            help="What is done so far is kept.",
            disabled=building.is_cancelled,
            on_click=_cancel,
        )


def _cancel() -> None:
    # Looked up now: Streamlit keeps callbacks, and all that they hold, until the session is over.
    building = visitor().own.building
    if building is not None:
        building.cancel()


def _progress(building: Building) -> str:
    if not building.total:
        return "Counting…"
    name = for_markdown(building.name.rsplit("/", 1)[-1], longest=40)
    text = f"{building.done:,} of {building.total:,} · {name}"
    left = building.seconds_left
    if left is None:
        return text
    return text + (f" · about {left:.0f} s left" if left < 90 else f" · about {left / 60:.0f} min left")


def _take_over(own: OwnPictures, building: Building) -> None:
    own.building = None
    if building.error is not None and not isinstance(building.error, (ArchiveError, GalleryError)):
        raise building.error
    if building.gallery is not None:
        own_gallery.take(building.gallery, building.skipped)
        return
    own.problem = "" if building.error is None else str(building.error)
    if building.skipped or own.gallery is None:
        own.skipped = building.skipped


def _open_saved(file: UploadedFile) -> None:
    visitor().own.may_go = False
    try:
        with st.spinner("Opening your gallery…"):
            content = file.getvalue()
            gallery = work_queue.run(lambda: from_file(content))
        memory_budget.everybody.take(gallery, instead_of=galleries.own(), at_least=file.size)
    except GalleryError as error:
        st.error(for_markdown(str(error), longest=400), icon=":material/error:")
        return
    _let_go([file])
    own_gallery.take(gallery, [])
    st.rerun()


def _let_go(files: Sequence[Any]) -> None:
    """The files have been taken over, so server and uploader let go of them."""
    uploads.let_go(_uploader_key(st.session_state["own-source"]), files)
    visitor().own.uploads += 1


def _skipped() -> None:
    skipped = visitor().own.skipped
    if not skipped:
        return
    st.markdown(f":material/warning: **{len(skipped)} left out**")
    st.markdown(
        "\n".join(f"- {for_markdown(name)}: {for_markdown(reason, longest=300)}" for name, reason in skipped[:50])
    )
    if len(skipped) > 50:
        st.caption(f"And {len(skipped) - 50:,} more.")
