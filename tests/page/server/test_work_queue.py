"""Heavy work of all visitors: bounded, first come first served, and nobody who has left holds up the others."""

import threading
import time
from contextlib import contextmanager

import pytest

from imgsearch.page.server import work_queue
from imgsearch.page.server.work_queue import WorkQueue, run


class Blocked:
    """A piece of work that takes until it is let go."""

    def __init__(self):
        self.started = threading.Event()
        self.released = threading.Event()

    def __call__(self):
        self.started.set()
        assert self.released.wait(10)


@pytest.fixture
def busy(monkeypatch):
    """A queue with one worker, who is busy until the fixture's own `released` is set."""
    monkeypatch.setattr(work_queue, "_queue", WorkQueue(1))
    monkeypatch.setattr(work_queue, "_PATIENCE", 0)
    monkeypatch.setattr(work_queue, "_LOOK", 0.01)
    blocked = Blocked()
    work_queue._queue.submit(blocked)
    assert blocked.started.wait(10)
    yield blocked
    blocked.released.set()


def test_no_more_is_done_at_once_than_there_are_workers():
    queue = WorkQueue(2)
    lock, now, most = threading.Lock(), [], []

    def work():
        with lock:
            now.append(None)
            most.append(len(now))
        time.sleep(0.01)
        with lock:
            now.pop()

    for future in [queue.submit(work) for _ in range(12)]:
        future.result(10)
    assert (max(most), len(most)) == (2, 12)


def test_the_page_has_two_workers():
    assert work_queue._queue._pool._max_workers == 2


def test_what_came_first_is_done_first():
    queue, done = WorkQueue(1), []
    for future in [queue.submit(lambda number=number: done.append(number)) for number in range(20)]:
        future.result(10)
    assert done == list(range(20))


def test_work_within_work_is_done_at_once(busy):
    busy.released.set()
    assert run(lambda: run(lambda: run(lambda: 5))) == 5


def test_what_work_raises_is_raised_and_the_worker_goes_on(busy):
    busy.released.set()
    for error in (OSError, TimeoutError):
        with pytest.raises(error, match="broken"):
            run(lambda error=error: (_ for _ in ()).throw(error("broken")))
    assert run(lambda: 1) == 1


def test_whoever_has_to_wait_is_told_how_many_are_first(busy, monkeypatch):
    said = []

    @contextmanager
    def spinner(text):
        said.append(text)
        if len(said) == 2:
            busy.released.set()
        yield

    monkeypatch.setattr(work_queue.st, "spinner", spinner)
    work_queue._queue.submit(lambda: None)
    assert run(lambda: "done") == "done"
    assert said[0] == "Others are first. You are number 2 in line."


def test_the_next_in_line_waits_for_one_other(busy):
    future = work_queue._queue.submit(lambda: None)
    ahead = work_queue._queue.ahead_of(future)
    assert work_queue._notice(ahead) == "Somebody else is first. You are number 1 in line."


def test_whoever_has_left_gives_up_their_place(busy, monkeypatch):
    class Gone:
        def get(self, key):
            raise KeyboardInterrupt  # as Streamlit stops the run of a page that nobody looks at any more

    monkeypatch.setattr(work_queue.st, "session_state", Gone())
    done = []
    with pytest.raises(KeyboardInterrupt):
        run(lambda: done.append("for nobody"))
    after = work_queue._queue.submit(lambda: done.append("the next"))
    assert work_queue._queue.ahead_of(after) == 0
    busy.released.set()
    after.result(10)
    assert done == ["the next"]
