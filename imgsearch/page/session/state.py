"""What one visitor has chosen so far: query, trail, marks and selected match, kept in their session only."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
import streamlit as st
from streamlit.errors import StreamlitAPIException

from imgsearch.gallery.gallery import SIDE
from imgsearch.gallery.persistence import Gallery
from imgsearch.images.reading import Picture, PictureError, digest, enlarge, read_picture
from imgsearch.page.components import Box
from imgsearch.page.server import work_queue
from imgsearch.page.session import galleries
from imgsearch.search.search import Match, Result, rocchio, search_vector

LONGEST = 1024
"""A query is kept at this many pixels along its longer side."""

T = TypeVar("T")

_KEPT = 24
_TRAIL = 12
_SAMPLE = "sample"


@dataclass(frozen=True)
class Query:
    """What is being searched for.

    Attributes
    ----------
    picture : (h, w, 3) uint8, all of it
    name : what it is called; may hold anything
    digest : sha256 of the bytes that it came as, or the reference
    reference : "q12" or "g12" for a picture of the gallery, empty for a visitor's own
    label : its label where it is known
    box : the part of the picture to look at; None for all of it
    seconds : how long the bytes took to read
    """

    picture: Picture
    name: str
    digest: str
    reference: str = ""
    label: str = ""
    box: Box | None = None
    seconds: float = 0.0

    @property
    def looked_at(self) -> Picture:
        """The part of the picture inside the box."""
        if self.box is None:
            return self.picture
        height, width = self.picture.shape[:2]
        left, top, right, bottom = self.box
        x0, y0 = math.floor(left * width), math.floor(top * height)
        x1, y1 = max(x0 + 1, math.ceil(right * width)), max(y0 + 1, math.ceil(bottom * height))
        part = np.ascontiguousarray(self.picture[y0:y1, x0:x1])
        if not galleries.is_tiny(self.picture):
            return part
        # A part of a 28×28 picture is brought back to 28×28: the form that its gallery knows.
        import cv2

        return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def query() -> Query | None:
    """The query of this visitor; None while there is none."""
    return st.session_state.get("query")


def follow_link(gallery: Gallery) -> None:
    """Take the query that the address names, once; the first sample if it names none and nothing was chosen."""
    if st.session_state.get("link_waits"):
        keep_link()
        return
    asked = str(st.query_params.get(_SAMPLE, ""))
    known = st.session_state.get("linked")
    if asked and asked != known and galleries.is_reference(gallery, asked):
        _start(from_reference(gallery, asked))
        return
    now = query()
    if now is None or (now.reference and not _still_there(gallery, now)):
        choices = galleries.samples(gallery)
        if choices:
            _start(from_reference(gallery, choices[0]), link=False)


def keep_link() -> None:
    """Write the query into the address. Not in a callback: what that sends is lost when it asks for a new drawing."""
    if not st.session_state.pop("link_waits", False):
        return
    reference = st.session_state["linked"]
    if reference is None:
        st.query_params.pop(_SAMPLE, None)
    elif st.query_params.get(_SAMPLE) != reference:
        st.query_params[_SAMPLE] = reference


def from_reference(gallery: Gallery, reference: str) -> Query:
    """The query that a reference such as "q12" stands for."""
    index = int(reference[1:])
    key = f"{galleries.token(gallery)}:{reference}"
    if reference[0] == "q" and gallery.queries is not None:
        label = gallery.queries.label(index)
        return Query(gallery.queries.picture(index), f"Test picture {index:,}", key, reference, label)
    name = gallery.file_name(index)
    name = f"Picture {index:,} of the gallery" if name == str(index) else name
    return Query(gallery.picture(index), name, key, reference, gallery.label(index))


def take_reference(gallery: Gallery, reference: str) -> None:
    """Search with a sample, a test picture or a picture of the gallery."""
    if galleries.is_reference(gallery, reference):
        _start(from_reference(gallery, reference))


def hand_in(data: bytes, name: str) -> None:
    """Note a picture from outside; `take_handed_in` searches with it when it is this visitor's turn."""
    st.session_state["handed_in"] = (data, name)


def take_handed_in() -> None:
    """Search with the picture that was handed in, if there is one; whoever is interrupted takes it the next time."""
    handed_in = st.session_state.get("handed_in")
    if handed_in is None:
        return
    with work_queue.turn():
        _take_bytes(*handed_in)
    st.session_state["handed_in"] = None


def _take_bytes(data: bytes, name: str) -> None:
    started = perf_counter()
    try:
        picture = read_picture(data, longest=LONGEST)
    except PictureError as error:
        st.session_state["problem"] = str(error)
        return
    if galleries.is_tiny(picture) and max(picture.shape[:2]) < 8:
        picture = enlarge(picture, 8)
    _start(Query(picture, name, digest(data), seconds=perf_counter() - started))


def take_box(box: Box | None) -> None:
    """Look only at a part of the query."""
    now = query()
    if now is not None and now.box != box:
        _set(replace(now, box=box))


def search_with(gallery: Gallery, index: int) -> None:
    """Search with a match, and remember the way back."""
    if not galleries.is_reference(gallery, f"g{index}"):
        return
    now = query()
    if now is not None:
        trail().append(now)
        del trail()[:-_TRAIL]
    _start(from_reference(gallery, f"g{index}"), keep_trail=True)


def trail() -> list[Query]:
    """The queries that led here, oldest first."""
    return st.session_state.setdefault("trail", [])


def go_back(position: int) -> None:
    """Return to a query of the trail."""
    if 0 <= position < len(trail()):
        earlier = trail()[position]
        del trail()[position:]
        _start(earlier, keep_trail=True)


