"""What a visitor had is let go of when their tab has been closed for a while.

Streamlit keeps a session whose connection is lost, so that it can come back, and looks for what is too old only when
another visitor comes or goes: on a quiet evening that is never. It does release what was cached for the session at
once, and that is where the clock starts here.
"""

import threading

import streamlit as st

from imgsearch.page.session.visitor import Visitor, visitor


class Presence:
    """One connection of a visitor's page to the server; what they had goes `linger` seconds after its end."""

    def __init__(self, whose: Visitor, linger: float) -> None:
        self._linger = linger
        self._whose = whose

    def end(self) -> None:
        """Note that the connection is lost."""
        if self._whose.own.building is not None:
            self._whose.own.building.pause()
        leaving = threading.Timer(self._linger, self._whose.forget)
        leaving.daemon = True
        self._whose.leaving = leaving
        leaving.start()


def arrive() -> None:
    """Note that this visitor's page is open. Called once in every run of the whole page."""
    now = visitor()
    if now.leaving is not None:
        now.leaving.cancel()
        now.leaving = None
    if now.own.building is not None:
        now.own.building.go_on()
    _present(now)


@st.cache_resource(show_spinner=False, scope="session", on_release=Presence.end)
def _present(_whose: Visitor) -> Presence:
    return Presence(_whose, float(st.get_option("server.disconnectedSessionTTL")))
