"""A map of points with thumbnails and a lasso."""

from collections.abc import Callable
from typing import Any

from imgsearch.page.components.mount import component, number, state


def point_map(data: dict[str, Any], *, key: str, on_outline: Callable[[], None], on_chosen: Callable[[], None]) -> None:
    """A map of points; `outlined(key)` gives the outline, `chosen_point(key)` the point inside `on_chosen`.

    The data are `places` (uint16 pairs) and `kinds` (uint16) in base64, `names` of the kinds, and their `order`, in
    which they get the theme's colours as long as there are any; `sheet` (as `data_url` gives it) of small pictures in
    `columns`, `query` and `matches` as places, `outline`, and the texts `alt` and `legend`.
    """
    component("map")(
        key=key,
        data={name: tuple(value) if isinstance(value, list) else value for name, value in data.items()},
        on_outline_change=on_outline,
        on_chosen_change=on_chosen,
    )


def chosen_point(key: str) -> int | None:
    """The number of the point that was clicked, in the order in which they were given."""
    return number(key, "chosen")


def outlined(key: str) -> list[tuple[float, float]]:
    """The corners of the outline that was drawn; none for whatever is not an outline."""
    value = state(key, "outline")
    if not isinstance(value, (list, tuple)) or len(value) > 1000:
        return []
    corners = [tuple(corner) for corner in value if isinstance(corner, (list, tuple)) and len(corner) == 2]
    return [
        (float(x), float(y)) for x, y in corners if all(isinstance(s, (int, float)) and 0 <= s <= 1 for s in (x, y))
    ]
