"""Whose turn it is: the heavy work of all visitors, a few at a time, first come, first served."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

AT_ONCE = 2
"""Pictures that are read or described at once: each may take a core, and some hundred megabytes."""

_PATIENCE = 0.3  # seconds of waiting that nobody needs to be told of
_LOOK = 0.5  # seconds after which one who waits looks whether the visitor is still there


class Line:
    """A queue before a few places; who came first goes first.

    Parameters
    ----------
    places : int
        How many may be inside at once.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    def join(self) -> object:
        """Stand at the end; the ticket is for the other methods."""
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
        return ticket

    def enter(self, ticket: object, *, timeout: float) -> bool:
        """Wait at most `timeout` seconds for a place; whether there was one."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._free > 0 and self._waiting[0] is ticket, timeout):
                return False
            self._waiting.popleft()
            self._free -= 1
            self._changed.notify_all()
            return True

    def before(self, ticket: object) -> int:
        """How many stand before one who waits."""
        with self._changed:
            return self._waiting.index(ticket)

    def leave(self, ticket: object) -> None:
        """Give the place back, or stop waiting for one."""
        with self._changed:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            else:
                self._free += 1
            self._changed.notify_all()


_line = Line(AT_ONCE)
_inside = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """Do heavy work when it is this visitor's turn, and tell them if they have to wait.

    Inside of itself it does nothing more.
    """
    if getattr(_inside, "already", False):
        yield
        return
    ticket = _line.join()
    try:
        if not _line.enter(ticket, timeout=_PATIENCE):
            _wait(ticket)
        _inside.already = True
        yield
    finally:
        _inside.already = False
        _line.leave(ticket)


def _wait(ticket: object) -> None:
    while True:
        before = _line.before(ticket)
        others = "Others are" if before else "Somebody else is"
        with st.spinner(f"{others} first. You are number {before + 1} in line."):
            for _ in range(4):
                if _line.enter(ticket, timeout=_LOOK):
                    return
                # Streamlit ends the wait of a visitor who has left, or has done something else, where its state is
                # asked for.
                st.session_state.get("turn")
