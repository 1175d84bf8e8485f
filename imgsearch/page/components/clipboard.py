"""A picture from the clipboard, and a file that the uploader turns away."""

import base64
import math
from collections.abc import Callable, Sequence

from imgsearch.page.components.mount import component, state


def paste_button(
    *, uploader: str, taken: Sequence[str], key: str, on_picture: Callable[[], None], largest: int
) -> None:
    """A button that takes a picture from the clipboard; Ctrl+V anywhere on the page does so, too.

    `pasted(key)` gives the name and the bytes, `largest` at most, inside `on_picture`. What an uploader whose keys
    begin with `uploader` refuses, as it has none of the endings `taken`, comes the same way, to say why.
    """
    component("paste")(
        key=key,
        data={
            "name": "Pasted picture",
            "uploader": f"[class*='st-key-{uploader}']",
            "taken": tuple(taken),
            "largest": largest,
            "too_large": f"This picture is larger than {largest // 1_000_000} MB: paste a smaller one.",
            "no_picture": "There is no picture in the clipboard: copy one, for example a screenshot.",
            "use_keyboard": "Press Ctrl+V (⌘V on a Mac) to paste.",
        },
        on_picture_change=on_picture,
    )


def pasted(key: str, *, largest: int) -> tuple[str, bytes]:
    """Name and bytes of what was pasted; no bytes if what came from the browser is not such bytes, or too many."""
    value = state(key, "picture")
    if not isinstance(value, (list, tuple)) or len(value) != 2 or not all(isinstance(each, str) for each in value):
        return "", b""
    name, text = value
    if len(text) > 4 * math.ceil(largest / 3):
        return name, b""
    try:
        return name, base64.b64decode(text, validate=True)
    except ValueError:
        return name, b""
