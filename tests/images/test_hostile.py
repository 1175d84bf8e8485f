"""Any bytes at all: a picture or one sentence, within the bounds of time and memory. The long form is tests/soak."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from imgsearch.images.formats import PictureError
from imgsearch.images.reading import MAX_DECODED_SIDE, read_picture
from imgsearch.images.zip_files import ArchiveError, read_members
from imgsearch.presentation.safe_text import for_chart, for_csv, for_markdown, plain
from tests.hostile import samples, spoil

SAMPLES = samples()
ROOT = Path(__file__).resolve().parents[2]
SECONDS = 5.0
MEGABYTES = 300


def check(data: bytes) -> None:
    """A picture of a sane form, or a sentence; anything else is a failure."""
    try:
        picture = read_picture(data)
    except PictureError as error:
        sentence = str(error)
        assert sentence.endswith(".")
        assert sentence.isprintable()
        assert len(sentence) < 150
        return
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert min(picture.shape[:2]) >= 1
    assert max(picture.shape[:2]) <= MAX_DECODED_SIDE


@pytest.mark.parametrize("name", SAMPLES)
def test_cut_at_every_length(name):
    data = SAMPLES[name]
    for length in range(len(data)):
        check(data[:length])


@pytest.mark.parametrize("name", SAMPLES)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_spoiled_in_any_way(name, seed):
    check(spoil(SAMPLES[name], np.random.default_rng(seed)))


@given(data=st.binary(max_size=200), head=st.sampled_from([data[:32] for data in SAMPLES.values()] + [b"", b"BM"]))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_any_bytes(data, head):
    check(head + data)


# Run in a process of its own, so that the peak of its memory is that of the pictures.
_MEASURE = """
import gc, json, resource, sys, time
from imgsearch.images.reading import PictureError, read_picture
from tests.hostile import bombs, samples, scene, saved
import cv2
made = bombs()
for data in samples().values():
    try:
        read_picture(data, longest=7)
    except PictureError:
        pass
report = {}
def memory(key):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(key)) / 1e3
for name, data in made.items():
    gc.collect()
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    before, started = memory("VmRSS"), time.process_time()
    try:
        read_picture(data)
    except PictureError:
        pass
    report[name] = (time.process_time() - started, memory("VmHWM") - before)
print(json.dumps(report))
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak of memory is read from Linux's /proc")
def test_bombs_stay_within_time_and_memory():
    done = subprocess.run([sys.executable, "-c", _MEASURE], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert len(report) >= 24
    assert {name: took for name, (took, _) in report.items() if took > SECONDS} == {}
    assert {name: used for name, (_, used) in report.items() if used > MEGABYTES} == {}


@given(data=st.binary(max_size=400), head=st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06"]))
@settings(max_examples=300, deadline=None, derandomize=True)
@example(data=b"", head=b"")
def test_any_bytes_as_an_archive(data, head):
    try:
        list(read_members(head + data))
    except ArchiveError as error:
        assert str(error).endswith(".")


@given(st.text(max_size=300))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_any_text_is_shown_as_one_printable_line(text):
    shown = plain(text)
    assert len(shown) <= 120
    assert "\n" not in shown
    assert all(c.isprintable() or c in "\u200c\u200d" for c in shown)
    shown.encode()
    assert "<" not in for_chart(text)
    assert "{" not in for_chart(text)
    assert not str(for_csv(text)).startswith(("=", "+", "-", "@"))
    for_markdown(text).encode()
