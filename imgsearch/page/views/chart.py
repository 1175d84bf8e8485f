"""A chart on the page, without plotly's check of what this program has made itself.

The check makes an object of every part of a figure and takes it apart again: most of the time that a chart takes. The
tests check every kind of figure instead.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from imgsearch.presentation import charts


def show(figure: charts.Figure, *, key: str, alt: str) -> Any:
    """Draw a figure of `charts`; `alt` says in words what it shows."""
    return st.plotly_chart(_as_it_is()(figure), config=charts.CONFIG, key=key, alt=alt)


@cache
def _as_it_is() -> Any:
    """The class of a figure that plotly takes as it is; plotly is imported when the first chart is drawn."""
    from plotly.basedatatypes import BaseFigure

    class Finished(BaseFigure):  # type: ignore[misc]
        def __init__(self, figure: charts.Figure) -> None:
            # Not that of a figure, which would begin the check.
            object.__setattr__(self, "_finished", figure)

        def to_dict(self) -> charts.Figure:
            return self._finished  # type: ignore[no-any-return]

    return Finished
