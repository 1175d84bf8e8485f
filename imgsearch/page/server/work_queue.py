"""The heavy work of all visitors: a few pieces at a time, first come, first served."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

import streamlit as st

WORKERS = 2  # pieces of work that are done at once: each may take a core, and some hundred megabytes
_PATIENCE = 0.3  # seconds of waiting that nobody needs to be told of
_LOOK = 0.5  # seconds after which whoever waits looks whether the visitor is still there
_WORKER = "imgsearch-worker"  # how the names of their threads begin
T = TypeVar("T")


class WorkQueue:
    """Workers that take pieces of work in the order in which they were handed in."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers, _WORKER)
        self._handed_in: list[Future[Any]] = []
        self._lock = threading.Lock()

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Hand in a piece of work."""
        with self._lock:
            future = self._pool.submit(work)
            self._handed_in.append(future)
        future.add_done_callback(self._forget)
        return future

    def ahead_of(self, future: Future[T]) -> int | None:
        """How many pieces have to start before this one; None once it has started."""
        if future.running() or future.done():
            return None
        with self._lock:
            before = self._handed_in[: self._handed_in.index(future)] if future in self._handed_in else []
        return sum(not (other.running() or other.done()) for other in before)

    def _forget(self, future: Future[T]) -> None:
        with self._lock:
            self._handed_in.remove(future)


_queue = WorkQueue(WORKERS)
# Pictures are read beside the other work, so that whoever waits for that holds a picture of one megabyte and not a file
# of eight: with thirty visitors at most 596 and 600 MB in two runs, and with one queue for all 605 and 680.
_readers = WorkQueue(1)


def run(work: Callable[[], T], *, reading: bool = False) -> T:
    """Do heavy work when it is this visitor's turn, and tell them if they have to wait; what it raises is raised.

    It must not touch the page: it runs in a thread of its own. Within another piece of work it is done at once.
    `reading` says that it turns a visitor's file into a picture.
    """
    if threading.current_thread().name.startswith(_WORKER):
        return work()
    queue = _readers if reading else _queue
    future = queue.submit(work)
    try:
        if not wait([future], _PATIENCE).done:
            _tell(future, queue)
        return future.result()
    finally:
        # A visitor who has left, or has done something else, gives up their place.
        future.cancel()


def submit(work: Callable[[], None]) -> None:
    """Hand in heavy work that nobody waits for; it must not touch the page, and says itself what goes wrong."""
    _queue.submit(work)


def _tell(future: Future[T], queue: WorkQueue) -> None:
    """Tell the visitor how many are before them, until their work is done."""
    while not future.done():
        with st.spinner(_notice(queue.ahead_of(future))):
            for _ in range(4):
                if wait([future], _LOOK).done:
                    return
                # Streamlit ends the run of a visitor who has left where its state is asked for.
                st.session_state.get("visitor")


def _notice(ahead: int | None) -> str:
    if ahead is None:
        return "Working…"
    return f"{'Others are' if ahead else 'Somebody else is'} first. You are number {ahead + 1} in line."
