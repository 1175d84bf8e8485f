"""Scores: of every match, and among the scores of the whole gallery."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.presentation.charts.figure import (
    MATCH_COLOUR,
    QUERY_COLOUR,
    THIRD_COLOUR,
    Figure,
    empty_figure,
    floats,
    legend,
    note,
)
from imgsearch.presentation.safe_text import for_chart


def similarity_dots(
    scores: Sequence[float],
    names: Sequence[str],
    *,
    title: str,
    selected: int | None = None,
    say: Sequence[str],
) -> Figure:
    """The score of every match, in the order of the ranking; `say` has them in words, `selected` stands out."""
    positions = list(range(1, len(scores) + 1))
    figure = empty_figure(200, y_title=title)
    figure["data"] = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": positions,
            "y": floats(scores),
            "text": [for_chart(f"{name} · {words}") for name, words in zip(names, say, strict=True)],
            "hovertemplate": "%{x}. %{text}<extra></extra>",
            "line": {"color": MATCH_COLOUR, "width": 1},
            "marker": {
                "color": MATCH_COLOUR,
                "size": [13 if position - 1 == selected else 7 for position in positions],
            },
            "cliponaxis": False,
        }
    ]
    # No more numbers than stand side by side in a narrow column.
    step = next((step for step in (1, 2, 5) if len(scores) <= 8 * step), 10)
    figure["layout"]["xaxis"] |= {"tickmode": "linear", "dtick": step, "tick0": 0, "tickangle": 0}
    figure["layout"]["xaxis"]["range"] = [0.4, len(scores) + 0.6]
    # Dots say where, bars would say how much: so the axis need not begin at zero, and close scores can be told apart.
    lowest, highest = min(scores, default=0.0), max(scores, default=1.0)
    room = max(highest - lowest, 1e-3 * abs(highest), 1e-6)
    figure["layout"]["yaxis"]["range"] = [lowest - 0.15 * room, highest + 0.15 * room]
    figure["layout"]["yaxis"]["title"]["standoff"] = 14
    decimals = max(0, int(np.ceil(-np.log10(room / 4))))
    figure["layout"]["margin"]["l"] = 38 + 7 * len(f"{highest:.{decimals}f}")
    return figure


def distance_strip(
    scores: NDArray[np.floating], matches: Sequence[float], *, title: str, n: int, chance: float | None = None
) -> Figure:
    """Where the matches lie among the scores of a gallery of n pictures, or of a sample; `chance` is marked."""
    finite = scores[np.isfinite(scores)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    low, high = min([low, *matches]), max([high, *matches])
    if high <= low:
        high = low + 1e-6
    counts, edges = np.histogram(finite, bins=80, range=(low, high))
    figure = empty_figure(158, x_title=title)
    sample = 0 < len(scores) < n
    if sample:
        counts = np.rint(counts * (n / len(scores))).astype(int)
    figure["data"] = [_outline_of_all(counts, edges, about=sample), _ticks(matches)]
    figure["layout"]["yaxis"] |= {"visible": False, "rangemode": "tozero"}
    figure["layout"]["margin"]["l"] = 8
    # The marks of the matches reach below the axis, and no number stands behind them.
    figure["layout"]["xaxis"] |= {"ticks": "outside", "ticklen": 9, "tickcolor": "rgba(0, 0, 0, 0)"}
    figure["layout"]["margin"]["b"] += 8
    figure["layout"]["xaxis"]["range"] = [low - 0.02 * (high - low), high + 0.02 * (high - low)]
    legend(figure)
    if chance is not None and low <= chance <= high:
        _mark_chance(figure, chance, right=chance < (low + high) / 2)
        # What is written there is above the curve.
        figure["layout"]["yaxis"]["range"] = [0, 1.4 * float(np.sqrt(counts.max()))]
    return figure


def _outline_of_all(counts: NDArray[np.integer], edges: NDArray[np.floating], *, about: bool) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": floats((edges[:-1] + edges[1:]) / 2),
        # Square roots, so that the few that are near can be seen beside the many that are not.
        "y": floats(np.sqrt(counts)),
        "customdata": counts.tolist(),
        "line": {"width": 1, "shape": "hvh", "color": QUERY_COLOUR},
        "fill": "tozeroy",
        "name": "all pictures",
        "hovertemplate": ("about " if about else "") + "%{customdata:,} pictures near %{x:.3f}<extra></extra>",
    }


def _ticks(matches: Sequence[float]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": floats(matches),
        "y": [0.0] * len(matches),
        "text": [str(rank) for rank in range(1, len(matches) + 1)],
        "marker": {"symbol": "line-ns", "size": 18, "line": {"width": 2, "color": MATCH_COLOUR}},
        "cliponaxis": False,
        "name": "matches",
        "hovertemplate": "Match %{text}: %{x:.3f}<extra></extra>",
    }


def _mark_chance(figure: Figure, chance: float, *, right: bool) -> None:
    """A dotted line at the score of chance, its text to the right or to the left."""
    line = {"dash": "dot", "width": 1.5, "color": THIRD_COLOUR}
    ends = {"x0": chance, "x1": chance, "y0": 0, "y1": 1}
    figure["layout"]["shapes"] = [{"type": "line", "xref": "x", "yref": "paper", **ends, "line": line}]
    figure["layout"]["annotations"] = [
        note("half are right", chance, 0.98, right=right, xref="x", yref="paper", xshift=5 if right else -5)
    ]
