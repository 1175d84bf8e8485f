"""A component from the files beside this one, and what it has sent."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


def state(key: str, name: str) -> Any:
    """The value that a component has sent under a name; None if it has sent none."""
    known = st.session_state.get(key)
    return None if known is None else known.get(name)


@cache
def component(name: str) -> Any:
    """The component whose HTML, CSS and JavaScript are the files of this name."""
    html, css, js = ((_HERE / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component(f"imgsearch_{name}", html=html, css=css, js=js)
