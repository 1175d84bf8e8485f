"""Why the selected match was found: heat, or bins that differ, and the scores around it."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.images.transforms import Picture
from imgsearch.methods.explanations import BinExplanation, Explanation, Heat, HeatExplanation, Side
from imgsearch.page.server import crowd
from imgsearch.page.session import galleries, marks, searching, thumbnails
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.page.views import explanation_charts, ranked, sidebar, sight
from imgsearch.page.views.credit import show_credit
from imgsearch.page.views.match_cards import explanation_of, go_first
from imgsearch.presentation.charts.figure import CONFIG
from imgsearch.presentation.heatmap import laid_over
from imgsearch.presentation.safe_text import for_markdown
from imgsearch.ranking.metrics import signed
from imgsearch.search.result import Match, Result

_PAIR = 168
_HEAT_SIDE = 168
_SEEN = 0.0005
"""What is smaller than this is zero to the three digits of a score."""
_HEAT = 310
"""Pixels that heat or a pair take, before it is known."""
_HEAD_START = 0.007
"""Seconds; longer than Streamlit collects what it sends at once, for which it has no other way."""


@st.fragment(key="why")
@crowd.served()
def show(gallery: Callable[[], Gallery | None], *, column: int = 0, brief: bool = False) -> None:
    """The selected match beside the query, and what made up its score; only what of it is in view.

    `column` is which ranking it is, from the left, when several stand side by side; `brief` leaves out what there is no
    room for then.
    """
    shown = ranked.shown(gallery)
    # Another method may have been chosen since this was drawn last.
    if shown is not None and len(shown[2]) > column:
        here, now, found = shown
        if column == 0:
            go_first(found)
        match = marks.selected(found[column].matches)
        if match is not None:
            _show(here, now, found[column], match, column, brief)
    # After all that is to be seen: a new address takes the browser some milliseconds.
    sidebar.keep_address(gallery())


def _show(here: Gallery, now: Query, result: Result, match: Match, column: int, brief: bool) -> None:
    part = explanation_of(column)
    with st.container(key=part):
        label = galleries.display_name(match)
        st.header(
            f"Why is match {match.rank} similar?",
            anchor=False,
            help=f"{for_markdown(label)}: {result.method.format_score(match.score)}",
        )
        if sight.seen(part, height=_HEAT, fragment="why"):
            _show_explained(here, now, result, match)
            # Else the browser puts it up together with the charts: then it is on the screen 42 ms after "Why?", and
            # with the wait after 37 (medians of a hundred in turns, "selected match" in `tests.browser.timing`).
            crowd.pause(_HEAD_START)
    for chart in explanation_charts.charts_of(here, now, result, match, brief=brief):
        part = f"{chart.name}-{column}"
        with st.container(key=part):
            st.markdown(chart.title)
            if sight.seen(part, height=chart.height, fragment="why"):
                figure, alt = chart.make()
                # The key is of the place and not of the method: the browser changes a chart faster than it makes one.
                st.plotly_chart(figure, config=CONFIG, key=f"chart-{part}", alt=alt)
    if not brief:
        show_credit(here, match.index, called=f"Match {match.rank}")


def _show_explained(gallery: Gallery, now: Query, result: Result, match: Match) -> None:
    explained = _explained(gallery, now, result, match)
    if isinstance(explained, _DrawnHeat):
        _show_heat(explained)
        return
    _show_pair(gallery, now, match)
    if isinstance(explained, BinExplanation):
        st.markdown(_bins_sentence(explained, result, now.spoken))
    else:
        st.caption("This method has one number for a pair, and no parts of it to show.")


def explain(gallery: Gallery, picture: Picture | None, result: Result, match: Match) -> Explanation | None:
    """Why a match has the score that is shown, from the vectors that were compared.

    The picture, (h, w, 3) uint8, is the query as the gallery's methods see it; None for a word.
    """
    stored = gallery.vectors(result.method.key, [match.index])[0]
    query = Side(result.vector_for(match), picture, result.added)
    return result.method.explain(query, Side(stored, gallery.picture(match.index)))


class _DrawnHeat(NamedTuple):
    """A heat explanation as it is shown."""

    pictures: tuple[tuple[str, str], ...]  # caption and address of each picture under its heat
    sentence: str  # what the heat adds up to


def _explained(gallery: Gallery, now: Query, result: Result, match: Match) -> _DrawnHeat | BinExplanation | None:
    """The explanation, ready to be shown; kept for a visitor who goes back and forth."""
    marked = tuple(sorted(visitor().marks.items()))
    name = ("explanation", result.method.key, now.digest, now.box, now.towards, match.index, marked)
    picture = None if now.word else searching.prepared(gallery, now)

    def work() -> _DrawnHeat | BinExplanation | None:
        explained = explain(gallery, picture, result, match)
        return _drawn(explained, match, now) if isinstance(explained, HeatExplanation) else explained

    return searching.worked_out(gallery, name, work)


def _show_heat(drawn: _DrawnHeat) -> None:
    _side_by_side(
        (caption, address, f"{caption} with heat where it speaks for the match") for caption, address in drawn.pictures
    )
    st.markdown(drawn.sentence)


def _side_by_side(pictures: Iterable[tuple[str, str, str]]) -> None:
    """One or two pictures, each with its caption, address, and text for screen readers."""
    with st.grid(2, min_column_width=80, gap="small"):
        for caption, address, alt in pictures:
            # The container is as wide as this where there is room, and narrower where there is not.
            with st.container(width=_PAIR):
                st.image(address, caption, width="stretch", alt=alt)


def _drawn(explained: HeatExplanation, match: Match, now: Query) -> _DrawnHeat:
    captions = (now.title, f"Match {match.rank}")
    both = [(caption, heat) for caption, heat in zip(captions, (explained.query, explained.match), strict=True) if heat]
    shown = [thumbnails.shown(heat.picture, _HEAT_SIDE) for _, heat in both]
    spread = [heat.over(*picture.shape[:2]) for (_, heat), picture in zip(both, shown, strict=True)]
    # One scale for both, so that the same colour is the same amount.
    peak = max((float(np.abs(values).max()) for values in spread), default=0.0)
    pictures = tuple(
        (caption, thumbnails.square(laid_over(picture, values, peak=peak)))
        for (caption, _), picture, values in zip(both, shown, spread, strict=True)
    )
    against = float(np.mean([np.minimum(values, 0).sum() for values in spread])) if spread else 0.0
    return _DrawnHeat(pictures, heat_sentence(explained, against, now.word, query=now.spoken))


def heat_sentence(explained: HeatExplanation, against: float, word: str = "", *, query: str = "your picture") -> str:
    """What the places of the pictures add up to, with every part that belongs to no place.

    `against`, negative, is the sum of the places that speak against the match, `word` what was searched for if it was
    no picture, and `query` what the query is within a sentence.
    """
    sums = [
        _sum(heat, whose)
        for heat, whose in ((explained.query, query), (explained.match, "the match"))
        if heat is not None and any(abs(part) >= _SEEN for part in heat.parts.values())
    ]
    score = f"**{signed(explained.score)}**"
    orange = f"Orange areas look like “{for_markdown(word)}”" if word else "Orange areas raise the similarity"
    lower = ", blue areas lower it" if against < -_SEEN else ""
    if not sums:
        return f"{orange}{lower}; together they give the score, {score}."
    return f"{orange}{lower}. {'; '.join(sums)}: together {score}, the score."


def _sum(heat: Heat, whose: str) -> str:
    parts = [f"{name} {signed(part)}" for name, part in heat.parts.items() if abs(part) >= _SEEN]
    return ", ".join([f"The areas of {whose} give {signed(heat.places)}", *parts])


def _show_pair(gallery: Gallery, now: Query, match: Match) -> None:
    both = {now.title: searching.prepared(gallery, now), f"Match {match.rank}": gallery.picture(match.index)}
    _side_by_side((name, thumbnails.square(picture), name) for name, picture in both.items())


def _bins_sentence(explained: BinExplanation, result: Result, spoken: str) -> str:
    parts = explained.per_bin
    total = float(parts.sum())
    if total <= 0:
        return "Both have exactly as much of every shade: the distance is 0."
    most = int(np.argmax(parts))
    query, match = float(explained.query[most]), float(explained.match[most])
    own = spoken[:1].upper() + spoken[1:]
    more, less = (own, "the match") if query > match else ("The match", spoken)
    much, little, share = (
        f"{100 * value:.{digits}f}\N{NO-BREAK SPACE}%"
        for value, digits in ((max(query, match), 1), (min(query, match), 1), (float(parts[most]) / total, 0))
    )
    return (
        f"{more} has more of {explained.bins.names[most]} ({much}) than {less} ({little}); that makes up {share} of "
        f"the difference. The squared differences add up to {total:.4g}; its square root is the score: "
        f"**{result.method.format_score(explained.score)}**."
    )
