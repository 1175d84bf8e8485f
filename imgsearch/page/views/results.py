"""The ranked matches, and beside them why the selected one is among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

import streamlit as st

from imgsearch import ImgsearchError
from imgsearch.gallery.persistence import Gallery
from imgsearch.page.session import searching
from imgsearch.page.session.redraw import redraw_results
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.page.views import compare, explanation, sidebar
from imgsearch.page.views.match_cards import EXPLANATION, cards, go_first
from imgsearch.presentation.safe_text import for_markdown
from imgsearch.ranking.engine import EngineError
from imgsearch.search.result import Result

_LOOK = 4.0
"""Seconds after which the page looks whether an engine is back."""


@st.fragment(key="results")
def show(gallery: Callable[[], Gallery | None]) -> None:
    """Matches and explanation of the chosen method, or of all of them side by side."""
    here, now = gallery(), visitor().query
    if here is None or now is None:
        return
    keys = sidebar.chosen(here)
    try:
        found = [searching.search_results(here, key, now, sidebar.matches()) for key in keys]
    except ImgsearchError as error:
        st.error(for_markdown(str(error), longest=400), icon=":material/error:")
        if isinstance(error, EngineError):
            _go_on(gallery, keys[0], monotonic())
        return
    if len(found) > 1:
        compare.show(here, now, found)
    else:
        _show_one(here, now, found[0])
    st.caption(_time(here, now, found))


@st.fragment(run_every=_LOOK)
def _go_on(gallery: Callable[[], Gallery | None], key: str, failed: float) -> None:
    """Search again by itself when the engine is back."""
    here = gallery()
    if here is None or here.engine is None or monotonic() - failed < _LOOK / 2:
        return
    try:
        here.remote_index(key, here.engine.in_use()).look()
    except ImgsearchError:
        return
    st.rerun()


def _show_one(gallery: Gallery, now: Query, result: Result) -> None:
    matches, why = st.columns([3, 2], gap="medium")
    with matches:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.header(_heading(result), width="stretch")
            _marks_button()
        _verdict(result)
        if result.note:
            st.caption(result.note)
        cards(gallery, result)
    go_first([result])
    with why, st.container(key=EXPLANATION):
        explanation.show(gallery, now, result)


def _heading(result: Result) -> str:
    return f"{len(result.matches)} nearest by {result.method.title}"


def _verdict(result: Result) -> None:
    if not result.convincing:
        st.markdown(
            ":orange[:material/search_off: **Nothing here looks like this** to this method: "
            "even its best match is more likely wrong than right.]"
        )


def _marks_button() -> None:
    if visitor().marks:
        st.button(
            f"Clear {len(visitor().marks)} mark{'s' if len(visitor().marks) > 1 else ''}",
            key="forget",
            icon=":material/restart_alt:",
            type="tertiary",
            on_click=_forget,
        )


def _time(gallery: Gallery, now: Query, found: Sequence[Result]) -> str:
    describe = 1000 * sum(result.seconds["describe"] for result in found)
    search = 1000 * sum(result.seconds["search"] for result in found)
    reading = f"read in {1000 * now.seconds:.0f} ms, " if now.seconds else ""
    return (
        f":material/timer: {gallery.n:,} pictures searched: {reading}described in {_ms(describe)} ms, "
        f"searched in {_ms(search)} ms."
    )


def _ms(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def _forget() -> None:
    visitor().marks.clear()
    redraw_results()
