"""Killed at random moments, in short; the long form is `tests.soak.kills`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be split in two")


def survived(kind, kills):
    """In a process of its own: one with threads, as this one may be, is not to be split."""
    words = [sys.executable, "-m", "tests.soak.kills", "--kills", str(kills), "--only", kind, "--seed", "5"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    return json.loads(done.stdout.splitlines()[-1])["kills_survived"][kind]


@pytest.mark.parametrize(("kind", "kills"), [("index", 8), ("saving", 12)])
def test_what_was_whole_is_whole_and_the_next_run_goes_on(kind, kills):
    assert survived(kind, kills) == kills


def test_a_training_that_is_killed_goes_on_from_its_last_whole_epoch():
    pytest.importorskip("keras", reason="training needs TensorFlow and Keras")
    assert survived("training", 1) == 1
