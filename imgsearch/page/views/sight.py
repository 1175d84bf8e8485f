"""Which parts of the page are in view: the others are not worked out."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from imgsearch.page.components.sight import sighted, watch_sight
from imgsearch.page.session.redraw import redraw
from imgsearch.page.session.visitor import visitor


def seen(part: str) -> bool:
    """Whether the container with this key is to have its contents: it is in view, and they were not put off.

    What was never drawn counts as out of view.
    """
    now = visitor()
    return part in now.in_view and not now.put_off


def put_off() -> None:
    """Leave all of this out of what is drawn now; the browser asks for it if the visitor stays."""
    visitor().put_off += 1


@st.fragment
def watch(heights: Mapping[str, int], drawn: frozenset[str], fragment: str) -> None:
    """Watch containers, and draw a fragment again when one that has no contents is in view.

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
        {part: {"drawn": part in drawn, "height": height} for part, height in heights.items()},
        put_off=visitor().put_off,
        key=key,
        on_seen=lambda: _sighted(key, set(heights), drawn, fragment),
    )


def _sighted(key: str, known: set[str], drawn: frozenset[str], fragment: str) -> None:
    now, news = visitor(), sighted(key)
    came = {part for part, there in news.items() if there} & known
    now.in_view -= {part for part, there in news.items() if not there}
    now.in_view |= came
    if came - drawn:
        now.put_off = 0
        # What goes out of view stays as it is until something else changes.
        redraw(fragment)
