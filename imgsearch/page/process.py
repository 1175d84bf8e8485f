"""What is done once for the whole server process."""

from __future__ import annotations

import gc

import streamlit as st


@st.cache_resource(show_spinner=False)
def leave_modules_alone() -> None:
    """Keep what is loaded by now out of all later garbage collections.

    Streamlit collects garbage after every run of the page, and while it does, nothing reaches the browser. Most of
    that time goes into the same hundreds of thousands of objects of modules, which are never garbage.
    """
    gc.collect()
    gc.freeze()
