"""What a visitor had is let go of when their tab has been closed for a while.

Streamlit keeps a session whose connection is lost, so that it can come back, and looks for what is too old only when
another visitor comes or goes: on a quiet evening that is never. It does release what was cached for the session at
once, and that is where the clock starts here.
"""

import gc
import threading

import streamlit as st

from imgsearch.page.session.visitor import Visitor, visitor


def arrive() -> None:
    """Note that this visitor's page is open. Called once in every run of the whole page."""
    now = visitor()
    if now.leaving is not None:
        now.leaving.cancel()
        now.leaving = None
    if now.own.building is not None:
        now.own.building.go_on()
    _present(now)


def _leave(whose: Visitor) -> None:
    """Note that the connection of a visitor's page to the server is lost."""
    if whose.own.building is not None:
        whose.own.building.pause()
    whose.leaving = threading.Timer(float(st.get_option("server.disconnectedSessionTTL")), _forget, [whose])
    whose.leaving.daemon = True
    whose.leaving.start()


def _forget(whose: Visitor) -> None:
    """Let go of what a visitor had; a gallery of their own refers to itself and is freed by a collection only."""
    whose.forget()
    gc.collect()


@st.cache_resource(show_spinner=False, scope="session", on_release=_leave)
def _present(_whose: Visitor) -> Visitor:
    return _whose
