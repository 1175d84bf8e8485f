"""Whether visitors wait for each other: then each first gets what they look at first."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep

_MOST = 2  # visitors whose results are drawn at once, before the rest is put off
_lock = threading.Lock()
_served = 0


@contextmanager
def served() -> Iterator[None]:
    """While results are worked out and drawn for a visitor."""
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def pause(seconds: float) -> None:
    """Within `served`: wait, and hold up nobody meanwhile."""
    _count(-1)
    try:
        sleep(seconds)
    finally:
        _count(1)


def is_large() -> bool:
    """Whether results are drawn for more visitors at this moment than can be served at once."""
    return _served > _MOST


def _count(change: int) -> None:
    global _served
    with _lock:
        _served += change
