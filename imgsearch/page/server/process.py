"""What is done for the whole server process, once or now and then."""

import gc
import os
from contextlib import suppress
from functools import cache

import streamlit as st

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # of malloc.h


@cache
def begin() -> None:
    """Settle, before NumPy is imported, how this process uses processor and memory."""
    # The threads of OpenBLAS wait for more work in a loop: of the processor's time under many visitors that was more
    # than half, for products that take a fraction of a millisecond on one thread.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # What is large goes back to the system as soon as it is freed. Left to itself, the C library raises what it calls
    # large with every array that is freed, and keeps those below for each of the threads that came and went: 30 MB.
    _ask_c_library("mallopt", _M_MMAP_THRESHOLD, 1 << 20)
    # Every run of the page is a thread, and each would keep a pool of freed memory of its own: with thirty visitors
    # two pools for all of them take 30 MB less.
    _ask_c_library("mallopt", _M_ARENA_MAX, 2)


@st.cache_resource(show_spinner=False, ttl=300)
def leave_modules_alone() -> None:
    """Keep the modules' objects out of later garbage collections, in which nothing reaches the browser: 7 ms, not 57.

    What belongs to the visitors of this moment is kept out with them. So this is done anew every few minutes: else
    nothing of these visitors, nor what they still upload, would ever be freed.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def give_back_memory() -> None:
    """Let the system have what visitors freed: after thirty of them, 332 MB stay and not 489 (`tests.soak.load`)."""
    _ask_c_library("malloc_trim", 0)


def _ask_c_library(function: str, *arguments: int) -> None:
    """Call what only the GNU C library has; where there is another, nothing is done."""
    import ctypes

    with suppress(AttributeError, OSError, TypeError):
        getattr(ctypes.CDLL(None), function)(*arguments)
