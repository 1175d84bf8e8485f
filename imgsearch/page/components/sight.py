"""Which parts of the page come into view."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from imgsearch.page.components.mount import component, state

# Milliseconds: what passes by faster, while the page is put up or scrolled, is not looked at.
_PASSING = 150
# The same while many wait for the server: whoever goes on to other matches before has not looked at the rest.
_STAYING = 1500


def watch_sight(parts: Sequence[dict[str, Any]], *, put_off: int, key: str, on_seen: Callable[[], None]) -> None:
    """Watch which parts of the page come into view and go out of it; `sighted(key)` says so inside `on_seen`.

    Of each there is `part`, the key of a container; `drawn`: whether its contents are there, since it was in view; and
    the `height` in pixels that is kept free until then. `put_off` counts how often in a row all contents were left out:
    if they were, they are asked for only after a while.
    """
    data = {"parts": tuple(parts), "put_off": put_off, "wait": _STAYING if put_off else _PASSING}
    component("sight")(key=key, data=data, on_seen_change=on_seen)


def sighted(key: str) -> dict[str, bool]:
    """The parts that are in view (True) or out of it (False)."""
    value = state(key, "seen")
    if not isinstance(value, Mapping):
        return {}
    return {part: seen for part, seen in value.items() if isinstance(part, str) and isinstance(seen, bool)}
