"""Pictures side by side, large."""

from collections.abc import Callable, Sequence
from typing import Any

from imgsearch.page.components.mount import component, state


def picture_pair(
    pictures: Sequence[dict[str, Any]], *, position: int, count: int, key: str, on_step: Callable[[], None]
) -> None:
    """One or two pictures side by side, which are zoomed and moved together, of a number of such pairs.

    Each has `src` (as `data_url` gives it), `alt`, `pixels` where single pixels are to be seen, `title`, and `note`.
    `stepped(key)` gives the step to another pair inside `on_step`.
    """
    data = {
        "pictures": tuple(pictures),
        "position": position,
        "count": count,
        "label": "Large pictures. Plus and minus zoom, arrow keys go on to the next match.",
    }
    component("pair")(key=key, data=data, on_step_change=on_step)


def stepped(key: str) -> int:
    """1 for the next pair, −1 for the one before."""
    value = state(key, "step")
    return value if type(value) is int and value in (-1, 1) else 0
