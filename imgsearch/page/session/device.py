"""What a visitor holds in their hands."""

import streamlit as st


def is_phone() -> bool:
    """Whether the browser says that it is a telephone's: there, what matters most has to fit one narrow screen."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")
