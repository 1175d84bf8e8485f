"""A few things that were worked out last, so that going back and forth costs nothing."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Recent:
    """Keeps what was made for the `most` keys that were asked for last.

    Not `st.cache_resource` with the scope of a session: that shows again, at every hit, what was shown while the
    thing was made, and while a visitor waits for their turn they are shown a notice.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: dict[Hashable, Any] = {}  # those that were asked for last come last

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for `key`, or what `make` gives now."""
        made: T = self._made.pop(key) if key in self._made else make()
        self._made[key] = made
        if len(self._made) > self._most:
            del self._made[next(iter(self._made))]
        return made

    def clear(self) -> None:
        """Let go of everything."""
        self._made.clear()
