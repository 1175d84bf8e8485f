"""What the page needs beside what is seen on it: which parts are in view, the typeface, and keys of the keyboard."""

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


def typeface(family: str, address: str, weights: str, *, key: str) -> None:
    """Give the page a typeface.

    Not by the setting for it: that sends the typeface with every click, where this sends it with the page.

    Parameters
    ----------
    family : str
    address : str
        As `data_url` gives it.
    weights : str
        From and to, such as "300 900".
    key : str
    """
    component("typeface")(key=key, data={"family": family, "address": address, "weights": weights})


def number_keys(control: str, *, key: str) -> None:
    """Let 1, 2, 3… choose among the options of the control whose key is `control`."""
    component("keys")(key=key, data={"control": control})
