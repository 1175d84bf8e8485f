"""Visitors without a browser who look at all of the page, as if their screen were high enough."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

EXPLAINED = [f"{part}-{column}" for column in range(3) for part in ("why", "shades", "cells", "bins", "scores", "all")]
"""Keys of the containers of an explanation, in every column."""
PANEL = "below"
"""Key of the container of the panels below the results."""


def look(app: AppTest) -> AppTest:
    """Have everything in view."""
    app.session_state["visitor"].in_view.update([*EXPLAINED, PANEL])
    return app.run()
