"""Which parts of the page come into view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from imgsearch.page.components.mount import component, state


def watch_sight(parts: Mapping[str, dict[str, Any]], *, key: str, on_seen: Callable[[], None]) -> None:
    """Watch which parts of the page come into view and go out of it.

    Parameters
    ----------
    parts : mapping of a container's key to dict
        `seen`: whether it was in view when it was last heard of; `drawn`: whether its contents are there;
        `height` in pixels that is kept free until they are.
    key : str
        `sighted(key)` gives the changes inside `on_seen`.
    on_seen : callback
    """
    # A mapping of mappings would be looked at as a table, with pandas.
    listed = tuple({"part": part, **said} for part, said in parts.items())
    component("sight")(key=key, data={"parts": listed}, on_seen_change=on_seen)


def sighted(key: str) -> dict[str, bool]:
    """The parts that came into view (True) or went out of it (False)."""
    value = state(key, "seen")
    if not isinstance(value, Mapping):
        return {}
    return {part: seen for part, seen in value.items() if isinstance(part, str) and isinstance(seen, bool)}
