"""What is done for the whole server process takes nothing from visitors who have left."""

import ctypes
import gc
import platform
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from imgsearch.page.server.process import give_back_memory, leave_modules_alone


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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="Only the GNU C library keeps, and gives back, memory.")
def test_what_was_freed_goes_back_to_the_system():
    program = """
from imgsearch.page.server.process import give_back_memory
def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")) / 1e3
before = resident()
blocks = [bytes(2000) for _ in range(50_000)]
del blocks[:-1]  # the last is the end of the heap, so that the C library itself gives nothing back
held = resident() - before
give_back_memory()
print(held, resident() - before)
"""
    root = Path(__file__).resolve().parents[3]
    run = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    held, after = map(float, run.stdout.split())
    assert held > 80
    assert after < 20


@pytest.mark.parametrize("error", [TypeError, AttributeError, OSError])
def test_other_systems_have_nothing_to_give_back(error, monkeypatch):
    def library(name):
        raise error(name)

    monkeypatch.setattr(ctypes, "CDLL", library)
    give_back_memory()
