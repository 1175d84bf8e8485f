"""Why the selected match was found: heat, or bins that differ, and the scores around it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.images.transforms import Picture
from imgsearch.methods.explanations import BinExplanation, Explanation, Heat, HeatExplanation, Side
from imgsearch.methods.histogram_base import Histogram
from imgsearch.methods.histogram_bins import join
from imgsearch.page.session import galleries, marks, searching, thumbnails
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.page.views.credit import show_credit
from imgsearch.presentation import charts
from imgsearch.presentation.heatmap import laid_over
from imgsearch.presentation.safe_text import for_markdown, plain
from imgsearch.ranking.metrics import signed
from imgsearch.search.result import Match, Result
from imgsearch.search.words import CONVINCING, WordResult

_PAIR = 168
_HEAT_SIDE = 252
_SEEN = 0.0005
"""What is smaller than this is zero to the three digits of a score."""


def show(gallery: Gallery, now: Query, result: Result, *, column: int = 0, brief: bool = False) -> None:
    """The selected match beside the query, and what made up its score.

    Parameters
    ----------
    gallery : Gallery
    now : Query
    result : Result
    column : int
        Which ranking it is, from the left, when several stand side by side.
    brief : bool
        Leave out what there is no room for then.
    """
    match = marks.selected(result.matches)
    if match is None:
        return
    label = galleries.display_name(match)
    st.header(
        f"Why is match {match.rank} similar?", help=f"{for_markdown(label)}: {result.method.format_score(match.score)}"
    )
    # Charts are named by their place and not by the method: the browser changes one faster than it makes one.
    slot = str(column)
    explained = _explained(gallery, now, result, match)
    if isinstance(explained, _DrawnHeat):
        _show_heat(explained, match)
    else:
        _show_pair(gallery, now, match)
        if isinstance(explained, BinExplanation):
            st.markdown(_bins_sentence(explained, result))
        else:
            st.caption("This method has one number for a pair, and no parts of it to show.")
    if not brief and not now.word:
        _show_histogram(gallery, now, match, slot)
    with st.container():
        if isinstance(explained, BinExplanation):
            _show_parts(explained, slot)
    _show_bars(result, match, slot)
    if not brief:
        _show_strip(gallery, result, slot)
        show_credit(gallery, match.index, called=f"Match {match.rank}")


def explain(gallery: Gallery, picture: Picture | None, result: Result, match: Match) -> Explanation | None:
    """Why a match has the score that is shown, from the vectors that were compared.

    Parameters
    ----------
    gallery : Gallery
    picture : (h, w, 3) uint8 or None
        The query as the gallery's methods see it; None for a word.
    result : Result
        Of the search for it.
    match : Match
        Any of the result's.
    """
    stored = gallery.vectors(result.method.key, [match.index])[0]
    query = Side(result.vector_for(match), picture, result.added)
    return result.method.explain(query, Side(stored, gallery.picture(match.index)))


class _DrawnHeat(NamedTuple):
    """A heat explanation as it is shown.

    Attributes
    ----------
    pictures : caption and address of each picture under its heat
    sentence : what the heat adds up to
    """

    pictures: tuple[tuple[str, str], ...]
    sentence: str


def _explained(gallery: Gallery, now: Query, result: Result, match: Match) -> _DrawnHeat | BinExplanation | None:
    """The explanation, ready to be shown; kept for a visitor who goes back and forth."""
    marked = tuple(sorted(visitor().marks.items()))
    name = ("explanation", result.method.key, now.digest, now.box, now.towards, match.index, marked)
    picture = None if now.word else searching.prepared(gallery, now)

    def work() -> _DrawnHeat | BinExplanation | None:
        explained = explain(gallery, picture, result, match)
        return _drawn(explained, match, now.word) if isinstance(explained, HeatExplanation) else explained

    return searching.worked_out(gallery, name, work)


def _show_heat(drawn: _DrawnHeat, match: Match) -> None:
    with st.container(horizontal=True, gap="small"):
        for caption, address in drawn.pictures:
            with st.container(width=_PAIR, gap="xxsmall"):
                st.image(address, width="stretch", alt=f"{caption} with heat where it speaks for the match")
                st.caption(caption)
    st.markdown(drawn.sentence)


def _drawn(explained: HeatExplanation, match: Match, word: str) -> _DrawnHeat:
    captions = ("Your picture", f"Match {match.rank}")
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
    return _DrawnHeat(pictures, heat_sentence(explained, against, word))


def heat_sentence(explained: HeatExplanation, against: float, word: str = "") -> str:
    """What the places of the pictures add up to, with every part that belongs to no place.

    Parameters
    ----------
    explained : HeatExplanation
    against : float
        What the places that speak against the match add up to, negative.
    word : str
        What was searched for, if it was no picture.
    """
    sums = [
        _sum(heat, whose)
        for heat, whose in ((explained.query, "your picture"), (explained.match, "the match"))
        if heat is not None and any(abs(part) >= _SEEN for part in heat.parts.values())
    ]
    score = f"**{signed(explained.score)}**"
    orange = f"Orange areas look like “{for_markdown(word)}”" if word else "Orange areas raise the similarity"
    lower = f", blue areas lower it (by {signed(-against)})" if against < -_SEEN else ""
    if not sums:
        return f"{orange}{lower}; together they give the score, {score}."
    return f"{orange}{lower}. {'; '.join(sums)}: {score}, the score."


def _sum(heat: Heat, whose: str) -> str:
    parts = [f"{name} {signed(part)}" for name, part in heat.parts.items() if abs(part) >= _SEEN]
    return f"The areas of {whose} add up to {signed(heat.places)}, and with {', '.join(parts)} to the whole"


def _show_pair(gallery: Gallery, now: Query, match: Match) -> None:
    with st.container(horizontal=True, gap="small"):
        for name, picture in (
            ("Your picture", searching.prepared(gallery, now)),
            (f"Match {match.rank}", gallery.picture(match.index)),
        ):
            with st.container(width=_PAIR, gap="xxsmall"):
                st.image(thumbnails.square(picture), width="stretch", alt=name)
                st.caption(name)


def _bins_sentence(explained: BinExplanation, result: Result) -> str:
    parts = explained.per_bin
    total = float(parts.sum())
    if total <= 0:
        return "Both have exactly as much of every shade: the distance is 0."
    most = int(np.argmax(parts))
    query, match = float(explained.query[most]), float(explained.match[most])
    more, less = ("Your picture", "the match") if query > match else ("The match", "your picture")
    much, little, share = (
        f"{100 * value:.{digits}f}\N{NO-BREAK SPACE}%"
        for value, digits in ((max(query, match), 1), (min(query, match), 1), (float(parts[most]) / total, 0))
    )
    return (
        f"{more} has more of {explained.bins.names[most]} ({much}) than {less} ({little}); that makes up {share} of "
        f"the difference. The squares of all differences add up to {total:.4g}, and its root is the score: "
        f"**{result.method.format_score(explained.score)}**."
    )


def _show_parts(explained: BinExplanation, slot: str) -> None:
    if explained.score <= 0:
        return
    if explained.bins.grid > 1:
        st.markdown("**Where they differ**")
        st.plotly_chart(
            charts.cell_map(explained.per_cell),
            config=charts.CONFIG,
            key=f"cells-{slot}",
            alt="Map of the picture with the share that each cell has in the difference",
        )
    st.markdown("**What makes the difference**")
    st.plotly_chart(
        charts.difference_bars(explained.per_bin, explained.bins.names, colours=explained.bins.colours),
        config=charts.CONFIG,
        key=f"parts-{slot}",
        alt="The shades that make up most of the difference between the two pictures",
    )


def _show_histogram(gallery: Gallery, now: Query, match: Match, slot: str) -> None:
    # The classic histogram of the whole picture shows the shades, whichever method ranks.
    classic = (method for method in gallery.methods.values() if isinstance(method, Histogram) and method.grid == 1)
    method = next(classic, None)
    if method is None:
        return
    bins = method.named_bins
    query = bins.shares(method.describe(searching.prepared(gallery, now)))
    other = bins.shares(gallery.vectors(method.key, [match.index])[0])
    shown = bins.coarse(64)
    st.markdown("**Shades of both pictures**")
    st.plotly_chart(
        charts.histogram_comparison(
            join(query, len(shown.names)),
            join(other, len(shown.names)),
            shown.names,
            match_name=f"match {match.rank}",
            colours=shown.colours,
            x_title=shown.axis,
        ),
        config=charts.CONFIG,
        key=f"histogram-{slot}",
        alt=f"Histograms of your picture and of match {match.rank}, {plain(galleries.display_name(match))}",
    )


def _show_strip(gallery: Gallery, result: Result, slot: str) -> None:
    scores = result.sample_scores
    estimate = f" · an estimate from {len(scores):,} of them" if result.is_estimate else ""
    st.markdown(f"**Among all {gallery.n:,} pictures**{estimate}")
    st.plotly_chart(
        charts.distance_strip(
            scores,
            [each.score for each in result.matches],
            title=result.method.metric.title,
            n=gallery.n,
            chance=CONVINCING if isinstance(result, WordResult) else gallery.chance_score(result.method.key),
        ),
        config=charts.CONFIG,
        key=f"strip-{slot}",
        alt=f"{result.method.metric.title} of all {gallery.n:,} pictures; the matches lie at the near end",
    )


def _show_bars(result: Result, match: Match, slot: str) -> None:
    metric = result.method.metric
    st.markdown(f"**All matches** · {'higher' if metric.higher_is_better else 'lower'} is closer")
    figure = charts.similarity_dots(
        [each.score for each in result.matches],
        [galleries.display_name(each) for each in result.matches],
        title=metric.title,
        selected=match.rank - 1,
        say=[result.method.format_score(each.score) for each in result.matches],
    )
    first, last = (result.method.format_score(result.matches[end].score) for end in (0, -1))
    st.plotly_chart(
        figure,
        config=charts.CONFIG,
        key=f"bars-{slot}",
        alt=f"{metric.title} of the {len(result.matches)} matches, from {first} for the first to {last} for the last",
    )
