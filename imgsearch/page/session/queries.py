"""Where a query comes from: an address, a sample, a picture from outside, a match."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import streamlit as st

from imgsearch.gallery.gallery import GALLERY_SIDE, Gallery
from imgsearch.images.formats import PictureError
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import digest, enlarge
from imgsearch.page.components import Box
from imgsearch.page.server import work_queue
from imgsearch.page.session import galleries, words
from imgsearch.page.session.thumbnails import is_tiny
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.search.lookup import UnknownWordError
from imgsearch.search.reference import Reference
from imgsearch.search.vocabulary import WordsError

_TRAIL = 12
_SMALLEST = 8
"""Pixels: a smaller picture is enlarged, so that there is something to see."""
_SAMPLE, _WORD = "sample", "word"
"""Parameters of the address; with both, the sample is searched for together with the word."""


def follow_link(gallery: Gallery) -> None:
    """Take the query that the address names, once; the first sample if it names none and nothing was chosen."""
    now = visitor()
    if now.link_waits:
        keep_link()
        return
    asked = {name: str(st.query_params[name]) for name in (_SAMPLE, _WORD) if st.query_params.get(name)}
    if asked and asked != now.link and _follow(gallery, asked):
        return
    # Another gallery may not know the word.
    word = "" if now.query is None else now.query.word or now.query.towards
    unknown = _why_unknown(gallery, word) if word else None
    if now.query is None or unknown or (now.query.reference and not still_there(gallery, now.query)):
        choices = galleries.samples(gallery)
        if choices:
            unknown = unknown or now.unknown
            _start(from_reference(gallery, choices[0]), link=False)
            now.unknown = unknown


def keep_link() -> None:
    """Write the query into the address. Not in a callback: what that sends is lost when it asks for a new drawing."""
    now = visitor()
    if not now.link_waits:
        return
    now.link_waits = False
    for name in (_SAMPLE, _WORD):
        if name not in now.link:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != now.link[name]:
            st.query_params[name] = now.link[name]


def link_of(query: Query) -> dict[str, str]:
    """What an address holds of a query, by parameter; nothing for a visitor's own picture, which cannot be in it."""
    if query.word:
        return {_WORD: query.word}
    if not query.reference:
        return {}
    return {_SAMPLE: query.reference} | ({_WORD: query.towards} if query.towards else {})


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


def own_index(gallery: Gallery, query: Query) -> int | None:
    """The picture of the gallery that a query is; None for any other."""
    reference = Reference.parse(query.reference) if still_there(gallery, query) else None
    return reference.index if reference is not None and reference.kind == "g" else None


def take_reference(gallery: Gallery, reference: str) -> None:
    """Search with a sample, a test picture or a picture of the gallery."""
    if galleries.is_reference(gallery, reference):
        _start(from_reference(gallery, reference))


def take_word(gallery: Gallery, text: str, *, together: bool = False) -> None:
    """Search with a word, or with the picture of now and a word; note what is wrong with it.

    Parameters
    ----------
    gallery : Gallery
    text : str
        Whatever was typed.
    together : bool
        Whether the picture that is searched for moves towards the word.
    """
    now = visitor()
    now.unknown = _why_unknown(gallery, text)
    if now.unknown is not None:
        return
    found = words.look_up_in(gallery, text)
    if together and now.query is not None and not now.query.word:
        # The same picture is looked at still, so there is nothing to go back to.
        _start(replace(now.query, towards=found.name, note=found.note), keep_trail=True)
        return
    if now.query is not None and not now.query.word:
        _remember(now.query)
    _start(words.word_query(found), keep_trail=True)


def leave_word() -> None:
    """Search for the picture alone again."""
    now = visitor().query
    if now is not None and now.towards:
        _start(replace(now, towards="", note=""), keep_trail=True)


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
    now = visitor().query
    if now is not None:
        _remember(now)
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


def _why_unknown(gallery: Gallery, text: str) -> tuple[str, tuple[str, ...]] | None:
    """Why a gallery knows no word in a text, with the nearest that it knows; None if it knows one."""
    try:
        words.look_up_in(gallery, text)
    except UnknownWordError as error:
        return str(error), error.suggestions
    except WordsError as error:
        return str(error), ()
    return None


def _follow(gallery: Gallery, asked: dict[str, str]) -> bool:
    """Take the query that an address names; whether there is one."""
    sample = asked.get(_SAMPLE, "")
    known = galleries.is_reference(gallery, sample)
    if known:
        _start(from_reference(gallery, sample))
    if _WORD in asked:
        take_word(gallery, asked[_WORD], together=known)
        now = visitor()
        if now.unknown is not None:
            # It is said once, and not again at every drawing.
            now.link = asked
        return known or now.unknown is None
    return known


def _remember(query: Query) -> None:
    trail = visitor().trail
    trail.append(query)
    del trail[:-_TRAIL]


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
    now.link = link_of(query) if link else {}
    now.link_waits = True


def _set(query: Query) -> None:
    now = visitor()
    now.query, now.handed_in, now.problem, now.unknown, now.selected = query, None, "", None, None
    now.marks.clear()
