"""Which parts of the page are drawn again after a click.

Every widget has one of these as its callback. Streamlit joins what arrives at once into one run, and if a callback asks
for certain parts only, a widget without a callback has no say in it: its click would be lost.
"""

import streamlit as st
from streamlit.errors import StreamlitAPIException

from imgsearch.page.session import address
from imgsearch.page.session.visitor import visitor

_STAGE = ("results", "narrow", "large", "settings")
_WITH = {"results": ("results", "why", "found")}
"""What shows the same matches: fragments of their own, since none may be within another."""


def redraw(*fragments: str) -> None:
    """Inside a callback: draw only these parts of the page again; on the stage, those of them that it has."""
    there = [each for fragment in fragments for each in _WITH.get(fragment, (fragment,))]
    if {"why", "more"} & set(there):
        there.append("sight")
    if address.on_stage():
        there = [each for each in there if each in _STAGE]
    try:
        st.rerun(there)
    except StreamlitAPIException:
        # The page is not complete yet, so there is no such part.
        st.rerun()


def redraw_all() -> None:
    """Inside a callback: draw the whole page again.

    Left to itself, Streamlit draws what the browser's message names: where it tells of several things at once, that is
    the fragment of one of them, and what was clicked outside is not drawn.
    """
    st.rerun()


def redraw_results(*others: str) -> None:
    """Inside a callback: draw the matches again, and below them only what shows matches too."""
    redraw("results", *others, *(["more"] if visitor().panel_follows else []))


def redraw_query() -> None:
    """Inside a callback: draw everything that depends on the query again, where it differs from what is there."""
    now, query = visitor(), visitor().query
    changed = []
    if query is None or now.samples_drawn is None or now.samples_drawn.differ(query.reference):
        changed.append("input")
    if query is None or now.word_drawn != (query.word, query.towards, now.unknown):
        changed.append("word")
    redraw("results", "query", "names", "more", "large", *changed)
