"""The same picture gives the same ranking whatever the threads, the locale, the time zone, the hash seed or the run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery, save_gallery
from imgsearch.images.transforms import encode
from imgsearch.methods import siamese
from imgsearch.methods.registry import photo_methods
from imgsearch.methods.siamese import Siamese
from tests.galleries import gallery_of

ROOT = Path(__file__).resolve().parents[1]

ENVIRONMENTS = {
    "one thread": dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "two threads": dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "2"),
    "Turkish": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "1"},
    "POSIX": {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONHASHSEED": "2"},
    "the other side of the world": {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "3"},
}

pytestmark = pytest.mark.skipif(
    not (ASSETS / "galleries" / "photos").exists(), reason="assets/galleries/photos is missing: make it first"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A small gallery of photographs, two of them twice, so that there are ties; and the file of a query."""
    folder = tmp_path_factory.mktemp("everywhere")
    photos = open_gallery(ASSETS / "galleries" / "photos")
    chosen = [*range(0, 400, 25), 0, 25]
    gallery = gallery_of(
        [photos.picture(i) for i in chosen],
        photo_methods(),
        name="small",
        labels=[f"İstanbul-ı-{i % 3}" for i in chosen],
        names=[f"ş{i}.jpg" for i in range(len(chosen))],
        features=True,
    )
    save_gallery(gallery, folder / "small")
    (folder / "soru-ı.png").write_bytes(encode(photos.picture(0), "png"))
    return folder


def run(environment, *words):
    """What the command says in a process of that environment."""
    done = subprocess.run(
        [sys.executable, "-m", "imgsearch", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def answers(place, environment, *words):
    """The rankings by every method, in processes of that environment."""
    found = {}
    for method in ("histogram", "siamese"):
        said = json.loads(run(environment, "search", *words, "--method", method, "--json", "-k", "18"))
        found[method] = [(match["index"], match["label"], match["name"], match["score"]) for match in said["matches"]]
    return found


def test_rankings_are_the_same_in_every_environment(place):
    words = [str(place / "small"), str(place / "soru-ı.png")]
    first = answers(place, {"PYTHONHASHSEED": "0"}, *words)
    for matches in first.values():
        # The same picture twice has the same score; the one that comes first in the gallery comes first.
        assert [index for index, *_ in matches[:2]] == [0, 16]
        assert matches[0][3] == matches[1][3]
    for name, environment in ENVIRONMENTS.items():
        assert answers(place, environment, *words) == first, name


def test_text_that_is_printed_does_not_fail_where_letters_are_unknown(place):
    done = subprocess.run(
        [sys.executable, "-m", "imgsearch", "search", str(place / "small"), str(place / "soru-ı.png")],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert len(done.stdout.splitlines()) == 11


def test_an_indexed_folder_is_the_same_gallery_whatever_the_locale_and_the_workers(tmp_path):
    photos = open_gallery(ASSETS / "galleries" / "photos")
    files = {f"{'bIıİ'[i % 4]}/{i:02d}-ş.jpg": encode(photos.picture(40 * i), "jpeg") for i in range(8)}
    written = []
    for number, environment in enumerate(({"LC_ALL": "C"}, {"LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"})):
        folder, out = tmp_path / f"pictures-{number}", tmp_path / str(number) / "out"
        for name in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(files[name])
            os.utime(folder / name, (1_000_000_000, 1_000_000_000))
        run(environment, "index", folder, "--out", out, "--method", "histogram", "--workers", str(number + 1))
        written.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert written[0] == written[1]


def test_the_number_of_threads_of_the_network_changes_no_bit(monkeypatch):
    picture = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    vectors = []
    for threads in (1, 2, 3):
        monkeypatch.setattr(siamese, "THREADS", threads)
        vectors.append({name: Siamese(name).describe(picture) for name in ("photos", "fashion")})
    for other in vectors[1:]:
        for name, vector in vectors[0].items():
            np.testing.assert_array_equal(other[name], vector)
