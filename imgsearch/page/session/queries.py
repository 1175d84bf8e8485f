"""Where a query comes from: an address, a sample, a picture from outside, a match."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import streamlit as st

from imgsearch.gallery.persistence import GALLERY_SIDE, Gallery
from imgsearch.images.reading import PictureError, read_picture
from imgsearch.images.transforms import digest, enlarge
from imgsearch.page.components import Box
from imgsearch.page.server import work_queue
from imgsearch.page.session import galleries
from imgsearch.page.session.thumbnails import is_tiny
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.search.reference import Reference

_TRAIL = 12
_SMALLEST = 8
"""Pixels: a smaller picture is enlarged, so that there is something to see."""
_PARAMETER = "sample"


def follow_link(gallery: Gallery) -> None:
    """Take the query that the address names, once; the first sample if it names none and nothing was chosen."""
    now = visitor()
    if now.link_waits:
        keep_link()
        return
    asked = str(st.query_params.get(_PARAMETER, ""))
    if asked and asked != now.link and galleries.is_reference(gallery, asked):
        _start(from_reference(gallery, asked))
        return
    if now.query is None or (now.query.reference and not still_there(gallery, now.query)):
        choices = galleries.samples(gallery)
        if choices:
            _start(from_reference(gallery, choices[0]), link=False)


def keep_link() -> None:
    """Write the query into the address. Not in a callback: what that sends is lost when it asks for a new drawing."""
    now = visitor()
    if not now.link_waits:
        return
    now.link_waits = False
    if not now.link:
        st.query_params.pop(_PARAMETER, None)
    elif st.query_params.get(_PARAMETER) != now.link:
        st.query_params[_PARAMETER] = now.link


def from_reference(gallery: Gallery, reference: str) -> Query:
    """The query that a reference such as "q12" stands for."""
    parsed = Reference.of_gallery(gallery, reference)
    index, key = parsed.index, f"{galleries.token(gallery)}:{reference}"
    if parsed.kind == "q" and gallery.queries is not None:
        label = gallery.queries.label(index)
        return Query(gallery.queries.picture(index), f"Test picture {index:,}", key, reference, label)
    name = gallery.file_name(index)
    name = f"Picture {index:,} of the gallery" if name == str(index) else name
    return Query(gallery.picture(index), name, key, reference, gallery.label(index))


def still_there(gallery: Gallery, query: Query) -> bool:
    """Whether the gallery is the one that a query with a reference was taken from."""
    same = query.digest == f"{galleries.token(gallery)}:{query.reference}"
    return same and galleries.is_reference(gallery, query.reference)


def take_reference(gallery: Gallery, reference: str) -> None:
    """Search with a sample, a test picture or a picture of the gallery."""
    if galleries.is_reference(gallery, reference):
        _start(from_reference(gallery, reference))


def hand_in(data: bytes, name: str) -> None:
    """Note a picture from outside; `take_handed_in` searches with it when it is this visitor's turn."""
    visitor().handed_in = (data, name)


def take_handed_in() -> None:
    """Search with the picture that was handed in, if there is one; whoever is interrupted takes it the next time."""
    now = visitor()
    if now.handed_in is None:
        return
    data, name = now.handed_in
    try:
        query = work_queue.run(lambda: _from_bytes(data, name))
    except PictureError as error:
        now.problem = str(error)
    else:
        _start(query)
    now.handed_in = None


def take_box(box: Box | None) -> None:
    """Look only at a part of the query."""
    now = visitor().query
    if now is not None and now.box != box:
        _set(replace(now, box=box))


def search_with(gallery: Gallery, index: int) -> None:
    """Search with a match, and remember the way back."""
    reference = Reference("g", index)
    if not reference.is_in(gallery):
        return
    now = visitor()
    if now.query is not None:
        now.trail.append(now.query)
        del now.trail[:-_TRAIL]
    _start(from_reference(gallery, str(reference)), keep_trail=True)


def go_back(position: int) -> None:
    """Return to a query of the trail."""
    trail = visitor().trail
    if 0 <= position < len(trail):
        earlier = trail[position]
        del trail[position:]
        _start(earlier, keep_trail=True)


def forget_gallery() -> None:
    """Let go of what was worked out from a gallery that is gone, and of a query that was one of its pictures."""
    now = visitor()
    now.results.clear()
    now.own.made.clear()
    now.trail.clear()
    if now.query is not None and now.query.reference:
        now.query = None


def _from_bytes(data: bytes, name: str) -> Query:
    started = perf_counter()
    picture = read_picture(data, longest=GALLERY_SIDE)
    if is_tiny(picture) and max(picture.shape[:2]) < _SMALLEST:
        picture = enlarge(picture, _SMALLEST)
    return Query(picture, name, digest(data), seconds=perf_counter() - started)


def _start(query: Query, *, link: bool = True, keep_trail: bool = False) -> None:
    now = visitor()
    if not keep_trail:
        now.trail.clear()
    _set(query)
    # A visitor's own picture cannot be in a link.
    now.link = query.reference if link else ""
    now.link_waits = True


def _set(query: Query) -> None:
    now = visitor()
    now.query, now.handed_in, now.problem, now.selected = query, None, "", None
    now.marks.clear()
