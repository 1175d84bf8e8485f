"""A field for a word."""

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
    """A field for a word of at most `longest` characters; `typed(key)` gives the text inside `on_typed`.

    While it is typed, `names` are suggested, one a line; they are empty until `on_looked` was called, as the visitor
    was about to type.
    """
    data = {"word": word, "label": label, "placeholder": placeholder, "names": names, "longest": longest}
    component("word")(key=key, data=data, on_looked_change=on_looked, on_typed_change=on_typed)


def typed(key: str) -> str:
    """The text that was typed."""
    return text(key, "typed")
