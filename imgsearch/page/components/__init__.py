"""Small components for what Streamlit has no element for: offline note, clipboard, word, samples, crop box, cards, map.

Lists are given to them as tuples: Streamlit imports pandas, for half a second, to see whether a list is a table.

Their HTML, CSS and JavaScript are the files beside this one and hold nothing of a visitor's. What comes from a
visitor reaches them as data: pictures as `img.src` with bytes that this program has encoded itself, names as text.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from imgsearch.page.components.clipboard import paste_button, pasted
from imgsearch.page.components.keys import number_keys
from imgsearch.page.components.matches import (
    asked,
    match_cards,
    picture_marks,
    picture_pair,
    stepped,
    taken_back,
)
from imgsearch.page.components.mount import component, state
from imgsearch.page.components.sight import sighted, watch_sight
from imgsearch.page.components.typeface import typeface

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Box",
    "asked",
    "boxed",
    "chosen_point",
    "crop_box",
    "data_url",
    "match_cards",
    "number_keys",
    "offline_note",
    "outlined",
    "packed",
    "paste_button",
    "pasted",
    "picked",
    "picture_marks",
    "picture_pair",
    "picture_strip",
    "point_map",
    "sighted",
    "stepped",
    "taken_back",
    "typeface",
    "watch_sight",
]

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in shares of the picture, 0 to 1."""


def offline_note(*, key: str) -> None:
    """A sentence that appears when the network or the server is away, and goes when it is back."""
    stays = "What is on the page stays; searching goes on as soon as it is back."
    component("offline")(
        key=key,
        data={
            "no_network": f"You are offline: there is no network. {stays}",
            "no_server": f"The server does not answer. {stays}",
            # What Streamlit writes over its own dialog about it.
            "dialog": "Connection error",
        },
        # Nothing but that the page is drawn again.
        on_back_change=lambda: None,
    )


def word_field(
    word: str,
    *,
    label: str,
    placeholder: str,
    names: str,
    longest: int,
    key: str,
    on_looked: Callable[[], None],
    on_typed: Callable[[], None],
) -> None:
    """A field for a word, with suggestions while it is typed.

    Parameters
    ----------
    word : str
        What is in it.
    label, placeholder : str
    names : str
        What is suggested, a name a line; empty until `on_looked` was called.
    longest : int
        Most characters.
    key : str
        `typed(key)` gives the text inside `on_typed`.
    on_looked : callback
        The visitor is about to type.
    on_typed : callback
    """
    data = {"word": word, "label": label, "placeholder": placeholder, "names": names, "longest": longest}
    component("word")(key=key, data=data, on_looked_change=on_looked, on_typed_change=on_typed)


def typed(key: str) -> str:
    """The text that was typed; empty for anything else."""
    value = state(key, "typed")
    return value if isinstance(value, str) else ""


def picture_strip(
    items: Sequence[dict[str, Any]],
    *,
    chosen: str | None,
    label: str,
    key: str,
    on_picked: Callable[[], None],
    wraps: bool = False,
) -> None:
    """A row of pictures to choose from.

    Parameters
    ----------
    items : sequence of dict
        `id`, `src` (as `data_url` gives it), `alt`, and `pixels` where single pixels are to be seen.
    chosen : str or None
        The `id` of the one that is shown as chosen.
    label : str
        What the row is, for screen readers.
    key : str
        `picked(key)` gives the `id` inside `on_picked`.
    on_picked : callback
    wraps : bool
        Whether there may be more than one row.
    """
    data = {"items": tuple(items), "chosen": chosen, "label": label, "wraps": wraps}
    component("strip")(key=key, data=data, on_picked_change=on_picked)


def picked(key: str) -> str:
    """The `id` of the picture that was clicked."""
    value = state(key, "picked")
    return value if isinstance(value, str) else ""


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
    """A picture with a rectangle that can be dragged on it.

    Parameters
    ----------
    src : str
        As `data_url` gives it.
    width, height : int
        Its proportions; it is as large as there is room.
    pixels : bool
        Whether single pixels are to be seen.
    alt : str
    box : Box or None
        The rectangle; None for the whole picture.
    key : str
        `boxed(key)` gives the rectangle inside `on_box`.
    on_box : callback
    on_tapped : callback
        It was clicked, or Enter was pressed on it.
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
            "label": "Your picture. Drag, or use the arrow keys, to search with a part of it; "
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


def point_map(data: dict[str, Any], *, key: str, on_outline: Callable[[], None], on_chosen: Callable[[], None]) -> None:
    """A map of points with thumbnails and a lasso.

    Parameters
    ----------
    data : dict
        `places` (uint16 pairs) and `kinds` (uint8) in base64, `names` of the kinds, `sheet` (as `data_url` gives it)
        of small pictures in `columns`, `query` and `matches` as places, `outline`, and the texts `alt` and `legend`.
    key : str
        `outlined(key)` gives the outline, `chosen_point(key)` the point inside `on_chosen`.
    on_outline, on_chosen : callback
    """
    component("map")(
        key=key,
        data={name: tuple(value) if isinstance(value, list) else value for name, value in data.items()},
        on_outline_change=on_outline,
        on_chosen_change=on_chosen,
    )


def chosen_point(key: str) -> int | None:
    """The number of the point that was clicked, in the order in which they were given."""
    value = state(key, "chosen")
    return value if type(value) is int and value >= 0 else None


def outlined(key: str) -> list[tuple[float, float]]:
    """The corners of the outline that was drawn; none for whatever is not an outline."""
    value = state(key, "outline")
    if not isinstance(value, (list, tuple)) or len(value) > 1000:
        return []
    corners = [tuple(corner) for corner in value if isinstance(corner, (list, tuple)) and len(corner) == 2]
    return [
        (float(x), float(y)) for x, y in corners if all(isinstance(s, (int, float)) and 0 <= s <= 1 for s in (x, y))
    ]


def packed(array: NDArray[Any]) -> str:
    """Numbers for a component, in base64."""
    return base64.b64encode(array.tobytes()).decode("ascii")


def data_url(encoded: bytes, kind: str) -> str:
    """An address that holds the bytes of a file itself; only for bytes that this program has encoded or brings along.

    Parameters
    ----------
    encoded : bytes
    kind : {"png", "webp", "jpeg", "svg+xml", "woff2"}
    """
    return f"data:{'font' if kind == 'woff2' else 'image'}/{kind};base64,{base64.b64encode(encoded).decode('ascii')}"
