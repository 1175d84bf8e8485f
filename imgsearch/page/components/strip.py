"""A row of pictures to choose from."""

from collections.abc import Callable, Sequence
from typing import Any

from imgsearch.page.components.mount import component, text


def picture_strip(
    items: Sequence[dict[str, Any]],
    *,
    chosen: str | None,
    label: str,
    key: str,
    on_picked: Callable[[], None],
    wraps: bool = False,
) -> None:
    """A row of pictures to choose from, or several rows if it `wraps`; `picked(key)` gives the `id` inside `on_picked`.

    Each has an `id`, `src` (as `data_url` gives it), `alt`, and `pixels` where single pixels are to be seen. `chosen`
    is the `id` of the one that is shown as chosen, `label` what the row is, for screen readers.
    """
    data = {"items": tuple(items), "chosen": chosen, "label": label, "wraps": wraps}
    component("strip")(key=key, data=data, on_picked_change=on_picked)


def picked(key: str) -> str:
    """The `id` of the picture that was clicked."""
    return text(key, "picked")
