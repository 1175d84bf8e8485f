"""All cores run tests at once, but for a test whose bound is a time; what is skipped for want of something fails in CI.

A test that is marked `alone` waits until no other runs, and none begins before it has ended.
"""

import gc
import os
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

try:
    import fcntl
except ImportError:  # on Windows none runs alone
    fcntl = None

# As in the page and in indexing, and before NumPy is imported: the threads of OpenBLAS wait for more work in a loop, on
# cores that other tests need.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# These two make parts of the network again from what the training alone installs.
_TRAINING_ONLY = ("tests/training/photos/test_efficientnet.py", "tests/training/photos/test_words.py")

# Files that are there for every process: only their locks are used.
_DOOR, _ROOM = Path(__file__), Path(__file__).with_name("__init__.py")


def pytest_xdist_auto_num_workers():
    """As many as cores, and one for the browser beside one for the rest."""
    return max(2, min(os.cpu_count() or 1, 8))


class _ByFile(LoadFileScheduling):
    """Keep the tests of a file in one process, where what is expensive is made once, and all of the browser's in one.

    Two browsers on two cores are so slow that a click can meet a page that is just being drawn again.
    """

    def _split_scope(self, nodeid):
        return "browser" if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config, log):
    return _ByFile(config, log)


def pytest_collection_finish():
    """Keep what was imported out of all later garbage collections: each would take a third of a second for it."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    if fcntl is None:
        return (yield)
    with _DOOR.open() as door, _ROOM.open() as room:
        # Whoever waits for an empty room keeps the door shut.
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if item.get_closest_marker("alone") else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        try:
            return (yield)
        finally:
            # A process that was forked meanwhile holds what is only closed.
            fcntl.flock(room, fcntl.LOCK_UN)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.skipped and os.environ.get("CI") and not item.nodeid.startswith(_TRAINING_ONLY):
        report.outcome = "failed"
        report.longrepr = f"Skipped, and in CI nothing may be: {report.longrepr[2]}"
    return report
