"""One visitor: everything that the page knows of them, in one object, for as long as their session lasts.

What a widget holds (gallery, method, number of matches) stays with the widget, under its own key.
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.images.transforms import Picture
from imgsearch.page.components.crop import Box
from imgsearch.page.session.building import Building
from imgsearch.page.session.recent import Recent
from imgsearch.page.session.thumbnails import is_tiny
from imgsearch.presentation.kind_names import kind_name
from imgsearch.search.result import Result

_KEY = "visitor"
_RESULTS = 12
"""Searches and explanations: those of the last two queries. With twice as many, and three uploads kept instead of one,
thirty visitors took 702 to 720 MB, and then 605 to 680."""
_OWN_CARDS = 400


@dataclass(frozen=True)
class Query:
    """What is being searched for."""

    picture: Picture  # all of it
    name: str  # what it is called; may hold anything
    digest: str  # sha256 of the bytes that it came as, or the gallery and the reference
    reference: str = ""  # "q12" or "g12" for a picture of the gallery, empty for a visitor's own
    label: str = ""  # where it is known
    box: Box | None = None  # the part of the picture to look at; None for all of it
    seconds: float = 0.0  # how long the bytes took to read
    word: str = ""  # what is searched for, by the name that was typed, instead of the picture, a drawing of it
    towards: str = ""  # a word that is searched for together with the picture
    note: str = ""  # what has to be said of the word

    @property
    def title(self) -> str:
        """What stands above it: it is the visitor's own picture only if it came from them."""
        return "Query" if self.reference else "Your picture"

    @property
    def spoken(self) -> str:
        """What it is within a sentence."""
        return "the query" if self.reference else "your picture"

    @property
    def called(self) -> str:
        """Its kind, or else its name."""
        return kind_name(self.label) or self.name

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
        if not is_tiny(self.picture):
            return part
        # A part of a 28×28 picture is brought back to 28×28: the form that its gallery knows.
        import cv2

        return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


@dataclass
class OwnPictures:
    """The gallery of a visitor's own pictures."""

    gallery: Gallery | None = None  # None before it is made
    version: int = 0  # counts the galleries that they made
    building: Building | None = None  # the next gallery while it is being made
    problem: str = ""  # why the last one was not made; empty if it was
    skipped: list[tuple[str, str]] = field(default_factory=list)  # files that are no pictures, each with the reason
    uploads: int = 0  # counts what they handed in, so that the next upload starts with an empty row
    may_go: bool = False  # whether they said that a saved gallery may take this one's place
    # What was worked out from their pictures: never in a cache that others share.
    made: Recent = field(default_factory=lambda: Recent(_OWN_CARDS))


class SamplesDrawn(NamedTuple):
    """The samples that are on the screen, and the one that is shown as chosen; empty if none is."""

    references: tuple[str, ...]
    chosen: str

    def differ(self, reference: str) -> bool:
        """Whether they would be drawn otherwise for a query with this reference."""
        return (reference if reference in self.references else "") != self.chosen


class Part(NamedTuple):
    """A part of the page that is drawn only in view: the fragment that draws it, its height, whether it is drawn."""

    fragment: str
    height: int
    drawn: bool


@dataclass
class Visitor:
    """What one visitor has chosen so far."""

    query: Query | None = None  # what they search for
    trail: list[Query] = field(default_factory=list)  # the queries that led there, oldest first
    handed_in: tuple[bytes, str] | None = None  # bytes and name of a picture from outside that is still to be read
    problem: str = ""  # what was wrong with the last picture from outside; empty if nothing was
    unknown: tuple[str, tuple[str, ...]] | None = None  # why the last word is not known, and names that are
    suggests: bool = False  # whether the field for a word has got the names that it suggests
    marks: dict[int, int] = field(default_factory=dict)  # 1 for "more like this", −1 for "not like this", by index
    selected: int | None = None  # index of the match that is looked at
    large: tuple[tuple[int, str], ...] = ()  # pictures to be shown large, each with what is said of it
    large_at: int = 0  # the position of the one that is seen
    large_asked: bool = False  # whether the dialog is still to be opened
    inside: list[int] = field(default_factory=list)  # indices of the pictures that are shown of the map's outline
    address: dict[str, str] | None = None  # what it says of the page, by parameter; None before the page is there
    opening: dict[str, str] = field(default_factory=dict)  # what the controls say on a page that nobody has touched
    follows: bool = False  # whether the page follows its address: it was opened by it, or by Back or Forward
    uploaded: Query | None = None  # the last from outside, which Back and Forward find again
    gone: bool = False  # whether the address speaks of a picture from outside that this session does not have
    uploads: int = 0  # counts the pictures from outside, so that the next upload starts with an empty row
    sources: int = 0  # counts how often the list of where a picture comes from was closed on a telephone
    samples_drawn: SamplesDrawn | None = None  # what the row of samples says now
    word_drawn: tuple[str, str, object] | None = None  # and the field for a word
    parts: dict[str, Part] = field(default_factory=dict)  # what is drawn only in view, by the key of its container
    in_view: set[str] = field(default_factory=set)  # keys of the containers that are on the visitor's screen
    put_off: int = 0  # counts how often in a row that was left out, because others waited
    drawn: list[Any] | None = None  # method and matches of the cards that are on the screen
    failed: float | None = None  # when the search failed, by `monotonic`; inf where waiting does not help
    panel_follows: bool = False  # whether the open panel shows matches, too
    results: Recent = field(default_factory=lambda: Recent(_RESULTS))  # searches and explanations made last
    shown: tuple[Gallery, Query, Sequence[Result]] | None = None  # what the downloads are made of
    own: OwnPictures = field(default_factory=OwnPictures)
    leaving: threading.Timer | None = None  # runs while the connection is lost; then all of this is let go of

    def forget(self) -> None:
        """Be as a visitor who has just come."""
        vars(self).update(vars(Visitor()))


def visitor() -> Visitor:
    """The visitor whose page is being drawn."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Visitor()
    known: Visitor = st.session_state[_KEY]
    return known
