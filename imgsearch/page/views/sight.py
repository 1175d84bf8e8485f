"""Which parts of the page are in view: the others are not worked out."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from imgsearch.page.components.sight import sighted, watch_sight
from imgsearch.page.session.redraw import redraw
from imgsearch.page.session.visitor import visitor


def seen(part: str) -> bool:
    """Whether the container with this key is in view. What was never drawn counts as out of it."""
    return part in visitor().in_view


@st.fragment
def watch(heights: Mapping[str, int], drawn: frozenset[str], fragment: str) -> None:
    """Watch containers, and draw a fragment again when one of them comes into view.

    Parameters
    ----------
    heights : mapping of a container's key to int
        Pixels that it is likely to take.
    drawn : frozenset of str
        Which of them have their contents.
    fragment : str
    """
    key = f"sight-{next(iter(heights))}"
    watch_sight(
        {part: {"seen": seen(part), "drawn": part in drawn, "height": height} for part, height in heights.items()},
        key=key,
        on_seen=lambda: _sighted(key, set(heights), fragment),
    )


def _sighted(key: str, known: set[str], fragment: str) -> None:
    news, in_view = sighted(key), visitor().in_view
    came = {part for part, there in news.items() if there} & known
    in_view -= {part for part, there in news.items() if not there}
    if came - in_view:
        in_view |= came
        # What goes out of view stays as it is until something else changes.
        redraw(fragment)
