"""A visitor's own pictures as a gallery: made in their session, saved to their disk, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from time import monotonic
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from imgsearch.gallery.builder import GalleryBuilder
from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.gallery.persistence import from_file, to_file
from imgsearch.images.formats import PictureError
from imgsearch.images.zip_files import ArchiveError, read_members
from imgsearch.methods.method import Method
from imgsearch.page.server import memory_budget, uploads, work_queue
from imgsearch.page.session import galleries, queries
from imgsearch.page.session.visitor import Visitor, visitor
from imgsearch.page.views import query_input, words
from imgsearch.presentation.safe_text import for_markdown

MOST_PICTURES = 2_000
MOST_BYTES = 300_000_000
"""Of all files of an archive together, unpacked; of a saved gallery, too."""

_FILES, _FOLDER, _SAVED = "Files or a zip", "A folder", "A saved gallery"


def show(gallery: Gallery | None) -> None:
    """Make the gallery, or what can be done with it once it is there."""
    if gallery is None:
        queries.miss_own()
        if visitor().gone:
            st.warning("Your pictures are gone: a page that is closed or reloaded keeps none.", icon=":material/info:")
        st.header("Search in your own pictures", anchor=False)
        _privacy()
        _choose()
        return
    with st.expander(f"Your own pictures: {gallery.n:,}", icon=":material/photo_library:"):
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
            st.button("Delete", icon=":material/delete:", key="own-forget", on_click=_forget)
        _choose()
    words.show_groups(gallery)


def _saved_file(whose: Visitor) -> Callable[[], bytes]:
    # It runs without a session, and Streamlit keeps it until the session is over: so it holds no gallery.
    return lambda: b"" if whose.own.gallery is None else to_file(whose.own.gallery)


def _privacy() -> None:
    st.caption(
        ":material/lock: They stay in this session: not on the server's disk, not shared with anybody, "
        "and gone when the tab closes or reloads."
    )


def _choose() -> None:
    source = st.segmented_control(
        "Where they are", [_FILES, _FOLDER, _SAVED], default=_FILES, required=True, key="own-source"
    )
    key = _uploader_key(source)
    if source == _SAVED:
        file = st.file_uploader("A gallery that you saved here", type=["imgsearch"], key=key)
        if isinstance(file, UploadedFile):
            _open_saved(file)
        return
    if source == _FOLDER:
        files = st.file_uploader(
            "A folder of pictures; its subfolders become the kinds",
            type=query_input.TYPES,
            accept_multiple_files="directory",
            key=key,
        )
    else:
        files = st.file_uploader(
            "Many pictures at once, or a zip of them",
            type=[*query_input.TYPES, "zip"],
            accept_multiple_files=True,
            key=key,
        )
    if files and st.button("Build gallery", icon=":material/grid_view:", key="own-make"):
        _make(files)


def _uploader_key(source: str | None) -> str:
    # A new key after each upload: the files are taken over, and the row is ready for the next.
    return f"own-files-{source}-{visitor().own.uploads}"


def _open_saved(file: UploadedFile) -> None:
    try:
        with st.spinner("Opening your gallery…"):
            content = file.getvalue()
            gallery = work_queue.run(lambda: from_file(content, max_bytes=MOST_BYTES))
        memory_budget.everybody.take(gallery, instead_of=galleries.own(), at_least=file.size)
    except GalleryError as error:
        _complain(error)
        return
    _take(gallery, [file], [])


def _make(files: Sequence[Any]) -> None:
    skipped: list[tuple[str, str]] = []
    progress = st.progress(0.0, text="Counting…")
    try:
        builder = _describe(files, skipped, progress)
        gallery = builder.finish(name=galleries.OWN, title="Your own pictures", uploaded=True, mapped=False)
        memory_budget.everybody.take(gallery, instead_of=galleries.own())
    except (ArchiveError, GalleryError) as error:
        progress.empty()
        _complain(error)
        if galleries.own() is None:
            visitor().own.skipped = skipped
            _skipped()
        return
    progress.empty()
    _take(gallery, files, skipped)


def _describe(files: Sequence[Any], skipped: list[tuple[str, str]], progress: DeltaGenerator) -> GalleryBuilder:
    """Describe all pictures in the files, and say how far it is. Others have their turn between two pictures."""
    total = work_queue.run(lambda: sum(_count(file) for file in files))
    builder = GalleryBuilder(methods())
    started = monotonic()
    for number, (name, data) in enumerate(_pictures(files, skipped), start=1):
        if number > MOST_PICTURES:
            skipped.append((name, f"Only {MOST_PICTURES:,} pictures fit: make two galleries."))
            break
        progress.progress(min(number / max(total, 1), 1.0), text=_progress(number, total, name, started))
        try:
            work_queue.run(partial(builder.add_file, name, data))
        except PictureError as error:
            skipped.append((name, str(error)))
        # Said now where it is certain already, and not after minutes of work.
        memory_budget.everybody.check(builder.kept_bytes, instead_of=galleries.own())
    return builder


def _complain(error: Exception) -> None:
    st.error(for_markdown(str(error), longest=400), icon=":material/error:")


def methods() -> list[Method]:
    """The methods of the photo gallery; without one, the colour histogram."""
    photos = galleries.photographs()
    if photos is not None:
        return list(photos.methods.values())
    from imgsearch.methods.histogram import ColourHistogram

    return [ColourHistogram()]


def _pictures(files: Sequence[Any], skipped: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    for file in files:
        if not _is_archive(file):
            yield file.name, file.getvalue()
            continue
        try:
            yield from read_members(
                file,
                max_total=MOST_BYTES,
                max_members=10 * MOST_PICTURES,
                skipped=lambda name, reason: skipped.append((name, reason)),
            )
        except ArchiveError as error:
            # What came out of it before stays good.
            skipped.append((file.name, str(error)))


def _count(file: Any) -> int:
    if not _is_archive(file):
        return 1
    return sum(1 for _ in read_members(file, max_total=MOST_BYTES, max_members=10 * MOST_PICTURES))


def _is_archive(file: Any) -> bool:
    return str(file.name).lower().endswith(".zip")


def _progress(number: int, total: int, name: str, started: float) -> str:
    text = f"{number:,} of {total:,} · {for_markdown(name.rsplit('/', 1)[-1], longest=40)}"
    if number > 3:
        left = (monotonic() - started) / (number - 1) * (total - number + 1)
        text += f" · about {left:.0f} s left" if left < 90 else f" · about {left / 60:.0f} min left"
    return text


def _take(gallery: Gallery, files: Sequence[Any], skipped: list[tuple[str, str]]) -> None:
    own = visitor().own
    own.gallery = gallery
    own.version += 1
    own.skipped = skipped
    # The files have been taken over, so server and uploader let go of them.
    uploads.let_go(_uploader_key(st.session_state["own-source"]), files)
    own.uploads += 1
    queries.forget_gallery()
    st.rerun()


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


def _forget() -> None:
    visitor().own.gallery = None
    visitor().own.skipped = []
    queries.forget_gallery()
