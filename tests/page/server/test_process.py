"""What is done for the whole server process takes nothing from visitors who have left."""

import ctypes
import gc
import weakref

import pytest

from imgsearch.page.server.process import begin, leave_modules_alone


class Session:
    """Refers to itself, as Streamlit's do, so that only a garbage collection frees it."""

    def __init__(self):
        self.itself = self


def test_who_was_there_at_the_time_is_let_go_of_the_next_time():
    session = Session()
    held = weakref.ref(session)
    leave_modules_alone.clear()
    leave_modules_alone()
    del session
    gc.collect()
    leave_modules_alone.clear()
    leave_modules_alone()
    assert held() is None
    gc.unfreeze()


@pytest.mark.parametrize("error", [TypeError, AttributeError, OSError])
def test_another_c_library_is_left_as_it_is(error, monkeypatch):
    def library(name):
        raise error(name)

    monkeypatch.setattr(ctypes, "CDLL", library)
    begin.__wrapped__()
