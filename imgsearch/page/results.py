"""The ranked matches, and beside them why the selected one is among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from imgsearch.gallery import Gallery, GalleryError
from imgsearch.page import compare, explanation, galleries, sidebar, state
from imgsearch.search import Match, Result
from imgsearch.text import for_markdown, plain

_CARD = 168
_PERCENT = "\N{NO-BREAK SPACE}%"


@st.fragment(key="results")
def show(gallery: Callable[[], Gallery | None]) -> None:
    """Matches and explanation of the chosen method, or of all of them side by side."""
    here, now = gallery(), state.query()
    if here is None or now is None:
        return
    keys = sidebar.chosen(here)
    try:
        found = [state.found(here, key, now, sidebar.matches()) for key in keys]
    except GalleryError as error:
        st.error(for_markdown(str(error)), icon=":material/error:")
        return
    if len(found) > 1:
        compare.show(here, now, found)
    else:
        _show_one(here, now, found[0])
    st.caption(_time(here, now, found))


def cards(gallery: Gallery, result: Result, *, width: int = _CARD, compact: bool = False) -> None:
    """A grid of equal cards, one a match.

    Parameters
    ----------
    gallery : Gallery
    result : Result
    width : int
        Least width of a card in pixels.
    compact : bool
        Leave out what there is no room for when two rankings stand side by side.
    """
    looked_at = state.selected(match.index for match in result.matches)
    with st.grid("auto", min_column_width=width, gap="small"):
        for match in result.matches:
            _card(gallery, result, match, is_selected=match.index == looked_at, compact=compact)


def share(value: float) -> str:
    """A share as a percentage that is never rounded up to all of them."""
    percent = 100 * value
    if percent >= 99.99:
        return f"{min(percent, 99.999):.3f}{_PERCENT}" if value < 1 else f"100{_PERCENT}"
    return f"{percent:.2f}{_PERCENT}" if percent >= 99 else f"{percent:.1f}{_PERCENT}"


def _show_one(gallery: Gallery, now: state.Query, result: Result) -> None:
    matches, why = st.columns([3, 2], gap="medium")
    with matches:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.header(_heading(result), width="stretch")
            _marks_button()
        _verdict(result)
        cards(gallery, result)
    with why:
        explanation.show(gallery, now, result)


def _heading(result: Result) -> str:
    return f"{len(result.matches)} nearest by {result.method.title}"


def _verdict(result: Result) -> None:
    if not result.convincing:
        st.markdown(
            ":orange[:material/search_off: **Nothing here looks like this.** "
            "Even the best match is more likely wrong than right.]"
        )


def _marks_button() -> None:
    if state.marks():
        st.button(
            f"Forget {len(state.marks())} mark{'s' if len(state.marks()) > 1 else ''}",
            key="forget",
            icon=":material/restart_alt:",
            type="tertiary",
            on_click=_forget,
        )


def _card(gallery: Gallery, result: Result, match: Match, *, is_selected: bool, compact: bool) -> None:
    slot = f"{result.method.key}-{match.rank}"
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
    key = f"mark-{st.session_state.get('marks_version', 0)}-{slot}-{index}"
    value = state.marks().get(index)
    if key not in st.session_state and value is not None:
        st.session_state[key] = int(value > 0)
    st.feedback("thumbs", key=key, on_change=_marked, args=(key, index))


def _time(gallery: Gallery, now: state.Query, found: Sequence[Result]) -> str:
    describe = 1000 * sum(result.seconds["describe"] for result in found)
    search = 1000 * sum(result.seconds["search"] for result in found)
    reading = f"read in {1000 * now.seconds:.0f} ms, " if now.seconds else ""
    return (
        f":material/timer: {gallery.n:,} pictures searched: {reading}described in {_ms(describe)} ms, "
        f"searched in {_ms(search)} ms."
    )


def _ms(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


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


def _forget() -> None:
    state.forget_marks()
    state.redraw("results", "more")
