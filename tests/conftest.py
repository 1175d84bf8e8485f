"""All cores run tests at once, but for a test whose bound is a time; what is skipped for want of something fails in CI.

A test that is marked `alone` waits until no other runs, and none begins before it has ended.
"""

import os
from pathlib import Path

import pytest

try:
    import fcntl
except ImportError:  # on Windows none runs alone
    fcntl = None

# These two make parts of the network again from what the training alone installs.
_TRAINING_ONLY = ("tests/training/photos/test_efficientnet.py", "tests/training/photos/test_words.py")

# Files that are there for every process: only their locks are used.
_DOOR, _ROOM = Path(__file__), Path(__file__).with_name("__init__.py")


def pytest_xdist_auto_num_workers():
    """One more than cores: browser tests wait half of their time. Each holds a browser, a server and TensorFlow."""
    return min((os.cpu_count() or 1) + 1, 8)


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
