"""Histograms: two over each other, and what makes up the distance between them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.methods.histogram_bins import numbered
from imgsearch.presentation.charts.figure import (
    MATCH_COLOUR,
    QUERY_COLOUR,
    Figure,
    css,
    empty_figure,
    floats,
    legend,
    note,
    outline,
)
from imgsearch.presentation.safe_text import for_chart

Pictures = tuple[str, str]
"""What the query and the match are called."""

_HEIGHT = 230
_MOST_COLOURS = 24
_STANDS_OUT = 3.0


def difference_bars(
    parts: NDArray[np.floating], names: Sequence[str], *, colours: NDArray[np.uint8] | None = None, most: int = 12
) -> Figure:
    """The bins that make up most of a squared distance, from the part of each, (b,), in percent of all of it."""
    total = float(np.sum(parts))
    largest = np.argsort(-parts, kind="stable")[:most]
    largest = largest[parts[largest] > 0]
    shares = 100 * parts[largest] / total if total > 0 else parts[largest]
    figure = empty_figure(200, y_title="% of the difference")
    marker: dict[str, Any] = {"color": MATCH_COLOUR}
    if colours is not None:
        marker = {"color": [css(colour) for colour in colours[largest]], **outline()}
    figure["data"] = [
        {
            "type": "bar",
            "y": floats(shares),
            "text": [for_chart(names[bin_]) for bin_ in largest],
            "textposition": "none",
            "marker": marker,
            "hovertemplate": "%{text}: %{y:.1f} % of the difference<extra></extra>",
        }
    ]
    figure["layout"]["xaxis"] |= {
        "tickvals": list(range(len(largest))),
        # A bar has its colour: the name goes without the code of it.
        "ticktext": [for_chart(name) for name in numbered(names[bin_].partition(" #")[0] for bin_ in largest)],
        "tickangle": -40 if len(largest) > 6 else 0,
        # How long the names are, nobody knows beforehand.
        "automargin": True,
    }
    return figure


def cell_map(parts: NDArray[np.floating]) -> Figure:
    """Where two pictures differ: the part of each cell, (rows, columns), in percent, as a heat map."""
    total = float(parts.sum())
    shares = 100 * parts / total if total > 0 else parts
    figure = empty_figure(200)
    figure["data"] = [
        {
            "type": "heatmap",
            "z": [floats(row) for row in shares],
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


def shade_areas(
    query: NDArray[np.floating], match: NDArray[np.floating], names: Sequence[str], pictures: Pictures, x_title: str
) -> Figure:
    """Two histograms of the same bins, (b,) shares of the picture, as areas; `x_title` says what order they are in."""
    figure = empty_figure(_HEIGHT, x_title=x_title, y_title="% of the picture")
    shown = [for_chart(name) for name in names]
    figure["data"] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": for_chart(name),
            "y": floats(100 * values),
            "text": shown,
            "line": {"shape": "hvh", "width": 1.5, "color": colour},
            "fill": "tozeroy",
            "hovertemplate": "%{text}: %{y:.2f} %<extra>" + for_chart(name) + "</extra>",
        }
        for name, values, colour in zip(pictures, (query, match), (QUERY_COLOUR, MATCH_COLOUR), strict=True)
    ]
    # The hover text names the bin; the axis only has to say which way it goes.
    figure["layout"]["xaxis"]["showticklabels"] = False
    largest = np.maximum(query, match)
    order = np.argsort(largest)
    figure["layout"]["hovermode"] = "x"
    legend(figure)
    if len(order) > 2 and largest[order[-1]] > _STANDS_OUT * largest[order[-2]] > 0:
        # One bin, such as a black background, holds most of both pictures: say it, and show the others.
        bin_, right = int(order[-1]), bool(order[-1] < len(names) / 2)
        top = 130 * float(largest[order[-2]])
        figure["layout"]["yaxis"]["range"] = [0, top]
        figure["layout"]["annotations"] = [
            note(_both(names, query, match, bin_, ":\n"), bin_, top, right=right, xshift=6 if right else -6)
        ]
    return figure


def channel_comparison(query: NDArray[np.floating], match: NDArray[np.floating], pictures: Pictures) -> Figure:
    """How much of each level of red, green and blue two pictures have: from their shares, (r, g, b) each."""
    figure = empty_figure(_HEIGHT, x_title="each from dark to bright", y_title="% of the picture")
    both = " and ".join(f"%{{customdata[{side}]:.1f}} % of {for_chart(name)}" for side, name in enumerate(pictures))
    # One label for both pictures.
    hovers = {"hovertemplate": f"%{{text}}:<br>{both}<extra></extra>"}, {"hoverinfo": "skip"}
    first, middles = 0, []
    for channel, colour in enumerate(("red", "green", "blue")):
        others = tuple(axis for axis in range(3) if axis != channel)
        shares = [floats(100 * values.sum(axis=others)) for values in (query, match)]
        levels = len(shares[0])
        edges = [256 * level // levels for level in range(levels + 1)]
        lines = QUERY_COLOUR, MATCH_COLOUR
        for name, values, line, hover in zip(pictures, shares, lines, hovers, strict=True):
            figure["data"].append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": for_chart(name),
                    "x": list(range(first, first + levels)),
                    "y": values,
                    "text": [f"{colour} {low} to {high - 1}" for low, high in pairwise(edges)],
                    "customdata": list(zip(*shares, strict=True)),
                    "line": {"shape": "hvh", "width": 1.5, "color": line},
                    "fill": "tozeroy",
                    "showlegend": channel == 0,
                    **hover,
                }
            )
        middles.append(first + (levels - 1) / 2)
        # One place is left free between two of them.
        first += levels + 1
    figure["layout"]["xaxis"] |= {"tickvals": middles, "ticktext": ["red", "green", "blue"]}
    figure["layout"]["yaxis"]["rangemode"] = "tozero"
    figure["layout"]["hovermode"] = "x"
    legend(figure)
    return figure


def shade_bars(
    query: NDArray[np.floating],
    match: NDArray[np.floating],
    names: Sequence[str],
    pictures: Pictures,
    colours: NDArray[np.uint8],
) -> Figure:
    """Of two histograms, (b,) shares of the picture, the bins that either has most of, in their own colours, (b, 3).

    The query's bars go upwards, the match's downwards.
    """
    most = np.argsort(-np.maximum(query, match), kind="stable")[:_MOST_COLOURS]
    most = most[np.maximum(query, match)[most] > 0]
    luma = colours[most].astype(np.float64) @ (0.299, 0.587, 0.114)
    most = most[np.argsort(luma, kind="stable")]
    figure = empty_figure(_HEIGHT, y_title="% of the picture")
    both = " and ".join(f"%{{customdata[{side}]:.1f}} % of {for_chart(name)}" for side, name in enumerate(pictures))
    figure["data"] = [
        {
            "type": "bar",
            "name": for_chart(name),
            "y": floats(sign * 100 * values[most]),
            "customdata": [floats(pair) for pair in 100 * np.stack([query[most], match[most]], axis=1)],
            "text": [for_chart(names[bin_]) for bin_ in most],
            "textposition": "none",
            "marker": {"color": [css(colour) for colour in colours[most]], **outline()},
            "hovertemplate": f"%{{text}}:<br>{both}<extra></extra>",
            "showlegend": False,
        }
        for name, values, sign in zip(pictures, (query, match), (1, -1), strict=True)
    ]
    largest = np.sort(np.maximum(query, match)[most])
    stands_out = len(largest) > 2 and largest[-1] > _STANDS_OUT * largest[-2]
    reach = 115 * float(largest[-2] if stands_out else largest.max(initial=1e-6))
    ticks = [sign * tick for tick in _ticks(reach) for sign in (-1, 1)]
    figure["layout"] |= {"barmode": "relative", "bargap": 0.08}
    # The names of the pictures, and of a bar that goes on beyond the chart, are above and below all bars.
    figure["layout"]["margin"] |= {"t": 26, "b": 26}
    figure["layout"]["xaxis"] |= {"visible": False}
    # What goes downwards is an amount, too.
    figure["layout"]["yaxis"] |= {
        "range": [-reach, reach],
        "zeroline": True,
        "tickvals": [0.0, *ticks],
        "ticktext": ["0", *(f"{abs(tick):g}" for tick in ticks)],
    }
    paper = {"xref": "paper", "yref": "paper"}
    figure["layout"]["annotations"] = [
        note(pictures[0], 0, 1, right=True, **paper, yanchor="bottom", font={"size": 12}),
        note(pictures[1], 0, 0, right=True, **paper, font={"size": 12}),
    ]
    if stands_out:
        text = _both(names, query, match, int(most[np.argmax(np.maximum(query, match)[most])]))
        # In a line of its own: a narrow column has no room for it beside the picture's name.
        figure["layout"]["margin"]["t"] += 15
        figure["layout"]["annotations"].append(note(text, 1, 1, right=False, **paper, yanchor="bottom", yshift=15))
    return figure


def _ticks(reach: float) -> list[float]:
    """Two or three round numbers from zero, without it, to `reach`."""
    rough = reach / 3
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(step for step in (1, 2, 2.5, 5, 10) if step * power >= rough) * power
    return floats(step * count for count in range(1, int(reach / step) + 1))


def _both(
    names: Sequence[str], query: NDArray[np.floating], match: NDArray[np.floating], bin_: int, then: str = ": "
) -> str:
    """A bin's name with its share in both pictures."""
    return f"{names[bin_]}{then}{100 * query[bin_]:.0f} % and {100 * match[bin_]:.0f} %"
