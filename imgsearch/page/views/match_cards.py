"""The cards of a ranking: a match on each, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from time import sleep
from typing import Any

from imgsearch.gallery.persistence import Gallery
from imgsearch.page import components
from imgsearch.page.session import galleries, marks, queries
from imgsearch.page.session.redraw import redraw, redraw_query, redraw_results
from imgsearch.page.session.visitor import visitor
from imgsearch.presentation.safe_text import plain
from imgsearch.search.result import Match, Result

EXPLANATION = "why"
"""Key of the container that the explanation of a match is in."""

_CARD = 150
_HEAD_START = 0.08
"""Seconds; shorter, and a browser often draws the cards together with the charts."""
_FIRST_HEAD_START = 0.3
"""Seconds, when a visitor comes. The browser then takes half a second for the code of the first chart and draws nothing
meanwhile, so cards that are not on the screen before come after it."""
_PERCENT = "\N{NO-BREAK SPACE}%"
_MARKS = {"more": 1, "less": -1, "neither": None}


def cards(gallery: Gallery, result: Result, *, column: int = 0, width: int = _CARD, thumbs: bool = True) -> None:
    """A grid of equal cards, one a match.

    Parameters
    ----------
    gallery : Gallery
    result : Result
    column : int
        Which ranking it is, from the left, when several stand side by side.
    width : int
        Least width of a card in pixels.
    thumbs : bool
        Whether a match can be marked.
    """
    looked_at = marks.selected(result.matches)
    key = f"cards-{column}"
    components.match_cards(
        [_card(gallery, result, match) for match in result.matches],
        selected=None if looked_at is None else looked_at.index,
        label=f"Matches by {result.method.title}",
        least=width,
        thumbs=thumbs,
        explanation=EXPLANATION,
        key=key,
        on_asked=lambda: _asked(key),
    )


def go_first(found: Sequence[Result]) -> None:
    """Give the browser time to draw new cards before it gets anything else.

    It draws everything that arrives within a moment at once: with the charts, the cards would be on the screen two
    to three times as late. Cards that are there already wait for nothing.
    """
    now, drawn = visitor(), [(result.method.key, [match.index for match in result.matches]) for result in found]
    if now.drawn != drawn:
        sleep(_FIRST_HEAD_START if now.drawn is None else _HEAD_START)
        now.drawn = drawn


def share(value: float) -> str:
    """A share as a percentage that is never rounded up to all of them."""
    percent = 100 * value
    if value >= 1:
        return f"100{_PERCENT}"
    # As many digits as tell it from all of them: 98.7, 99.13, 99.998.
    digits = 1 if round(percent, 1) < 99 else 2 if round(percent, 2) < 99.99 else 3
    return f"{min(percent, 99.999):.{digits}f}{_PERCENT}"


def _card(gallery: Gallery, result: Result, match: Match) -> dict[str, Any]:
    address, pixels = galleries.thumbnail(gallery, match.index)
    return {
        "index": match.index,
        "rank": match.rank,
        "name": plain(galleries.display_name(match), longest=40),
        "score": result.method.format_score(match.score),
        "place": "exact copy" if match.identical else f"closer than {share(match.closer_than)}",
        "copy": match.identical,
        "src": address,
        "pixels": pixels,
        "mark": visitor().marks.get(match.index, 0),
    }


def _asked(key: str) -> None:
    # The gallery is looked up now: Streamlit keeps callbacks, and all that they hold, until the session is over.
    asked, gallery = components.asked(key), galleries.usable()
    if asked is None or gallery is None:
        return
    what, index = asked
    if what == "why":
        visitor().selected = index
        redraw("results")
    elif what == "search":
        queries.search_with(gallery, index)
        redraw_query()
    else:
        marks.mark(index, _MARKS[what])
        redraw_results()
