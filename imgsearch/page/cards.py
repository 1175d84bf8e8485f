"""The cards of a ranking: a match on each, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from imgsearch.gallery import Gallery
from imgsearch.page import galleries, state
from imgsearch.search import Match, Result
from imgsearch.text import for_markdown, plain

_CARD = 168
_PERCENT = "\N{NO-BREAK SPACE}%"


def cards(gallery: Gallery, result: Result, *, column: int = 0, width: int = _CARD, compact: bool = False) -> None:
    """A grid of equal cards, one a match.

    Parameters
    ----------
    gallery : Gallery
    result : Result
    column : int
        Which ranking it is, from the left, when several stand side by side.
    width : int
        Least width of a card in pixels.
    compact : bool
        Leave out what there is no room for when two rankings stand side by side.
    """
    looked_at = state.selected(result.matches)
    with st.grid("auto", min_column_width=width, gap="small"):
        for match in result.matches:
            _card(gallery, result, match, f"{column}-{match.rank}", is_selected=match is looked_at, compact=compact)


def share(value: float) -> str:
    """A share as a percentage that is never rounded up to all of them."""
    percent = 100 * value
    if percent >= 99.99:
        return f"{min(percent, 99.999):.3f}{_PERCENT}" if value < 1 else f"100{_PERCENT}"
    return f"{percent:.2f}{_PERCENT}" if percent >= 99 else f"{percent:.1f}{_PERCENT}"


def _card(gallery: Gallery, result: Result, match: Match, slot: str, *, is_selected: bool, compact: bool) -> None:
    # Named by its place and not by its picture: the browser then changes a card instead of making a new one.
    label = galleries.called(match)
    with st.container(border=True, gap="xxsmall", key=f"card-{slot}", height="stretch"):
        st.image(
            galleries.thumbnail(gallery, match.index),
            width="stretch",
            alt=f"Match {match.rank}: {plain(label)}",
        )
        rank = f":primary-badge[**{match.rank}**]" if is_selected else f"**{match.rank}**"
        place = ":green[exact copy]" if match.identical else f":gray[closer than {share(match.closer_than)}]"
        st.markdown(f"{rank} {for_markdown(label, longest=40)}  \n{result.method.say(match.score)}  \n:small[{place}]")
        st.space("stretch")
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.button(
                "Shown" if is_selected else "Why?",
                key=f"why-{slot}",
                disabled=is_selected,
                help="See why this picture was found",
                on_click=_select,
                args=(match.index,),
            )
            st.button(
                "Search",
                key=f"search-{slot}",
                icon=None if compact else ":material/image_search:",
                type="tertiary",
                help="Search with this picture",
                on_click=_search_with,
                args=(gallery, match.index),
            )
            if not compact:
                _thumbs(slot, match.index)


def _thumbs(slot: str, index: int) -> None:
    key = f"mark-{slot}"
    value = state.marks().get(index)
    st.session_state[key] = None if value is None else int(value > 0)
    st.feedback("thumbs", key=key, on_change=_marked, args=(key, index))


def _select(index: int) -> None:
    state.select(index)
    state.redraw("results", "more")


def _search_with(gallery: Gallery, index: int) -> None:
    state.search_with(gallery, index)
    state.redraw("input", "query", "results", "more")


def _marked(key: str, index: int) -> None:
    value = st.session_state.get(key)
    state.mark(index, None if value is None else (1 if value else -1))
    state.redraw("results", "more")
