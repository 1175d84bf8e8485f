"""What visitors upload: held by the server only until the page has taken it over."""

from collections.abc import Iterable
from typing import Any

import streamlit as st
from starlette.formparsers import MultiPartParser
from streamlit import config
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

# The server would write what is larger than this into a nameless file on the disk while it arrives.
MultiPartParser.spool_max_size = (config.get_option("server.maxUploadSize") + 1) << 20


def take(key: str) -> tuple[str, bytes] | None:
    """Take over the file of an uploader or a camera: its name and content; None if it was taken over already."""
    file = st.session_state.get(key)
    if not isinstance(file, UploadedFile):
        return None
    content = file.getvalue()
    let_go(key, [file])
    return file.name, content


def let_go(key: str, files: Iterable[Any]) -> None:
    """Free the memory of a widget's uploaded files that have been taken over.

    Left to itself, the server holds every file that a visitor has ever sent until their tab has closed, and a copy of
    the last ones as the widget's value until the whole page is drawn again.
    """
    if key in st.session_state:
        del st.session_state[key]
    context = get_script_run_ctx()
    if context is None:
        return
    held: Any = context.uploaded_file_mgr
    for file in files:
        held.remove_file(session_id=context.session_id, file_id=file.file_id)
