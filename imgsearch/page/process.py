"""What is done for the whole server process, now and then."""

from __future__ import annotations

import gc

import streamlit as st


@st.cache_resource(show_spinner=False, ttl=300)
def leave_modules_alone() -> None:
    """Keep what is loaded by now out of all later garbage collections.

    Streamlit collects garbage after every run of the page, and while it does, nothing reaches the browser. Most of
    that time goes into the same hundreds of thousands of objects of modules, which are never garbage.

    What belongs to the visitors of this moment is kept out with them. So this is done anew every few minutes: else
    nothing of these visitors, nor what they still upload, would ever be freed.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
