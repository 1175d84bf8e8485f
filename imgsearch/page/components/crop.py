"""A picture with a rectangle on it that can be dragged."""

from collections.abc import Callable

from imgsearch.page.components.mount import component, state

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in shares of the picture, 0 to 1."""


def crop_box(
    src: str,
    *,
    width: int,
    height: int,
    pixels: bool,
    alt: str,
    box: Box | None,
    key: str,
    on_box: Callable[[], None],
    on_tapped: Callable[[], None],
) -> None:
    """A picture with a rectangle that can be dragged on it; `boxed(key)` gives the rectangle inside `on_box`.

    `src` is as `data_url` gives it, `width` and `height` are its proportions, as it is as large as there is room, and
    `pixels` says whether single pixels are to be seen. A `box` of None is the whole picture. `on_tapped` is called when
    it was clicked, or Enter was pressed on it.
    """
    component("crop")(
        key=key,
        data={
            "src": src,
            "width": width,
            "height": height,
            "pixels": pixels,
            "alt": alt,
            "box": box,
            "label": "The query. Drag, or use the arrow keys, to search with a part of it; "
            "Shift and the arrow keys change the size, Escape takes the whole picture, Enter enlarges it.",
            "part": "Searching with a part of the picture.",
            "whole": "Searching with the whole picture.",
        },
        on_box_change=on_box,
        on_tapped_change=on_tapped,
        width="content",
    )


def boxed(key: str) -> Box | None:
    """The rectangle that was dragged; None for the whole picture, and for whatever is not a rectangle."""
    value = state(key, "box")
    if not isinstance(value, (list, tuple)) or len(value) != 4:
        return None
    if not all(isinstance(edge, (int, float)) and 0 <= edge <= 1 for edge in value):
        return None
    left, top, right, bottom = (float(edge) for edge in value)
    return (left, top, right, bottom) if right - left > 0.01 and bottom - top > 0.01 else None
