"""A component from the files beside this one, and what it has sent."""

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


@cache
def component(name: str) -> Any:
    """The component whose HTML, CSS and JavaScript are the files of this name."""
    html, css, js = ((_HERE / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component(f"imgsearch_{name}", html=html, css=css, js=js)


def state(key: str, name: str) -> Any:
    """The value that a component has sent under a name; None if it has sent none. It may be anything."""
    known = st.session_state.get(key)
    return None if known is None else known.get(name)


def text(key: str, name: str) -> str:
    """The text that was sent; empty for anything else."""
    value = state(key, name)
    return value if isinstance(value, str) else ""


def number(key: str, name: str) -> int | None:
    """The whole number that was sent, not negative; None for anything else."""
    value = state(key, name)
    return value if type(value) is int and value >= 0 else None
