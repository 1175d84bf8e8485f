"""What all figures have in common: their colours, their frame, and short numbers."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.presentation.safe_text import for_chart

Figure = dict[str, Any]

# Streamlit replaces these in every figure by the theme's first, second, … chart colour, so a figure that is on
# the screen follows a change between light and dark. Elsewhere they are almost black.
QUERY_COLOUR, MATCH_COLOUR, THIRD_COLOUR = "#000001", "#000002", "#000003"

CONFIG: dict[str, Any] = {"displayModeBar": False, "doubleClick": "reset"}
"""For `st.plotly_chart`: no tool bar; a double click goes back to the whole chart."""


def empty_figure(height: int, *, x_title: str = "", y_title: str = "") -> Figure:
    """A figure without data, as all of them begin; `height` in pixels."""
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


def legend(figure: Figure) -> None:
    """Show the names of the traces above the chart."""
    figure["layout"]["showlegend"] = True
    # All of the figure's width is for it; measured from the plot, it would be moved over what is written there.
    place = {"x": 1, "xref": "container", "xanchor": "right", "y": 1, "yref": "container", "yanchor": "top"}
    figure["layout"]["legend"] = {"orientation": "h", **place}
    figure["layout"]["margin"]["t"] = 30


def outline() -> dict[str, Any]:
    """A line around bars that have colours of their own."""
    # Grey keeps white bars from vanishing on paper and black ones from vanishing in the dark.
    return {"line": {"width": 1, "color": "rgba(128, 128, 128, 0.7)"}}


def css(colour: NDArray[np.uint8]) -> str:
    """A colour (3,) uint8 as a style sheet has it."""
    red, green, blue = (int(value) for value in colour)
    return f"rgb({red}, {green}, {blue})"


def floats(values: Iterable[float] | NDArray[np.floating]) -> list[float]:
    """Short decimal numbers: a figure travels to the browser as text."""
    return [float(f"{float(value):.5g}") for value in values]


def note(text: str, x: float, y: float, *, right: bool, **where: Any) -> dict[str, Any]:
    """An annotation in small print whose lines begin at x, or end there; `where` has further properties."""
    return {
        "x": x,
        "y": y,
        "text": "<br>".join(map(for_chart, text.split("\n"))),
        "showarrow": False,
        "xanchor": "left" if right else "right",
        "align": "left" if right else "right",
        "yanchor": "top",
        "font": {"size": 11},
        **where,
    }
