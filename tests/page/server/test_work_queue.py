"""Heavy work of all visitors: bounded, first come first served, and nobody who has left holds up the others."""

import threading
import time
from contextlib import contextmanager

import pytest

from imgsearch.page.server import work_queue
from imgsearch.page.server.work_queue import Line, turn


def test_no_more_are_inside_than_there_are_places():
    line = Line(2)
    tickets = [line.join() for _ in range(4)]
    entered = [line.enter(ticket, timeout=0) for ticket in tickets]
    assert entered == [True, True, False, False]
    assert [line.before(ticket) for ticket in tickets[2:]] == [0, 1]
    line.leave(tickets[0])
    assert line.enter(tickets[2], timeout=0)


def test_who_came_first_goes_first():
    line = Line(1)
    inside, first, second = (line.join() for _ in range(3))
    assert line.enter(inside, timeout=0)
    line.leave(inside)
    assert not line.enter(second, timeout=0)
    assert line.enter(first, timeout=0)


def test_who_leaves_the_line_holds_up_nobody():
    line = Line(1)
    inside, gone, next_one = (line.join() for _ in range(3))
    assert line.enter(inside, timeout=0)
    line.leave(gone)
    line.leave(inside)
    assert line.enter(next_one, timeout=0)


def test_work_of_many_threads_is_bounded_and_all_of_it_is_done(monkeypatch):
    monkeypatch.setattr(work_queue, "_line", Line(2))
    now, most, done = [], [], []
    lock = threading.Lock()

    def work():
        with turn(), turn():  # inside of itself it does nothing more
            with lock:
                now.append(None)
                most.append(len(now))
            time.sleep(0.01)
            with lock:
                now.pop()
                done.append(None)

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 12
    assert max(most) == 2


def test_a_failure_gives_the_place_back(monkeypatch):
    monkeypatch.setattr(work_queue, "_line", Line(1))
    for _ in range(3):
        with pytest.raises(OSError, match="broken"), turn():
            raise OSError("broken")


def test_who_is_stopped_while_waiting_leaves_the_line(monkeypatch):
    line = Line(1)
    monkeypatch.setattr(work_queue, "_line", line)
    monkeypatch.setattr(work_queue, "_PATIENCE", 0)

    def stop(ticket):
        raise KeyboardInterrupt

    monkeypatch.setattr(work_queue, "_wait", stop)
    inside = line.join()
    assert line.enter(inside, timeout=0)
    with pytest.raises(KeyboardInterrupt), turn():
        pytest.fail("it was not its turn")
    line.leave(inside)
    with turn():
        pass


def test_who_has_to_wait_is_told_how_many_are_first(monkeypatch):
    line = Line(1)
    monkeypatch.setattr(work_queue, "_line", line)
    monkeypatch.setattr(work_queue, "_PATIENCE", 0)
    said = []

    @contextmanager
    def spinner(text):
        said.append(text)
        if len(said) == 1:
            line.leave(inside)  # the one who was inside is done
        yield

    monkeypatch.setattr(work_queue.st, "spinner", spinner)
    inside = line.join()
    assert line.enter(inside, timeout=0)
    with turn():
        pass
    assert said == ["Somebody else is first. You are number 1 in line."]


def test_a_third_has_to_wait_for_one_of_two():
    tickets = [work_queue._line.join() for _ in range(3)]
    try:
        assert [work_queue._line.enter(ticket, timeout=0) for ticket in tickets] == [True, True, False]
    finally:
        for ticket in tickets:
            work_queue._line.leave(ticket)


def test_who_has_left_is_noticed_while_waiting(monkeypatch):
    class Gone:
        def get(self, key):
            raise KeyboardInterrupt  # as Streamlit stops the run of a page that nobody looks at any more

    line = Line(1)
    monkeypatch.setattr(work_queue, "_line", line)
    monkeypatch.setattr(work_queue, "_PATIENCE", 0)
    monkeypatch.setattr(work_queue, "_LOOK", 0.01)
    monkeypatch.setattr(work_queue.st, "session_state", Gone())
    inside = line.join()
    assert line.enter(inside, timeout=0)
    done = threading.Timer(2, line.leave, [inside])
    done.start()
    with pytest.raises(KeyboardInterrupt), turn():
        pytest.fail("nobody looked whether the visitor was still there")
    done.cancel()
    assert not line._waiting
