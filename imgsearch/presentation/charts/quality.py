"""Measured quality of methods, side by side."""

from collections.abc import Mapping, Sequence

from imgsearch.presentation.charts.figure import Figure, empty_figure, legend
from imgsearch.presentation.safe_text import for_chart


def quality_bars(methods: Mapping[str, Mapping[str, float]], measures: Sequence[str]) -> Figure:
    """Measures of several methods side by side: title → measure → value, 0 to 1; what a method lacks is left out."""
    figure = empty_figure(260)
    figure["data"] = [
        {
            "type": "bar",
            "name": for_chart(title),
            "x": [measure for measure in measures if measure in values],
            "y": [float(f"{100 * float(values[measure]):.1f}") for measure in measures if measure in values],
            "hovertemplate": "%{x}: %{y:.1f} %<extra>" + for_chart(title) + "</extra>",
        }
        for title, values in methods.items()
    ]
    figure["layout"]["yaxis"] |= {"range": [0, 100], "ticksuffix": " %"}
    # In two lines, since five names side by side are wider than a phone.
    figure["layout"]["xaxis"] |= {"tickvals": list(measures), "ticktext": [_in_two_lines(name) for name in measures]}
    figure["layout"]["margin"] |= {"l": 48, "b": 40}
    figure["layout"]["barmode"] = "group"
    legend(figure)
    return figure


def _in_two_lines(name: str) -> str:
    """A name, broken at the space that makes its longer line the shortest."""
    breaks = [(name[:at], name[at + 1 :]) for at, character in enumerate(name) if character == " "]
    lines = min(breaks, key=lambda halves: max(map(len, halves)), default=(name,))
    return "<br>".join(map(for_chart, lines))
