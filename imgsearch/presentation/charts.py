"""Plotly figures, as plain dictionaries, from plain arrays.

A dictionary costs nothing to build and needs no plotly here. Colours are those of the page's theme: its first
chart colour stands for the query, its second for a match, in every chart and in both themes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.presentation.safe_text import for_chart

Figure = dict[str, Any]

# Streamlit replaces these in every figure by the theme's first, second, … chart colour, so a figure that is on
# the screen follows a change between light and dark. Elsewhere they are almost black.
QUERY_COLOUR, MATCH_COLOUR, THIRD_COLOUR = "#000001", "#000002", "#000003"
FAINT = 0.35

CONFIG: dict[str, Any] = {"displayModeBar": False, "doubleClick": "reset"}
"""For `st.plotly_chart`: no tool bar; a double click goes back to the whole chart."""

_MOST_COLOURS = 24
_STANDS_OUT = 3.0


def histogram_comparison(
    query: NDArray[np.floating],
    match: NDArray[np.floating],
    names: Sequence[str],
    *,
    match_name: str,
    colours: NDArray[np.uint8] | None = None,
    x_title: str = "",
    height: int = 230,
) -> Figure:
    """Two histograms of the same bins over each other.

    Parameters
    ----------
    query, match : (b,) shares of the picture, 0 to 1
    names : b names of bins, for the hover text
    match_name : what the match is called in the legend
    colours : (b, 3) uint8, optional
        The colour that each bin stands for. The bins that either picture has most of are then drawn as bars of
        their own colour, the query's upwards and the match's downwards; without it both are areas over all bins.
    x_title : what the bins are, where they are in an order
    height : pixels
    """
    if query.shape != match.shape or query.shape != (len(names),):
        raise ValueError(f"{query.shape} and {match.shape} values do not fit {len(names)} bins: pass one a bin.")
    if colours is not None:
        return _mirrored(query, match, names, colours, match_name, height)
    return _areas(query, match, names, match_name, x_title, height)


def similarity_bars(
    scores: Sequence[float],
    names: Sequence[str],
    *,
    title: str,
    selected: int | None = None,
    say: Sequence[str] | None = None,
    height: int = 200,
) -> Figure:
    """The score of every match, in the order of the ranking.

    Parameters
    ----------
    scores : k scores, best first
    names : k labels or file names, for the hover text; they may hold anything and are shown as text
    title : what the scores are, for example "Cosine"
    selected : position in the ranking that stands out
    say : k scores in words, for the hover text
    height : pixels
    """
    positions = list(range(1, len(scores) + 1))
    said = say or [f"{score:.3g}" for score in scores]
    figure = _figure(height, y_title=title)
    figure["data"] = [
        {
            "type": "bar",
            "x": positions,
            "y": _floats(scores),
            "text": [for_chart(f"{name} · {words}") for name, words in zip(names, said, strict=True)],
            "textposition": "none",
            "hovertemplate": "%{x}. %{text}<extra></extra>",
            "marker": {
                "color": MATCH_COLOUR,
                "opacity": [1.0 if position - 1 == selected else FAINT for position in positions],
            },
        }
    ]
    figure["layout"]["xaxis"] |= {"tickmode": "linear", "dtick": 1 if len(scores) <= 20 else 5, "tick0": 1}
    figure["layout"]["bargap"] = 0.25
    lowest, highest = min(scores, default=0.0), max(scores, default=1.0)
    if lowest > 0 and highest - lowest < 0.25 * highest:
        # All are so close to each other that bars from zero would look the same.
        room = max(highest - lowest, 1e-3 * highest)
        figure["layout"]["yaxis"]["range"] = [max(0.0, lowest - 1.5 * room), highest + 0.15 * room]
    return figure


def distance_strip(
    scores: NDArray[np.floating],
    matches: Sequence[float],
    *,
    title: str,
    chance: float | None = None,
    height: int = 150,
) -> Figure:
    """Where the matches lie among the scores of the whole gallery.

    Parameters
    ----------
    scores : (n,) score of every picture of the gallery
    matches : k scores, best first
    title : what the scores are
    chance : score at which a match is as likely wrong as right, where it is known
    height : pixels
    """
    finite = scores[np.isfinite(scores)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    low, high = min([low, *matches]), max([high, *matches])
    if high <= low:
        high = low + 1e-6
    counts, edges = np.histogram(finite, bins=80, range=(low, high))
    figure = _figure(height, x_title=title)
    figure["data"] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": _floats((edges[:-1] + edges[1:]) / 2),
            # Square roots, so that the few that are near can be seen beside the many that are not.
            "y": _floats(np.sqrt(counts)),
            "customdata": counts.tolist(),
            "line": {"width": 1, "shape": "hvh", "color": QUERY_COLOUR},
            "fill": "tozeroy",
            "name": "all pictures",
            "hovertemplate": "%{customdata:,} pictures near %{x:.3f}<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": _floats(matches),
            "y": [0.0] * len(matches),
            "text": [str(rank) for rank in range(1, len(matches) + 1)],
            "marker": {
                "symbol": "line-ns",
                "size": 18,
                "line": {"width": 2, "color": MATCH_COLOUR},
            },
            "cliponaxis": False,
            "name": "matches",
            "hovertemplate": "Match %{text}: %{x:.3f}<extra></extra>",
        },
    ]
    figure["layout"]["yaxis"] |= {"visible": False, "rangemode": "tozero"}
    figure["layout"]["margin"]["l"] = 8
    figure["layout"]["xaxis"]["range"] = [low - 0.02 * (high - low), high + 0.02 * (high - low)]
    _legend(figure)
    if chance is not None and low <= chance <= high:
        figure["layout"]["shapes"] = [
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": chance,
                "x1": chance,
                "y0": 0,
                "y1": 1,
                "line": {"dash": "dot", "width": 1.5, "color": THIRD_COLOUR},
            }
        ]
        figure["layout"]["annotations"] = [
            {
                "x": chance,
                "y": 0.98,
                "xref": "x",
                "yref": "paper",
                "text": "as likely wrong as right",
                "showarrow": False,
                "xanchor": "left" if chance < (low + high) / 2 else "right",
                "yanchor": "top",
                "xshift": 5 if chance < (low + high) / 2 else -5,
                "font": {"size": 11},
            }
        ]
    return figure


def difference_bars(
    parts: NDArray[np.floating],
    names: Sequence[str],
    *,
    colours: NDArray[np.uint8] | None = None,
    most: int = 12,
    height: int = 200,
) -> Figure:
    """Which bins make up a distance: the largest parts of the squared distance, in percent of all of it.

    Parameters
    ----------
    parts : (b,) part of each bin, none negative
    names : b names of bins
    colours : (b, 3) uint8, optional, the colour that each bin stands for
    most : how many bins are shown at most
    height : pixels
    """
    total = float(np.sum(parts))
    largest = np.argsort(-parts, kind="stable")[:most]
    largest = largest[parts[largest] > 0]
    shares = 100 * parts[largest] / total if total > 0 else parts[largest]
    figure = _figure(height, y_title="% of the difference")
    marker: dict[str, Any] = {"color": MATCH_COLOUR}
    if colours is not None:
        marker = {"color": [_css(colour) for colour in colours[largest]], **_outline()}
    figure["data"] = [
        {
            "type": "bar",
            "x": [for_chart(names[bin_]) for bin_ in largest],
            "y": _floats(shares),
            "marker": marker,
            "hovertemplate": "%{x}: %{y:.1f} % of the difference<extra></extra>",
        }
    ]
    # How long the names are, nobody knows beforehand.
    figure["layout"]["xaxis"] |= {"type": "category", "tickangle": -40 if len(largest) > 6 else 0, "automargin": True}
    return figure


def cell_map(parts: NDArray[np.floating], *, height: int = 200) -> Figure:
    """Where two pictures differ: the part of each cell of a grid in percent, as a heat map.

    Parameters
    ----------
    parts : (rows, columns) part of each cell, none negative, the first row at the top
    height : pixels
    """
    total = float(parts.sum())
    shares = 100 * parts / total if total > 0 else parts
    figure = _figure(height)
    figure["data"] = [
        {
            "type": "heatmap",
            "z": [_floats(row) for row in shares],
            "xgap": 2,
            "ygap": 2,
            "colorbar": {"ticksuffix": "\N{NO-BREAK SPACE}%", "thickness": 8, "outlinewidth": 0},
            "hovertemplate": "row %{y}, column %{x}: %{z:.1f} % of the difference<extra></extra>",
            "x": list(range(1, parts.shape[1] + 1)),
            "y": list(range(1, parts.shape[0] + 1)),
        }
    ]
    figure["layout"]["yaxis"] |= {"autorange": "reversed", "scaleanchor": "x", "visible": False, "constrain": "domain"}
    figure["layout"]["xaxis"] |= {"visible": False, "constrain": "domain"}
    figure["layout"]["margin"] = {"l": 8, "r": 48, "t": 8, "b": 8}
    return figure


def quality_bars(methods: Mapping[str, Mapping[str, float]], measures: Sequence[str], *, height: int = 260) -> Figure:
    """Measured quality of several methods side by side.

    Parameters
    ----------
    methods : title of a method → measure → value, 0 to 1
    measures : which measures, in the order of the chart; those that a method lacks are left out
    height : pixels
    """
    figure = _figure(height)
    figure["data"] = [
        {
            "type": "bar",
            "name": for_chart(title),
            "x": [measure for measure in measures if measure in values],
            "y": [float(f"{100 * float(values[measure]):.1f}") for measure in measures if measure in values],
            "texttemplate": "%{y:.1f}",
            "textposition": "outside",
            "cliponaxis": False,
            "hovertemplate": "%{x}: %{y:.1f} %<extra>" + for_chart(title) + "</extra>",
        }
        for title, values in methods.items()
    ]
    figure["layout"]["yaxis"] |= {"range": [0, 108], "ticksuffix": " %"}
    figure["layout"]["margin"]["l"] = 48
    figure["layout"]["barmode"] = "group"
    _legend(figure)
    return figure


# ---- details


def _areas(
    query: NDArray[np.floating],
    match: NDArray[np.floating],
    names: Sequence[str],
    match_name: str,
    x_title: str,
    height: int,
) -> Figure:
    figure = _figure(height, x_title=x_title, y_title="% of the picture")
    shown = [for_chart(name) for name in names]
    figure["data"] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": for_chart(name),
            "x": list(range(len(names))),
            "y": _floats(100 * values),
            "text": shown,
            "line": {"shape": "hvh", "width": 1.5, "color": colour},
            "fill": "tozeroy",
            "hovertemplate": "%{text}: %{y:.2f} %<extra>" + for_chart(name) + "</extra>",
        }
        for name, values, colour in (("your picture", query, QUERY_COLOUR), (match_name, match, MATCH_COLOUR))
    ]
    # The hover text names the bin; the axis only has to say which way it goes.
    figure["layout"]["xaxis"]["showticklabels"] = False
    largest = np.maximum(query, match)
    order = np.argsort(largest)
    figure["layout"] |= {"hovermode": "x"}
    _legend(figure)
    if len(order) > 2 and largest[order[-1]] > _STANDS_OUT * largest[order[-2]] > 0:
        # One bin, such as a black background, holds most of both pictures: say it, and show the others.
        bin_ = int(order[-1])
        top = 115 * float(largest[order[-2]])
        figure["layout"]["yaxis"]["range"] = [0, top]
        figure["layout"]["annotations"] = [
            {
                "x": bin_,
                "y": top,
                "text": for_chart(f"{names[bin_]}: {100 * query[bin_]:.0f} % and {100 * match[bin_]:.0f} %"),
                "showarrow": False,
                "xanchor": "left" if bin_ < len(names) / 2 else "right",
                "yanchor": "top",
                "xshift": 6 if bin_ < len(names) / 2 else -6,
                "font": {"size": 11},
            }
        ]
    return figure


def _mirrored(
    query: NDArray[np.floating],
    match: NDArray[np.floating],
    names: Sequence[str],
    colours: NDArray[np.uint8],
    match_name: str,
    height: int,
) -> Figure:
    most = np.argsort(-np.maximum(query, match), kind="stable")[:_MOST_COLOURS]
    most = most[np.maximum(query, match)[most] > 0]
    luma = colours[most].astype(np.float64) @ (0.299, 0.587, 0.114)
    most = most[np.argsort(luma, kind="stable")]
    figure = _figure(height)
    figure["data"] = [
        {
            "type": "bar",
            "name": for_chart(name),
            "x": list(range(len(most))),
            "y": _floats(sign * 100 * values[most]),
            "customdata": _floats(100 * values[most]),
            "text": [for_chart(names[bin_]) for bin_ in most],
            "textposition": "none",
            "marker": {"color": [_css(colour) for colour in colours[most]], **_outline()},
            "hovertemplate": "%{text}: %{customdata:.1f} %<extra>" + for_chart(name) + "</extra>",
            "showlegend": False,
        }
        for name, values, sign in (("your picture", query, 1), (match_name, match, -1))
    ]
    largest = np.sort(np.maximum(query, match)[most])
    stands_out = len(largest) > 2 and largest[-1] > _STANDS_OUT * largest[-2]
    reach = 115 * float(largest[-2] if stands_out else largest.max(initial=1e-6))
    figure["layout"] |= {"barmode": "relative", "bargap": 0.08, "margin": {"l": 8, "r": 8, "t": 8, "b": 8}}
    figure["layout"]["xaxis"] |= {"visible": False}
    figure["layout"]["yaxis"] |= {"range": [-reach, reach], "showticklabels": False, "zeroline": True}
    figure["layout"]["annotations"] = [
        {
            "x": 0,
            "y": y,
            "xref": "paper",
            "yref": "paper",
            "text": for_chart(text),
            "showarrow": False,
            "xanchor": "left",
            "yanchor": anchor,
            "font": {"size": 12},
        }
        for text, y, anchor in (("your picture", 1, "top"), (match_name, 0, "bottom"))
    ]
    if stands_out:
        # Bars that go on beyond the chart say how far.
        bin_ = int(most[np.argmax(np.maximum(query, match)[most])])
        figure["layout"]["annotations"].append(
            {
                "x": 1,
                "y": 0.5,
                "xref": "paper",
                "yref": "paper",
                "text": for_chart(f"{names[bin_]}: {100 * query[bin_]:.0f} % and {100 * match[bin_]:.0f} %"),
                "showarrow": False,
                "xanchor": "right",
                "yanchor": "bottom",
                "bgcolor": "rgba(128, 128, 128, 0.25)",
                "font": {"size": 11},
            }
        )
    return figure


def _figure(height: int, *, x_title: str = "", y_title: str = "") -> Figure:
    # Room for ticks and titles is set and not found out: finding it out draws every chart twice.
    axis: dict[str, Any] = {"automargin": False, "fixedrange": True, "tickfont": {"size": 11}}
    return {
        "data": [],
        "layout": {
            "height": height,
            "margin": {"l": 54 if y_title else 32, "r": 14, "t": 8, "b": 48 if x_title else 24},
            # Dragging scrolls the page, as everywhere else on a phone.
            "dragmode": False,
            "xaxis": axis | {"title": {"text": x_title, "font": {"size": 12}, "standoff": 6}},
            "yaxis": axis | {"title": {"text": y_title, "font": {"size": 12}, "standoff": 6}},
            "hoverlabel": {"align": "left"},
            "showlegend": False,
        },
    }


def _legend(figure: Figure) -> None:
    figure["layout"]["showlegend"] = True
    figure["layout"]["legend"] = {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"}
    figure["layout"]["margin"]["t"] = 30


def _outline() -> dict[str, Any]:
    # Grey keeps white bars from vanishing on paper and black ones from vanishing in the dark.
    return {"line": {"width": 1, "color": "rgba(128, 128, 128, 0.7)"}}


def _css(colour: NDArray[np.uint8]) -> str:
    red, green, blue = (int(value) for value in colour)
    return f"rgb({red}, {green}, {blue})"


def _floats(values: Any) -> list[float]:
    """Short decimal numbers: a figure travels to the browser as text."""
    return [float(f"{float(value):.5g}") for value in values]
