"""The cards of a ranking: a match on each, and what can be done with it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from imgsearch.gallery.gallery import Gallery
from imgsearch.page.components.matches import asked, match_cards
from imgsearch.page.server import crowd
from imgsearch.page.session import galleries, marks, queries
from imgsearch.page.session.redraw import redraw, redraw_query, redraw_results
from imgsearch.page.session.visitor import visitor
from imgsearch.page.views import kind_filter, large, ranked, sight
from imgsearch.presentation.safe_text import plain
from imgsearch.search.result import Match, Result

QUERY = "query-shown"
"""Key of the container that the query is in."""

_CARD = 150
_HEAD_START = 0.08
"""Seconds; shorter, and a browser often draws the cards together with the charts."""
_PERCENT = "\N{NO-BREAK SPACE}%"
_MARKS = {"more": 1, "less": -1, "neither": None}


def cards(
    gallery: Gallery, result: Result, *, column: int = 0, width: int = _CARD, right: str = ""
) -> Callable[[], None]:
    """What draws a grid of equal cards, one a match; all of them are worked out already.

    So the browser gets them together with what stands above them, and does not put up that first. A card is at least
    `width` pixels wide.

    `column` is which ranking it is, from the left, when several stand side by side, and `right` the label of the right
    kind, where right ones are to be ticked.
    """
    looked_at = marks.selected(result.matches)
    key, method = f"cards-{column}", result.method.key
    first = result.matches[0] if result.matches else None
    now = visitor()
    itself = now.query is not None and now.query.box is None and queries.own_index(gallery, now.query) is not None
    left = sum(sign < 0 for sign in now.marks.values()) + itself
    return partial(
        match_cards,
        [_card(gallery, result, match, right, now.marks.get(match.index, 0), left) for match in result.matches],
        selected=None if looked_at is None else looked_at.index,
        label=f"Matches by {result.method.title}",
        least=width,
        explanation=explanation_of(column),
        query=QUERY,
        says=f"{len(result.matches)} matches by {result.method.title}"
        + ("" if first is None else f"; the first: {plain(galleries.display_name(first), longest=40)}"),
        key=key,
        on_asked=lambda: _asked(key, method),
    )


def explanation_of(column: int) -> str:
    """Key of the container that the explanation of a column's match begins with: its heading, and the heat."""
    return f"why-{column}"


def go_first(found: Sequence[Result]) -> None:
    """Let new cards be on the screen before the heat and the charts that are in view.

    Where visitors wait for each other, these come only for whoever stays. Else the browser gets time to draw the cards:
    it draws everything that arrives within a moment at once, whichever fragment it belongs to. After a change of method
    the cards are on the screen after 36 ms, and without the wait after 39; with the browser's processor slowed to a
    quarter after 195 and 225 (medians of a hundred and of fifty changes, in turns, as `tests.browser.timing` clocks
    them). Cards that are there already wait for nothing.
    """
    now, drawn = visitor(), [(result.method.key, [match.index for match in result.matches]) for result in found]
    new, now.drawn = now.drawn != drawn, drawn
    if new and crowd.is_large():
        sight.put_off()
        return
    now.put_off = 0
    if new and now.in_view:
        crowd.pause(_HEAD_START)


def share(value: float) -> str:
    """A share as a percentage that is never rounded up to all of them."""
    percent = 100 * value
    if value >= 1:
        return f"100{_PERCENT}"
    # As many digits as tell it from all of them: 98.7, 99.13, 99.998.
    digits = 1 if round(percent, 1) < 99 else 2 if round(percent, 2) < 99.99 else 3
    return f"{min(percent, 99.999):.{digits}f}{_PERCENT}"


def place(match: Match, n: int, *, left: int) -> str:
    """How much of a gallery of n pictures a match beats, where the rank does not say so already: among equal scores.

    `left` of them have no rank: the query itself, and those that were marked "not like this".
    """
    beaten = round(match.closer_than * n)
    return f"closer than {share(match.closer_than)}" if beaten < n - match.rank - left else ""


def _card(gallery: Gallery, result: Result, match: Match, right: str, mark: int, left: int) -> dict[str, Any]:
    address, pixels = galleries.thumbnail(gallery, match.index)
    return {
        "index": match.index,
        "rank": match.rank,
        "name": plain(galleries.display_name(match), longest=40),
        # Where it is the only one already, there is nothing to filter.
        "kind": bool(match.label) and result.filter.only != (match.label,),
        "score": result.method.format_score(match.score),
        "place": "exact copy" if match.identical else place(match, gallery.n, left=left),
        "copy": match.identical,
        "right": bool(right) and match.label == right,
        "src": address,
        "pixels": pixels,
        "mark": mark,
    }


def _asked(key: str, method: str) -> None:
    # The gallery is looked up now: Streamlit keeps callbacks, and all that they hold, until the session is over.
    wanted, gallery = asked(key), galleries.usable()
    if wanted is None or gallery is None:
        return
    what, index = wanted
    if what == "why":
        visitor().selected = index
        redraw("why", *(["more"] if visitor().panel_follows else []))
    elif what == "large":
        enlarge(gallery, method, index)
    elif what == "search":
        queries.search_with(gallery, index)
        redraw_query()
    elif what == "only":
        kind_filter.show_only(gallery.label(index))
    else:
        marks.mark(index, _MARKS[what])
        redraw_results()


def enlarge(gallery: Gallery, method: str, index: int) -> None:
    """Inside a callback: show a match of the query large, where arrow keys go on to the others."""
    now = visitor().query
    if now is None:
        return
    result = ranked.by_method(gallery, method, now)
    indices = [match.index for match in result.matches]
    captions = [f"Match {match.rank} · {result.method.format_score(match.score)}" for match in result.matches]
    if index in indices:
        large.ask(indices, indices.index(index), captions)
