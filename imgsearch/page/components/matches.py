"""Components around the matches: their cards, the marks on them, and two pictures side by side."""

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
