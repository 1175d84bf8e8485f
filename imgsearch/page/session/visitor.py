"""One visitor: everything that the page knows of them, in one object, for as long as their session lasts.

What a widget holds (gallery, method, number of matches) stays with the widget, under its own key.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.images.transforms import Picture
from imgsearch.page.components import Box
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
    """What is being searched for.

    Attributes
    ----------
    picture : (h, w, 3) uint8, all of it
    name : what it is called; may hold anything
    digest : sha256 of the bytes that it came as, or the gallery and the reference
    reference : "q12" or "g12" for a picture of the gallery, empty for a visitor's own
    label : its label where it is known
    box : the part of the picture to look at; None for all of it
    seconds : how long the bytes took to read
    word : what is searched for, by the name that was typed, instead of the picture, which is a drawing of it
    towards : a word that is searched for together with the picture
    note : what has to be said of the word
    """

    picture: Picture
    name: str
    digest: str
    reference: str = ""
    label: str = ""
    box: Box | None = None
    seconds: float = 0.0
    word: str = ""
    towards: str = ""
    note: str = ""

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
    """The gallery of a visitor's own pictures.

    Attributes
    ----------
    gallery : None before it is made
    version : counts the galleries that they made
    building : the next gallery while it is being made
    problem : why the last one was not made; empty if it was
    skipped : names of the files that are no pictures, each with the reason
    uploads : counts what they handed in, so that the next upload starts with an empty row
    made : what was worked out from their pictures; never in a cache that others share
    """

    gallery: Gallery | None = None
    version: int = 0
    building: Building | None = None
    problem: str = ""
    skipped: list[tuple[str, str]] = field(default_factory=list)
    uploads: int = 0
    made: Recent = field(default_factory=lambda: Recent(_OWN_CARDS))


class SamplesDrawn(NamedTuple):
    """The samples that are on the screen, and the one that is shown as chosen; empty if none is."""

    references: tuple[str, ...]
    chosen: str

    def differ(self, reference: str) -> bool:
        """Whether they would be drawn otherwise for a query with this reference."""
        return (reference if reference in self.references else "") != self.chosen


@dataclass
class Visitor:
    """What one visitor has chosen so far.

    Attributes
    ----------
    query : what they search for
    trail : the queries that led there, oldest first
    handed_in : bytes and name of a picture from outside that is still to be read
    problem : what was wrong with the last picture from outside; empty if nothing was
    unknown : why the last word is not known, and names that are; None if it was
    suggests : whether the field for a word has got the names that it suggests
    marks : marked pictures of the gallery: 1 for "more like this", −1 for "not like this"
    selected : index of the match that is looked at
    large : pictures to be shown large, each with what is said of it; `large_at` is the position of the one that is
        seen, `large_asked` says that the dialog is still to be opened
    inside : indices of the pictures that are shown of the map's outline
    address : what the address says of the page, by parameter; None before the page is there
    opening : what the controls say on a page that nobody has touched, by parameter
    follows : whether the page has to follow the address, because it was opened by it, or by Back or Forward
    uploaded : the last pictures from outside, by what the address calls them
    gone : whether the address speaks of a picture from outside that this session does not have
    uploads : counts the pictures from outside, so that the next upload starts with an empty row
    samples_drawn, word_drawn : what the row of samples and the field for a word say now
    in_view : keys of the containers that are on the visitor's screen
    drawn : method and matches of the cards that are on the screen
    panel_follows : whether the open tab shows matches, too
    results : searches and explanations that were worked out last
    shown : what the downloads are made of: gallery, query, and what was found
    own : their own pictures
    leaving : runs while their connection is lost; when it is over, all of this is let go of
    """

    query: Query | None = None
    trail: list[Query] = field(default_factory=list)
    handed_in: tuple[bytes, str] | None = None
    problem: str = ""
    unknown: tuple[str, tuple[str, ...]] | None = None
    suggests: bool = False
    marks: dict[int, int] = field(default_factory=dict)
    selected: int | None = None
    large: tuple[tuple[int, str], ...] = ()
    large_at: int = 0
    large_asked: bool = False
    inside: list[int] = field(default_factory=list)
    address: dict[str, str] | None = None
    opening: dict[str, str] = field(default_factory=dict)
    follows: bool = False
    uploaded: dict[str, Query] = field(default_factory=dict)
    gone: bool = False
    uploads: int = 0
    samples_drawn: SamplesDrawn | None = None
    word_drawn: tuple[str, str, object] | None = None
    in_view: set[str] = field(default_factory=set)
    drawn: list[Any] | None = None
    panel_follows: bool = False
    results: Recent = field(default_factory=lambda: Recent(_RESULTS))
    shown: tuple[Gallery, Query, Sequence[Result]] | None = None
    own: OwnPictures = field(default_factory=OwnPictures)
    leaving: threading.Timer | None = None

    def forget(self) -> None:
        """Be as a visitor who has just come."""
        vars(self).update(vars(Visitor()))


def visitor() -> Visitor:
    """The visitor whose page is being drawn."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Visitor()
    known: Visitor = st.session_state[_KEY]
    return known
