"""The ranked matches, and beside or below them why the selected one is among them."""

from collections.abc import Callable, Sequence
from math import inf
from time import monotonic

import streamlit as st

from imgsearch import ImgsearchError
from imgsearch.gallery.gallery import Gallery
from imgsearch.page.server import crowd
from imgsearch.page.session import address
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.page.views import (
    compare,
    elsewhere,
    explanation,
    found,
    kind_filter,
    large,
    marked,
    ranked,
    sidebar,
    stage,
)
from imgsearch.page.views.match_cards import cards
from imgsearch.presentation.safe_text import for_markdown
from imgsearch.ranking.engine import EngineError
from imgsearch.search.result import Result

_LOOK = 4.0
"""Seconds after which the page looks whether an engine is back."""


def show(gallery: Callable[[], Gallery | None]) -> None:
    """Matches and explanation of the chosen method, or of all of them side by side.

    No fragment is within another: when Streamlit draws one again, it takes back what it has not sent of it yet, but not
    what it has of those within, and the browser gets contents of what it never got.
    """
    here, now = gallery(), visitor().query
    if here is None or now is None:
        return
    rankings = len(sidebar.keys_for(here, now))
    if address.on_stage():
        _matches(gallery, rankings)
    else:
        _show_all(gallery, rankings)
    # Last, as what is empty takes room, too.
    large.show_asked()
    if here.engine is not None:
        _go_on(gallery)


def _show_all(gallery: Callable[[], Gallery | None], rankings: int) -> None:
    # Without a gap, as what is empty would have one, too.
    with st.container(gap=None):
        # Kept free above the matches, which are on the screen before it is known what belongs there.
        very_same = st.container()
        if rankings == 1:
            beside, *why = st.columns([3, 2], gap="medium")
        else:
            beside, why = st.container(), st.columns(rankings, gap="medium")
    with beside:
        _matches(gallery, rankings)
    for number, column in enumerate(why):
        with column:
            explanation.show(gallery, column=number, brief=rankings > 1)
    with very_same:
        found.show(gallery)


@st.fragment(key="results")
@crowd.served()
def _matches(gallery: Callable[[], Gallery | None], rankings: int) -> None:
    here, now = gallery(), visitor().query
    if here is None or now is None:
        return
    if len(sidebar.keys_for(here, now)) != rankings:
        # The page is laid out for another number of them.
        st.rerun()
    if address.on_stage():
        sidebar.keep_address(here)
    try:
        found = ranked.by_all(here, now)
    except ImgsearchError as error:
        visitor().failed = monotonic() if isinstance(error, EngineError) else inf
        st.error(for_markdown(str(error), longest=400), icon=":material/error:")
        return
    visitor().failed = None
    if now.word and sidebar.chosen(here) != sidebar.keys_for(here, now):
        st.markdown(
            ":material/info: A histogram counts shades and knows no words. This is what the network finds; "
            "it learnt what the word looks like."
        )
    kind_filter.say(here, found[0])
    if not found[0].matches:
        st.markdown(":material/filter_alt_off: **Nothing passes the filter.**")
        return
    if address.on_stage():
        stage.show(here, now, found)
    elif len(found) > 1:
        compare.show(here, now, found)
    else:
        _show_one(here, now, found[0])
    st.caption(_time(here, now, found))


@st.fragment(run_every=_LOOK)
def _go_on(gallery: Callable[[], Gallery | None]) -> None:
    """Search again by itself when the engine is back."""
    here, now, failed = gallery(), visitor().query, visitor().failed
    if here is None or here.engine is None or now is None or failed is None or monotonic() - failed < _LOOK / 2:
        return
    try:
        here.remote_index(sidebar.keys_for(here, now)[0], here.engine.in_use()).look()
    except ImgsearchError:
        return
    visitor().failed = None
    st.rerun()


def _show_one(gallery: Gallery, now: Query, result: Result) -> None:
    show_cards = cards(gallery, result)
    st.header(_heading(now, result), anchor=False)
    marked.show(gallery)
    _verdict(now, result)
    if result.note:
        st.caption(result.note)
    show_cards()


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
