"""The ranked matches, and beside them why the selected one is among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

import streamlit as st

from imgsearch import ImgsearchError
from imgsearch.gallery.gallery import Gallery
from imgsearch.page.server import crowd
from imgsearch.page.session import address, galleries, searching
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.page.views import compare, elsewhere, explanation, kind_filter, large, marked, sidebar, stage
from imgsearch.page.views import found as found_view
from imgsearch.page.views.match_cards import cards, explanation_of, go_first
from imgsearch.presentation.safe_text import for_markdown
from imgsearch.ranking.engine import EngineError
from imgsearch.search.result import Result

_LOOK = 4.0
"""Seconds after which the page looks whether an engine is back."""


@st.fragment(key="results")
def show(gallery: Callable[[], Gallery | None]) -> None:
    """Matches and explanation of the chosen method, or of all of them side by side."""
    here, now = gallery(), visitor().query
    if here is not None and now is not None:
        with crowd.served():
            _show(here, now, gallery)


def _show(here: Gallery, now: Query, gallery: Callable[[], Gallery | None]) -> None:
    sidebar.keep_address(here)
    keys = sidebar.keys_for(here, now)
    try:
        found = [searching.search_results(here, key, now, sidebar.matches(), kind_filter.chosen(here)) for key in keys]
    except ImgsearchError as error:
        st.error(for_markdown(str(error), longest=400), icon=":material/error:")
        if isinstance(error, EngineError):
            _go_on(gallery, keys[0], monotonic())
        return
    if now.word and sidebar.chosen(here) != keys:
        st.markdown(
            ":material/info: A histogram counts shades and knows no words. This is what the network finds; "
            "it learnt what the word looks like."
        )
    large.show_asked()
    kind_filter.say(here, found[0])
    if not found[0].matches:
        st.markdown(":material/filter_alt_off: **Nothing passes the filter.**")
        return
    if address.on_stage():
        stage.show(here, now, found)
        st.caption(_time(here, now, found))
        return
    # Kept free above the matches, which are on the screen before it is known what belongs there.
    very_same = st.container()
    if len(found) > 1:
        compare.show(here, now, found)
    else:
        _show_one(here, now, found[0])
    st.caption(_time(here, now, found))
    with very_same:
        # An exact copy is called one on its card already.
        found_view.show(here, now, known={index for result in found for index in result.copies})


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
        st.header(_heading(now, result))
        marked.show(gallery)
        _verdict(now, result)
        if result.note:
            st.caption(result.note)
        cards(gallery, result)
    go_first([result])
    with why, st.container(key=explanation_of(0)):
        explanation.show(galleries.usable)


def _heading(now: Query, result: Result) -> str:
    if now.word:
        return f"{len(result.matches)} nearest to “{for_markdown(now.word)}”"
    return f"{len(result.matches)} nearest by {result.method.title}"


def _verdict(now: Query, result: Result) -> None:
    if result.convincing:
        return
    if now.word:
        st.markdown(
            f":orange[:material/search_off: **Hardly anything here looks like “{for_markdown(now.word)}”**: "
            "even the best match is more likely wrong than right.]"
        )
        return
    if result.guess is not None:
        elsewhere.show()
    elif result.doubt == "nothing":
        st.markdown(":orange[:material/search_off: **Nothing here looks like this.** These are only the nearest.]")
    else:
        st.markdown(":orange[:material/help: **No confident match.** The right ones are usually nearer than these.]")


def _time(gallery: Gallery, now: Query, found: Sequence[Result]) -> str:
    describe, search = (sum(result.seconds[step] for result in found) for step in ("describe", "search"))
    # A picture of the gallery was described long ago, and a word never is.
    took = {"read": now.seconds, "described": describe}
    steps = [f"{step} in {_ms(seconds)} ms" for step, seconds in took.items() if seconds > 5e-5]
    query = f", the query {' and '.join(steps)}" if steps else ""
    return f":material/timer: {gallery.n:,} pictures searched in {_ms(search)} ms{query}."


def _ms(seconds: float) -> str:
    """Milliseconds with as many digits as matter."""
    return f"{1000 * seconds:.{1 if seconds < 0.01 else 0}f}"
