"""A field for a word."""

from __future__ import annotations

from collections.abc import Callable

from imgsearch.page.components.mount import component, text


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
    """The text that was typed."""
    return text(key, "typed")
