"""Components around the matches: their cards, the marks on them, and two pictures side by side."""

import json
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import streamlit as st

from imgsearch.page.components.mount import component, state

WANTS = ("why", "large", "search", "only", "more", "less", "neither")
"""What can be done with a card; "only" shows nothing but its kind."""


def match_cards(
    cards: Sequence[dict[str, Any]],
    *,
    selected: int | None,
    label: str,
    least: int,
    explanation: str,
    query: str,
    says: str,
    key: str,
    on_asked: Callable[[], None],
) -> None:
    """The matches of a search as a grid of equal cards.

    One component draws all cards: as elements of Streamlit they are a hundred, which the browser takes most of the
    time of a change of method to put up. It reads them from a hidden element beside it: what Streamlit hands to a
    component as its data comes when the browser has drawn all that came with it, a frame later: another number of
    matches is on the screen after 32 ms, and was after 37 (medians of sixty in turns, as `tests.browser.timing` clocks
    them).

    A card has `index`, `rank`, `name`, `kind` where a click on the name filters by it, `score` and `place` in words,
    `copy` for an exact copy, `src` (as `data_url` gives it), `pixels` where single pixels are to be seen, `right` for
    the right kind, and `mark`: 1, −1 or 0. `selected` is the index of the one that is looked at, `least` the least
    width of a card in pixels. `label` says what the cards are, for screen readers, and `says` what these are told when
    there are other matches. `explanation` and `query` are keys of the containers that are kept in view after "Why?",
    and brought into view after "Find similar". `asked(key)` gives what is wanted of which card inside `on_asked`.
    """
    data = {
        "cards": tuple(cards),
        "selected": selected,
        "label": label,
        "least": least,
        "explanation": explanation,
        "query": query,
        "says": says,
    }
    told = f"{key}-told"
    with st.container(key=told, gap=None):
        st.html(f'<div hidden data-cards="{_attribute(data)}"></div>')
        component("matches")(key=key, data={"told": told}, on_asked_change=on_asked)


def _attribute(data: Any) -> str:
    """What an attribute of an element holds as JSON, whatever is in it.

    Streamlit takes an attribute away that could end an element or a comment, and a name may hold anything.
    """
    return escape(json.dumps(data).replace("<", "\\u003c").replace(">", "\\u003e"))


def asked(key: str) -> tuple[str, int] | None:
    """What is wanted, one of `WANTS`, of which picture; None for anything else."""
    value = state(key, "asked")
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return None
    what, index = value
    if what not in WANTS or type(index) is not int or index < 0:
        return None
    return what, index
