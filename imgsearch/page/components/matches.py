"""Components around the matches: their cards, the marks on them, and two pictures side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

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
    time of a change of method to put up.

    Parameters
    ----------
    cards : sequence of dict
        `index`, `rank`, `name`, `kind` where a click on the name filters by it, `score` and `place` in words, `copy`
        for an exact copy, `src` (as `data_url` gives it), `pixels` where single pixels are to be seen, `right` for the
        right kind, and `mark`: 1, −1 or 0.
    selected : int or None
        The `index` of the one that is looked at.
    label, says : str
        What the cards are, for screen readers, and what these are told when there are other matches.
    least : int
        Least width of a card in pixels.
    explanation, query : str
        Keys of the containers that are kept in view after "Why?", and brought into view after "Find similar".
    key : str
        `asked(key)` gives what is wanted of which card inside `on_asked`.
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
    component("matches")(key=key, data=data, on_asked_change=on_asked)


def asked(key: str) -> tuple[str, int] | None:
    """What is wanted, one of `WANTS`, of which picture; None for anything else."""
    value = state(key, "asked")
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return None
    what, index = value
    if what not in WANTS or type(index) is not int or index < 0:
        return None
    return what, index
