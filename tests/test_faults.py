"""A full disk, a file that is missing or was altered: one sentence that names it, on the command line and the page."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import GalleryError
from imgsearch.gallery.persistence import save_gallery, verify_gallery
from tests.galleries import photo_gallery, write_pictures

ROOT = Path(__file__).resolve().parents[1]
MODELS = [f"models/{name}" for name in ("fashion.tflite", "fashion.npz", "photos.tflite", "photos.npz")]


def said(done):
    """What a command printed as errors, but for the line by which LiteRT greets."""
    return done.stderr.replace("INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n", "")


def _files(gallery, *roles):
    """Its header, and the files in those roles, whose names the header says."""
    header = ASSETS / "galleries" / gallery / "gallery.json"
    known = json.loads(header.read_text(encoding="utf-8"))["files"] if header.exists() else {}
    names = ["gallery.json", *(known[role]["file"] if role in known else role for role in roles)]
    return [f"galleries/{gallery}/{name}" for name in names]


FILES = [
    *_files("fashion", "histogram", "siamese", "labels", "pictures", "query-pictures"),
    *_files("photos", "histogram", "siamese", "labels", "pictures.bin", "offsets"),
]

assets_needed = pytest.mark.skipif(
    not all((ASSETS / name).exists() for name in [*MODELS, *FILES]), reason="assets are missing: make them first"
)

_SPOIL = '''
import contextlib, io, json, sys
from pathlib import Path

def spoilt(cases):
    """Each file of the assets spoiled in each way, and whole again afterwards."""
    for name, how in cases:
        path = Path("assets") / name
        whole = path.resolve()
        content = whole.read_bytes()
        path.unlink()
        if how == "cut":
            path.write_bytes(content[: len(content) // 2])
        elif how == "altered":
            middle = len(content) // 2
            path.write_bytes(content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :])
        yield name, how
        path.unlink(missing_ok=True)
        path.symlink_to(whole)
'''

_COMMANDS = (
    _SPOIL
    + """
from imgsearch.__main__ import main
said = []
for name, how in spoilt(json.loads(sys.argv[1])):
    gallery = "photos" if "photos" in name else "fashion"
    words = ["verify", f"assets/galleries/{gallery}"]
    if name.startswith("models/"):
        words = ["search", f"assets/galleries/{gallery}", sys.argv[2], "--method", "siamese"]
    error = io.StringIO()
    with contextlib.redirect_stderr(error), contextlib.redirect_stdout(io.StringIO()):
        status = main(words)
    said.append([name, how, status, error.getvalue()])
print(json.dumps(said))
"""
)

_PAGES = (
    _SPOIL
    + """
from html import unescape
import streamlit as st
from streamlit.testing.v1 import AppTest
said = []
for name, how in spoilt(json.loads(sys.argv[1])):
    st.cache_resource.clear()
    st.cache_data.clear()
    app = AppTest.from_file(str(Path("app.py").resolve()), default_timeout=120)
    app.query_params["gallery"] = "photos" if "photos" in name else "fashion"
    app.run()
    cards = sum(unescape(one.proto.body).count('"rank":') for one in app.get("html"))
    said.append([name, how, [each.message for each in app.exception], [each.value for each in app.error], cards])
print(json.dumps(said))
"""
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The program with assets that may be spoiled: each file is a link to the real one."""
    folder = tmp_path_factory.mktemp("program")
    shutil.copytree(ROOT / "imgsearch", folder / "imgsearch", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", folder)
    for path in ASSETS.rglob("*"):
        target = folder / "assets" / path.relative_to(ASSETS)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path)
    write_pictures(folder / "pictures", 1)
    return folder


def run(copy, program, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=copy, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@assets_needed
def test_every_file_that_is_missing_cut_or_altered_is_one_sentence_on_the_command_line(copy):
    cases = [(name, how) for name in [*MODELS, *FILES] for how in ("missing", "cut", "altered")]
    said = run(copy, _COMMANDS, json.dumps(cases), str(next((copy / "pictures").rglob("*.png"))))
    assert len(said) == len(cases)
    for name, how, status, sentence in said:
        assert status == 1, (name, how)
        assert sentence.startswith("error: "), (name, how, sentence)
        assert sentence.count("\n") == 1, (name, how, sentence)
        assert sentence.endswith(".\n"), (name, how, sentence)
        named = Path(name).name in sentence
        # A network whose bytes were changed still runs: it is known as another than the one that made the gallery.
        assert named or (name in MODELS and how == "altered" and "another version" in sentence), (name, how, sentence)


@assets_needed
def test_every_file_that_is_missing_is_one_sentence_on_the_page(copy):
    names = [name for name in [*MODELS, *FILES] if not name.endswith("gallery.json")]
    for name, _, exceptions, errors, cards in run(copy, _PAGES, json.dumps([(name, "missing") for name in names])):
        assert exceptions == [], name
        assert len(errors) == 1, name
        plainly = errors[0].replace("\\", "").replace("\u2060", "")
        assert Path(name).name in plainly, (name, plainly)
        assert cards == 0, name


@assets_needed
@pytest.mark.parametrize("how", ["missing", "cut"])
def test_samples_are_not_needed(copy, how):
    ((_, _, exceptions, errors, cards),) = run(copy, _PAGES, json.dumps([("samples/samples.json", how)]))
    assert (exceptions, errors) == ([], [])
    assert cards == 12


# ---- a disk that is full, and a folder that may not be written

_LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
from imgsearch.__main__ import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
@pytest.mark.parametrize("most", [0, 100, 3_000, 8_000])
def test_index_without_room_on_the_disk_is_one_sentence_and_the_next_run_goes_on(tmp_path, most):
    write_pictures(tmp_path / "pictures", 6)
    words = ["index", str(tmp_path / "pictures"), "--out", str(tmp_path / "out"), "--method", "histogram"]
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(most), *words], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1
    assert said(done).startswith("error: ")
    assert said(done).count("\n") == 1
    assert "could not be written: " in said(done)
    assert not (tmp_path / "out").exists()
    done = subprocess.run(
        [sys.executable, "-m", "imgsearch", *words], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert verify_gallery(tmp_path / "out").n == 6


def test_a_real_full_disk_keeps_the_old_gallery(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("no small disk can be mounted here: that needs root")
    try:
        save_gallery(photo_gallery(3, features=True), disk / "kept")
        (disk / "filler").write_bytes(bytes(max(0, shutil.disk_usage(disk).free - 20_000)))
        with pytest.raises(GalleryError, match="No space left"):
            save_gallery(photo_gallery(12, features=True), disk / "kept")
        assert verify_gallery(disk / "kept").n == 3
        assert not [path for path in (disk / "kept").iterdir() if path.name.endswith(".new")]
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(GalleryError, match="Read-only file system"):
            save_gallery(photo_gallery(2, features=True), disk / "kept")
        assert verify_gallery(disk / "kept").n == 3
    finally:
        gc.collect()  # what is still mapped from a file there would keep the disk busy
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["flushed at the end", "written at once"])
def test_output_that_nobody_reads_to_its_end_is_no_error(tmp_path, unbuffered):
    write_pictures(tmp_path / "pictures", 6)
    picture = next((tmp_path / "pictures").rglob("*.png"))
    words = ["-m", "imgsearch", "search", tmp_path / "pictures", picture, "--method", "histogram", "--json"]
    read, write = os.pipe()
    os.close(read)  # as after `… | head`
    try:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            # A short output meets the closed pipe when it is flushed; a long one, or one without a buffer, before.
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    finally:
        os.close(write)
    assert (done.returncode, said(done)) == (1, "")
