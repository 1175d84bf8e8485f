"""The controls of the sidebar where it is closed: on a telephone, and wherever the window is narrow."""

from collections.abc import Callable, Sequence
from typing import Any

from imgsearch.page.components.mount import component, state


def narrow_controls(lists: Sequence[dict[str, Any]], *, settled: str, key: str, on_chosen: Callable[[], None]) -> None:
    """Lists to choose from, on a narrow window only; `chosen(key)` gives a list's name and the value in `on_chosen`.

    Each has `name`, `label`, `value`, and `options`: each a value, and what is written on it. `settled` says all that
    the sidebar's controls say: the sidebar is closed when it changes.
    """
    component("narrow")(key=key, data={"lists": tuple(lists), "settled": settled}, on_chosen_change=on_chosen)


def chosen(key: str) -> tuple[str, str]:
    """The name of a list, and the value that was chosen of it; empty for whatever is neither."""
    value = state(key, "chosen")
    if not isinstance(value, (list, tuple)) or len(value) != 2 or not all(isinstance(each, str) for each in value):
        return "", ""
    return value[0], value[1]
