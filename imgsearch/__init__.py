"""Search pictures with a picture, by histogram or by a Siamese network."""

from collections.abc import Callable

Progress = Callable[[int, int | None, str], None]
"""Called with how many steps are done, how many there are (None if unknown), and the name of what is at hand."""


class ImgsearchError(ValueError):
    """Something that a person can mend; the text is one sentence with a remedy."""
