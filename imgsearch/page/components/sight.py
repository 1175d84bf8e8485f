"""Which parts of the page come into view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from imgsearch.page.components.mount import component, state

# Milliseconds: what passes by faster, while the page is put up or scrolled, is not looked at.
_PASSING = 150
# The same while many wait for the server: whoever goes on to other matches before has not looked at the rest.
_STAYING = 1500


def watch_sight(parts: Mapping[str, dict[str, Any]], *, put_off: int, key: str, on_seen: Callable[[], None]) -> None:
    """Watch which parts of the page come into view and go out of it.

    Parameters
    ----------
    parts : mapping of a container's key to dict
        `drawn`: whether its contents are there, since it was in view; `height` in pixels that is kept free until then.
    put_off : int
        How often in a row all contents were left out. If they were, they are asked for only after a while.
    key : str
        `sighted(key)` gives the changes inside `on_seen`.
    on_seen : callback
    """
    # A mapping of mappings would be looked at as a table, with pandas.
    listed = tuple({"part": part, **said} for part, said in parts.items())
    data = {"parts": listed, "put_off": put_off, "wait": _STAYING if put_off else _PASSING}
    component("sight")(key=key, data=data, on_seen_change=on_seen)


def sighted(key: str) -> dict[str, bool]:
    """The parts that came into view (True) or went out of it (False)."""
    value = state(key, "seen")
    if not isinstance(value, Mapping):
        return {}
    return {part: seen for part, seen in value.items() if isinstance(part, str) and isinstance(seen, bool)}
