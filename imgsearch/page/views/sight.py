"""Which parts of the page are in view: the others are not worked out."""

import streamlit as st

from imgsearch.page.components.sight import sighted, watch_sight
from imgsearch.page.session.redraw import redraw
from imgsearch.page.session.visitor import Part, visitor

_KEY = "sight"


def seen(part: str, *, height: int, fragment: str, anyway: bool = False) -> bool:
    """Whether the container with this key is to have its contents: it is in view, and they were not put off.

    What was never drawn counts as out of view. It is likely to take `height` pixels. `fragment` draws it, and is drawn
    again when it comes into view without its contents. What has its contents `anyway` is not.
    """
    now = visitor()
    drawn = anyway or (part in now.in_view and not now.put_off)
    now.parts[part] = Part(fragment, height, drawn)
    return drawn


def put_off() -> None:
    """Leave all of this out of what is drawn now; the browser asks for it if the visitor stays."""
    visitor().put_off += 1


@st.fragment(key=_KEY)
def watch() -> None:
    """Watch all parts, after all of them: what comes into view draws nothing but what has no contents."""
    now = visitor()
    watch_sight(
        [{"part": name, "drawn": part.drawn, "height": part.height} for name, part in now.parts.items()],
        put_off=now.put_off,
        key=_KEY,
        on_seen=_sighted,
    )


def _sighted() -> None:
    now, there = visitor(), {name: seen for name, seen in sighted(_KEY).items() if name in visitor().parts}
    came = {name for name, seen in there.items() if seen}
    now.in_view = (now.in_view - set(there)) | came
    # What goes out of view stays as it is until something else changes.
    if missing := {now.parts[name].fragment for name in came if not now.parts[name].drawn}:
        now.put_off = 0
        redraw(*sorted(missing))
