"""The charts below an explanation, each drawn only where it is in view."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.methods.explanations import BinExplanation, Side
from imgsearch.methods.histogram import ColourHistogram, Histogram
from imgsearch.methods.histogram_bins import grey_bins
from imgsearch.page.session import galleries, searching
from imgsearch.page.session.redraw import redraw
from imgsearch.page.session.visitor import Query
from imgsearch.presentation.charts.figure import Figure
from imgsearch.presentation.charts.histograms import (
    cell_map,
    channel_comparison,
    difference_bars,
    shade_areas,
    shade_bars,
)
from imgsearch.presentation.charts.scores import distance_strip, similarity_dots
from imgsearch.presentation.safe_text import plain
from imgsearch.search.result import Match, Result
from imgsearch.search.words import CONVINCING, WordResult

Drawn = tuple[Figure, str]
"""A figure, and what it shows in words."""


class Chart(NamedTuple):
    """A chart that can be drawn: a plain word for it, its title in Markdown, and its height in pixels, title included.

    `make` works it out.
    """

    name: str
    title: str
    height: int
    make: Callable[[], Drawn]


def charts_of(gallery: Gallery, now: Query, result: Result, match: Match, *, brief: bool) -> Iterator[Chart]:
    """The charts of a match, from top to bottom; `brief` leaves out what there is no room for in a column."""
    if not brief and not now.word:
        yield from _shades(gallery, now, match)
    # Without pictures it costs nothing, and says what the method can explain.
    stored = gallery.vectors(result.method.key, [match.index])[0]
    explained = result.method.explain(Side(result.vector_for(match), parts=result.added), Side(stored))
    if isinstance(explained, BinExplanation) and explained.score > 0:
        yield from _differences(explained)
    yield _scores(result, match)
    if not brief:
        yield _all_pictures(gallery, result)


def _shades(gallery: Gallery, now: Query, match: Match) -> Iterator[Chart]:
    # The classic histogram of the whole picture shows the shades, whichever method ranks.
    classic = (method for method in gallery.methods.values() if isinstance(method, Histogram) and method.grid == 1)
    method = next(classic, None)
    if method is None:
        return
    channels = method.bins if isinstance(method, ColourHistogram) and method.space == "rgb" else ()

    def make() -> Drawn:
        bins = method.named_bins
        query = bins.shares(method.describe(searching.prepared(gallery, now)))
        other = bins.shares(gallery.vectors(method.key, [match.index])[0])
        pictures = now.spoken, f"match {match.rank}"
        alt = f"Histograms of {now.spoken} and of match {match.rank}, {plain(galleries.display_name(match))}"
        if channels and _by_channel():
            return channel_comparison(query.reshape(channels), other.reshape(channels), pictures), alt
        if bins.colours is not None:
            return shade_bars(query, other, bins.names, pictures, bins.colours), alt
        if len(bins.names) == 256:
            # Of single levels, most pictures of 28 by 28 pixels have none or one.
            bins = grey_bins(64, grid=1)
            query, other = (shares.reshape(64, 4).sum(axis=1) for shares in (query, other))
        return shade_areas(query, other, bins.names, pictures, bins.axis), alt

    yield Chart("shades", "**Shades of both pictures**", 320 if channels else 270, make)


def _by_channel() -> bool:
    """Whether red, green and blue are to be seen by themselves."""
    options = {False: "Colours", True: "Red, green, blue"}
    chosen = st.segmented_control(
        "Shades by",
        list(options),
        default=False,
        required=True,
        format_func=options.__getitem__,
        key="shades-by",
        label_visibility="collapsed",
        on_change=redraw,
        args=("why",),
        width="stretch",
    )
    return bool(chosen)


def _differences(explained: BinExplanation) -> Iterator[Chart]:
    bins = explained.bins
    if bins.grid > 1:
        yield Chart(
            "cells",
            "**Where they differ**",
            240,
            lambda: (
                cell_map(explained.per_cell),
                "The picture's cells, with the share of each in the difference",
            ),
        )
    yield Chart(
        "bins",
        "**What makes the difference**",
        240,
        lambda: (
            difference_bars(explained.per_bin, bins.names, colours=bins.colours),
            "The shades that make up most of the difference between the two pictures",
        ),
    )


def _scores(result: Result, match: Match) -> Chart:
    metric = result.method.metric

    def make() -> Drawn:
        said = [result.method.format_score(each.score) for each in result.matches]
        figure = similarity_dots(
            [each.score for each in result.matches],
            [galleries.display_name(each) for each in result.matches],
            title=metric.title,
            selected=match.rank - 1,
            say=said,
        )
        return figure, f"{metric.title} of {len(said)} matches, from {said[0]} for the first to {said[-1]} for the last"

    return Chart("scores", f"**All matches** · {'higher' if metric.higher_is_better else 'lower'} is closer", 240, make)


def _all_pictures(gallery: Gallery, result: Result) -> Chart:
    title = result.method.metric.title

    def make() -> Drawn:
        figure = distance_strip(
            result.sample_scores,
            [each.score for each in result.matches],
            title=title,
            n=gallery.n,
            chance=CONVINCING if isinstance(result, WordResult) else gallery.chance_score(result.method.key),
        )
        return figure, f"{title} of all {gallery.n:,} pictures; the matches lie at the near end"

    sample = len(result.index.sample())
    estimate = f" · an estimate from {sample:,} of them" if sample < gallery.n else ""
    return Chart("all", f"**Among all {gallery.n:,} pictures**{estimate}", 198, make)
