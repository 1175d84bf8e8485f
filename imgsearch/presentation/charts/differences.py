"""What makes up a distance: which bins, and which cells."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.presentation.charts.figure import MATCH_COLOUR, Figure, css, empty_figure, floats, outline
from imgsearch.presentation.safe_text import for_chart


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
            "x": [for_chart(names[bin_]) for bin_ in largest],
            "y": floats(shares),
            "marker": marker,
            "hovertemplate": "%{x}: %{y:.1f} % of the difference<extra></extra>",
        }
    ]
    # How long the names are, nobody knows beforehand.
    figure["layout"]["xaxis"] |= {"type": "category", "tickangle": -40 if len(largest) > 6 else 0, "automargin": True}
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
