"""A wide view for a presenter: the query and its rankings in large type, and nothing else."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.page.components.stage import asked_on_stage, query_and_rankings
from imgsearch.page.session import address, galleries, thumbnails
from imgsearch.page.session.redraw import redraw_all
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.page.views import compare, large, match_cards, sidebar
from imgsearch.presentation.kind_names import kind_name
from imgsearch.presentation.safe_text import plain
from imgsearch.search.result import Match, Result

_KEY = "on-stage"
_SIDE = 640
"""Pixels along the longer side of the query's picture."""


def way_in() -> None:
    """The button that leads here."""
    st.button(
        "Wide view",
        key="stage",
        icon=":material/slideshow:",
        help="For a projector: the query and both rankings, large.",
        on_click=_enter,
        width="stretch",
    )


def show(gallery: Gallery, now: Query, found: Sequence[Result]) -> None:
    """The query, and beside it every ranking with its right ones marked."""
    pixels = thumbnails.is_tiny(now.looked_at)
    query = {"src": thumbnails.plainly(now.looked_at, _SIDE), "alt": "", "pixels": pixels}
    title = "Your word" if now.word else now.title
    query |= {"title": title, "name": plain(now.word or now.called, longest=60)}
    marked = len(visitor().marks)
    marks = f", with {marked} mark{'s' if marked > 1 else ''}" if marked else ""
    query["alt"] = f"{query['title']}: {query['name']}"
    query_and_rankings(
        query,
        [
            {
                "title": result.method.title,
                "count": count(now, result),
                "cards": [_card(gallery, now, result, match) for match in result.matches],
            }
            for result in found
        ],
        note=f"Searched in {gallery.n:,} pictures: {plain(gallery.title, longest=60)}{marks}",
        leave="Leave the wide view",
        key=_KEY,
        on_asked=_asked,
    )


def count(now: Query, result: Result) -> str:
    """How many matches are of the query's kind, or else what most of them are; and whether they are to be doubted."""
    n = len(result.matches)
    label, most = compare.most_common(result)
    if now.label:
        said = f"{compare.right_kind(now.label, result)} of {n} of the same kind"
    else:
        said = f"Mostly {plain(kind_name(label), longest=40)}: {most} of {n}" if most else result.method.metric.title
    doubt = "" if now.word or result.convincing else compare.DOUBTS[result.doubt]
    return f"{said} · {doubt}" if doubt else said


def _card(gallery: Gallery, now: Query, result: Result, match: Match) -> dict[str, Any]:
    src, pixels = galleries.thumbnail(gallery, match.index)
    right = bool(now.label) and match.label == now.label
    name = plain(galleries.display_name(match), longest=40)
    return {
        "index": match.index,
        "rank": match.rank,
        "name": name,
        "score": result.method.format_score(match.score),
        "right": right,
        "src": src,
        "pixels": pixels,
        "alt": f"Match {match.rank}: {name}{', of the same kind' if right else ''}",
    }


def _enter() -> None:
    gallery = galleries.usable()
    st.session_state[address.VIEW] = address.STAGE
    if gallery is not None and len(sidebar.families(gallery)) > 1:
        st.session_state[address.METHOD] = sidebar.COMPARE
    visitor().selected = None
    redraw_all()


def _asked() -> None:
    asked, gallery, query = asked_on_stage(_KEY), galleries.usable(), visitor().query
    if asked is None or gallery is None or query is None:
        return
    what, ranking, index = asked
    if what == "leave":
        st.session_state[address.VIEW] = ""
        # The sidebar and all that is not on the stage come back.
        st.rerun()
    keys = sidebar.keys_for(gallery, query)
    if what == "query" and not query.word:
        large.ask([], 0, [])
    elif what == "large" and ranking < len(keys):
        match_cards.enlarge(gallery, keys[ranking], index)
