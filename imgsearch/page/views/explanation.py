"""Why the selected match was found: heat, or bins that differ, and the scores around it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from imgsearch.gallery.persistence import Gallery
from imgsearch.images.transforms import Picture
from imgsearch.methods.explanations import DistanceShares, explain_cosine, explain_distance, overlay
from imgsearch.methods.histogram_bins import Bins, bins_of, join
from imgsearch.page.session import galleries, marks, searching, thumbnails
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.page.views import chart
from imgsearch.presentation import charts
from imgsearch.presentation.safe_text import for_markdown, plain
from imgsearch.ranking.metrics import signed
from imgsearch.search.search import Match, Result

_PAIR = 168


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
    st.header(f"Why match {match.rank}?", help=f"{for_markdown(label)}: {result.method.format_score(match.score)}")
    # Charts are named by their place and not by the method: the browser changes one faster than it makes one.
    slot = str(column)
    bins = bins_of(result.method.config())
    if bins is None:
        _show_heat(gallery, now, result, match)
    else:
        _show_bins(gallery, now, result, match, bins)
    if not brief:
        _show_histogram(gallery, now, result, match, bins, slot)
    with st.container():
        if bins is not None:
            _show_parts(gallery, result, match, bins, slot)
    _show_bars(result, match, slot)
    if not brief:
        _show_strip(gallery, result, slot)
        _show_credit(gallery, match)


def _show_strip(gallery: Gallery, result: Result, slot: str) -> None:
    st.markdown(f"**Among all {gallery.n:,} pictures**")
    chart.show(
        charts.distance_strip(
            result.scores,
            [each.score for each in result.matches],
            title=result.method.metric.title,
            chance=gallery.chance_score(result.method.key),
        ),
        key=f"strip-{slot}",
        alt=f"{result.method.metric.title} of all {gallery.n:,} pictures; the matches lie at the near end",
    )


def _show_credit(gallery: Gallery, match: Match) -> None:
    credit = gallery.credit(match.index)
    if credit is not None:
        known = [text for text in (credit.author, credit.licence, credit.source) if text]
        st.caption(f":material/copyright: Match {match.rank}: " + for_markdown(" · ".join(known), longest=400))
    elif gallery.source:
        st.caption(f":material/copyright: {for_markdown(gallery.source, longest=400)}, {for_markdown(gallery.licence)}")


def _show_bars(result: Result, match: Match, slot: str) -> None:
    metric = result.method.metric
    st.markdown(f"**All matches** · {'longer' if metric.higher_is_better else 'shorter'} is closer")
    figure = charts.similarity_bars(
        [each.score for each in result.matches],
        [galleries.display_name(each) for each in result.matches],
        title=metric.title,
        selected=match.rank - 1,
        say=[result.method.format_score(each.score) for each in result.matches],
    )
    first, last = (result.method.format_score(result.matches[end].score) for end in (0, -1))
    chart.show(
        figure,
        key=f"bars-{slot}",
        alt=f"{metric.title} of the {len(result.matches)} matches, from {first} for the first to {last} for the last",
    )


def _show_histogram(gallery: Gallery, now: Query, result: Result, match: Match, bins: Bins | None, slot: str) -> None:
    # The classic histogram of the whole picture shows the shades, whichever method ranks.
    key = result.method.key if bins is not None and bins.grid == 1 else "histogram"
    if key not in gallery.methods:
        return
    method = gallery.methods[key]
    readable = bins_of(method.config())
    if readable is None:
        return
    query = readable.shares(method.describe(searching.prepared(gallery, now)))
    other = readable.shares(gallery.vectors(key, [match.index])[0])
    shown = readable.coarse(64)
    st.markdown("**Shades of both pictures**")
    chart.show(
        charts.histogram_comparison(
            join(query, len(shown.names)),
            join(other, len(shown.names)),
            shown.names,
            match_name=f"match {match.rank}",
            colours=shown.colours,
            x_title=shown.axis,
        ),
        key=f"histogram-{slot}",
        alt=f"Histograms of your picture and of match {match.rank}, {plain(galleries.display_name(match))}",
    )


class _Heat(NamedTuple):
    """Both pictures under their heat, as addresses, and what the heat adds up to: in all, and what is negative."""

    pictures: tuple[str, str]
    score: float
    against: float


def _show_heat(gallery: Gallery, now: Query, result: Result, match: Match) -> None:
    # Kept for a visitor who goes back and forth: the network has to see both pictures for it.
    name = ("heat", result.method.key, now.digest, now.box, match.index)
    query = searching.prepared(gallery, now)
    heat = searching.worked_out(gallery, name, lambda: _heat(gallery, query, result, match))
    with st.container(horizontal=True, gap="small"):
        for title, address in zip(("Your picture", f"Match {match.rank}"), heat.pictures, strict=True):
            with st.container(width=_PAIR, gap="xxsmall"):
                st.image(address, width="stretch", alt=f"{title} with heat where it speaks for the match")
                st.caption(title)
    what = "the score" if abs(heat.score - match.score) < 0.005 else "about the score"
    if visitor().marks:
        what = "the score without your marks"
    st.markdown(
        f"Orange places make the two alike. All places together add up to **{signed(heat.score)}**, {what}."
        + (f" Blue places speak against it: {signed(heat.against)}." if heat.against < -0.005 else "")
    )


def _heat(gallery: Gallery, query: Picture, result: Result, match: Match) -> _Heat:
    from imgsearch.presentation.heatmap import laid_over

    other = gallery.picture(match.index)
    shares = explain_cosine(result.method, query, other)  # type: ignore[arg-type]
    shown = [thumbnails.shown(picture, 252) for picture in (query, other)]
    heats = [
        overlay(maps, *picture.shape[:2]) for maps, picture in zip((shares.query, shares.match), shown, strict=True)
    ]
    peak = max(float(np.abs(heat).max()) for heat in heats)
    one, two = (
        thumbnails.square(laid_over(picture, heat, peak=peak)) for picture, heat in zip(shown, heats, strict=True)
    )
    against = sum(float(np.minimum(heat, 0).sum()) for heat in heats) / 2
    return _Heat((one, two), shares.score, against)


def _show_bins(gallery: Gallery, now: Query, result: Result, match: Match, bins: Bins) -> None:
    with st.container(horizontal=True, gap="small"):
        for name, picture in (
            ("Your picture", searching.prepared(gallery, now)),
            (f"Match {match.rank}", gallery.picture(match.index)),
        ):
            with st.container(width=_PAIR, gap="xxsmall"):
                st.image(thumbnails.square(picture), width="stretch", alt=name)
                st.caption(name)
    shares, other = _differences(gallery, result, match, bins)
    st.markdown(
        _bins_sentence(bins, shares.bins, bins.shares(result.vector), bins.shares(other), shares.squared_distance)
    )


def _show_parts(gallery: Gallery, result: Result, match: Match, bins: Bins, slot: str) -> None:
    shares, _ = _differences(gallery, result, match, bins)
    if shares.squared_distance <= 0:
        return
    if bins.grid > 1:
        st.markdown("**Where they differ**")
        chart.show(
            charts.cell_map(shares.cells),
            key=f"cells-{slot}",
            alt="Map of the picture with the share that each cell has in the difference",
        )
    st.markdown("**What makes the difference**")
    chart.show(
        charts.difference_bars(shares.bins, bins.names, colours=bins.colours),
        key=f"parts-{slot}",
        alt="The shades that make up most of the difference between the two pictures",
    )


def _differences(gallery: Gallery, result: Result, match: Match, bins: Bins) -> tuple[DistanceShares, np.ndarray]:
    other = gallery.vectors(result.method.key, [match.index])[0]
    return explain_distance(result.vector, other, grid=bins.grid), other


def _bins_sentence(
    bins: Bins,
    parts: np.ndarray,
    query: np.ndarray,
    other: np.ndarray,
    squared_distance: float,
) -> str:
    if squared_distance <= 0:
        return "Both have exactly as much of every shade: the distance is 0."
    most = int(np.argmax(parts))
    more, less = ("Your picture", "the match") if query[most] > other[most] else ("The match", "your picture")
    high, low = max(query[most], other[most]), min(query[most], other[most])
    much, little, share = (
        f"{100 * value:.{digits}f}\N{NO-BREAK SPACE}%"
        for value, digits in ((high, 1), (low, 1), (float(parts[most]) / float(parts.sum()), 0))
    )
    return (
        f"{more} has more of {bins.names[most]} ({much}) than {less} ({little}); "
        f"that makes up {share} of the difference."
    )
