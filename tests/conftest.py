"""What is skipped for want of something fails where everything has to be there: in CI."""

import os

import pytest

# These two make parts of the network again from what the training alone installs.
_TRAINING_ONLY = ("tests/training/photos/test_efficientnet.py", "tests/training/photos/test_words.py")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.skipped and os.environ.get("CI") and not item.nodeid.startswith(_TRAINING_ONLY):
        report.outcome = "failed"
        report.longrepr = f"Skipped, and in CI nothing may be: {report.longrepr[2]}"
    return report