def problem() -> str:
    """What was wrong with the last picture from outside; empty if nothing was."""
    return st.session_state.get("problem", "")


def complain(sentence: str) -> None:
    """Show a sentence above the query."""
    st.session_state["problem"] = sentence


def marks() -> dict[int, int]:
    """Marked pictures of the gallery: 1 for "more like this", −1 for "not like this"."""
    return st.session_state.setdefault("marks", {})


def mark(index: int, value: int | None) -> None:
    """Mark a picture, or take its mark away."""
    if value is None:
        marks().pop(index, None)
    else:
        marks()[index] = value


def forget_marks() -> None:
    """Start again without marks."""
    st.session_state["marks"] = {}


def selected(matches: Sequence[Match]) -> Match | None:
    """The match that is looked at: the one that was chosen, or else the best that is not the query itself."""
    chosen = st.session_state.get("selected")
    for match in matches:
        if match.index == chosen:
            return match
    return next((match for match in matches if not match.identical), matches[0] if matches else None)


def select(index: int) -> None:
    """Look at a match."""
    st.session_state["selected"] = index


def prepared(gallery: Gallery, of: Query) -> Picture:
    """The query as every method of the gallery sees it, worked out once."""
    if gallery.preprocessing == "photo":
        return gallery.prepare(of.looked_at)
    return conversion(gallery, of)[-1][1]


def conversion(gallery: Gallery, of: Query) -> tuple[tuple[str, Picture], ...]:
    """What was done to the query for this gallery, step by step; the last is what the methods see."""
    key = ("conversion", galleries.token(gallery), of.digest, of.box)
    kept = _kept()
    if key not in kept:
        with work_queue.turn():
            _keep(key, _convert(gallery, of))
    kept.move_to_end(key)
    return kept[key]


def search_results(gallery: Gallery, key: str, of: Query, k: int) -> Result:
    """The matches of a query by one method, with the visitor's marks; kept for a while."""
    likes = tuple(sorted(marks().items()))
    kept, name = _kept(), ("search", galleries.token(gallery), key, of.digest, of.box, k, likes)
    if name not in kept:
        with work_queue.turn():
            _keep(name, _search(gallery, key, of, k))
    kept.move_to_end(name)
    return kept[name]


def forget_searches() -> None:
    """Let go of what was worked out, and of a query that was one of its pictures."""
    _kept().clear()
    trail().clear()
    now = query()
    if now is not None and now.reference:
        st.session_state["query"] = None


def redraw(*fragments: str) -> None:
    """Inside a callback: draw only these parts of the page again."""
    try:
        st.rerun(list(fragments))
    except StreamlitAPIException:
        # The page is not complete yet, so there is no such part: all of it is drawn then.
        return


def redraw_results(*others: str) -> None:
    """Inside a callback: draw the matches again, and below them only what shows matches too."""
    redraw("results", *others, *(["more"] if st.session_state.get("panel_follows") else []))


def _convert(gallery: Gallery, of: Query) -> tuple[tuple[str, Picture], ...]:
    picture = of.looked_at
    if picture.shape[:2] == (SIDE, SIDE):
        return (("As it is", picture),)
    from imgsearch.methods.garment_conversion import convert

    done = convert(picture)
    return (*done.steps[:-1], (done.steps[-1][0], done.result))


def _search(gallery: Gallery, key: str, of: Query, k: int) -> Result:
    # The first search of all reads the gallery's vectors: that is no part of searching them.
    gallery.search_vectors(key)
    started = perf_counter()
    picture = prepared(gallery, of)
    if of.reference.startswith("g") and of.box is None and _still_there(gallery, of):
        # As the gallery knows it, so that a picture is exactly like itself.
        vector = gallery.vectors(key, [int(of.reference[1:])])[0]
    else:
        vector = gallery.method(key).describe(picture)
    more = [index for index, value in marks().items() if value > 0 and index < gallery.n]
    less = [index for index, value in marks().items() if value < 0 and index < gallery.n]
    if more or less:
        vector = rocchio(vector, gallery.vectors(key, more), gallery.vectors(key, less))
    seconds = perf_counter() - started
    return search_vector(gallery, key, vector, k=min(k, max(gallery.n, 1)), describe_seconds=seconds, picture=picture)


def _start(now: Query, *, link: bool = True, keep_trail: bool = False) -> None:
    if not keep_trail:
        st.session_state["trail"] = []
    _set(now)
    # A visitor's own picture cannot be in a link.
    st.session_state["linked"] = now.reference if link and now.reference else None
    st.session_state["link_waits"] = True


def _set(now: Query) -> None:
    st.session_state["query"] = now
    st.session_state["handed_in"] = None
    st.session_state["problem"] = ""
    st.session_state["selected"] = None
    forget_marks()


def _still_there(gallery: Gallery, of: Query) -> bool:
    return of.digest == f"{galleries.token(gallery)}:{of.reference}" and galleries.is_reference(gallery, of.reference)


def remembered(gallery: Gallery, name: tuple[Any, ...], make: Callable[[], T]) -> T:
    """What `make` gave for this gallery and name, kept for this visitor for a while."""
    key = (name[0], galleries.token(gallery), *name[1:])
    kept = _kept()
    if key not in kept:
        _keep(key, make())
    kept.move_to_end(key)
    return kept[key]  # type: ignore[no-any-return]


def _kept() -> OrderedDict[tuple[Any, ...], Any]:
    return st.session_state.setdefault("kept", OrderedDict())


def _keep(key: tuple[Any, ...], value: Any) -> None:
    kept = _kept()
    kept[key] = value
    while len(kept) > _KEPT:
        kept.popitem(last=False)
