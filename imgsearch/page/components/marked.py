"""Pictures that were marked."""

from collections.abc import Callable, Sequence
from typing import Any

from imgsearch.page.components.mount import component, number


def picture_marks(items: Sequence[dict[str, Any]], *, key: str, on_taken_back: Callable[[], None]) -> None:
    """Pictures that were marked; a click takes a mark back: `taken_back(key)` gives the `index` inside `on_taken_back`.

    Each has an `index`, `src` (as `data_url` gives it), `pixels` where single pixels are to be seen, `name`, and
    `more`: whether it is "more like this".
    """
    component("marked")(key=key, data={"items": tuple(items)}, on_taken_back_change=on_taken_back)


def taken_back(key: str) -> int | None:
    """The `index` of the picture whose mark was taken back."""
    return number(key, "taken_back")
