"""The galleries that the page offers: opened once for all visitors, and a visitor's own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from imgsearch.assets import ASSETS
from imgsearch.gallery import file_set
from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.gallery.persistence import list_galleries, open_gallery
from imgsearch.page.session import building
from imgsearch.page.session.thumbnails import as_stored, drawn
from imgsearch.page.session.visitor import visitor
from imgsearch.presentation.kind_names import kind_name
from imgsearch.search.reference import Reference
from imgsearch.search.result import Match

PHOTOGRAPHS = "photos"
OWN = building.NAME  # name, in the link and in the list, of the gallery that a visitor makes of their own pictures

T = TypeVar("T")


def offered() -> list[str]:
    """Names of the galleries to choose from, the bundled ones first, a visitor's own last."""
    found = sorted(_paths(), key=lambda name: (_paths()[name].parent != ASSETS / "galleries", name))
    return [*found, OWN]


def title(name: str) -> str:
    """What a gallery is called."""
    if name == OWN:
        return building.TITLE
    try:
        header = json.loads((_paths()[name] / file_set.HEADER).read_text(encoding="utf-8"))
        return str(header["title"]) or name
    except (OSError, ValueError, KeyError, TypeError):
        # A damaged gallery stays in the list and says what is wrong when it is chosen.
        return name


def current() -> Gallery | None:
    """The gallery that this visitor has chosen; None for their own before it is made. GalleryError if it is damaged."""
    name = st.session_state["gallery"]
    if name == OWN:
        return own()
    path = _paths().get(name)
    if path is None:
        raise GalleryError(f"The gallery {name} is not there any more: choose another.")
    return _opened(str(path), _stamp(path))


def usable() -> Gallery | None:
    """`current`, or None where it cannot be opened: the page has said so already."""
    try:
        return current()
    except GalleryError:
        return None


def is_own() -> bool:
    """Whether this visitor has chosen their own pictures."""
    return bool(st.session_state["gallery"] == OWN)


def own() -> Gallery | None:
    """The visitor's own gallery: in this session, and nowhere else."""
    return visitor().own.gallery


def photographs() -> Gallery | None:
    """The bundled gallery of photographs, whose methods also suit a visitor's own."""
    path = _paths().get(PHOTOGRAPHS)
    try:
        return None if path is None else _opened(str(path), _stamp(path))
    except GalleryError:
        return None


def token(gallery: Gallery) -> str:
    """A name that changes with the gallery's contents, for keeping what was worked out from it."""
    if gallery is own():
        return f"{OWN}-{visitor().own.version}"
    path = _paths().get(gallery.name)
    return gallery.name if path is None else f"{gallery.name}-{_stamp(path)}"


def display_name(match: Match) -> str:
    """What a match is called: its kind, or else its file name. It may hold anything."""
    return kind_name(match.label) or match.name


def picture_name(gallery: Gallery, index: int) -> str:
    """What a picture of a gallery is called: its kind, or else its file name. It may hold anything."""
    return kind_name(gallery.label(index)) or gallery.file_name(index)


def samples(gallery: Gallery) -> list[str]:
    """What the strip of samples shows: references to test pictures or to pictures of the gallery."""
    known = _samples_file().get(gallery.name, [])
    valid = [reference for reference in known if is_reference(gallery, reference)]
    if valid:
        return valid
    if gallery.queries is not None:
        return [str(Reference("q", index)) for index in _spread(gallery.queries.n)]
    return [str(Reference("g", index)) for index in _spread(gallery.n)]


def _spread(n: int) -> list[int]:
    """About a dozen of n, evenly."""
    return np.unique(np.linspace(0, n - 1, min(n, 12)).astype(int)).tolist() if n else []


def is_reference(gallery: Gallery, reference: str) -> bool:
    """Whether `reference` names a picture that this gallery has, such as "q12" or "g345"."""
    parsed = Reference.parse(reference)
    return parsed is not None and parsed.is_in(gallery)


def thumbnail(gallery: Gallery, index: int) -> tuple[str, bool]:
    """The address of a picture for a card, and whether its single pixels are to be seen."""
    if gallery is own():
        return remembered(gallery, f"card {index}", lambda: drawn(gallery, index))
    # Kept by nobody: a stored photograph goes as it is, and a tiny picture is written as fast as it is looked up.
    return as_stored(gallery, index) or drawn(gallery, index)


def remembered(gallery: Gallery, name: str, make: Callable[[], T]) -> T:
    """What `make` gives, worked out once for all visitors of a gallery, by name; shared, so nobody may change it."""
    if gallery is not own():
        return _remembered(token(gallery), name, make)  # type: ignore[no-any-return]
    # What is a visitor's own never enters a cache that others share.
    return visitor().own.made.get((token(gallery), name), make)


@st.cache_resource(show_spinner=False, max_entries=16)
def _opened(path: str, stamp: int) -> Gallery:
    return open_gallery(Path(path))


@st.cache_resource(show_spinner=False, max_entries=256)
def _remembered(token: str, name: str, _make: Callable[[], Any]) -> Any:
    return _make()


def _samples_file() -> dict[str, list[str]]:
    # Without it, pictures that lie evenly in the gallery are the samples.
    try:
        listed = json.loads((ASSETS / "samples" / "samples.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return listed if isinstance(listed, dict) else {}


def _paths() -> dict[str, Path]:
    return {name: path for name, path in list_galleries().items() if name != OWN}


def _stamp(path: Path) -> int:
    try:
        return (path / file_set.HEADER).stat().st_mtime_ns
    except OSError:
        return 0
