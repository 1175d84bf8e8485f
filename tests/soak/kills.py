"""Kill what writes, at random moments, and see that what was whole is whole and that the next run goes on.

    python -m tests.soak.kills --kills 100 [--only index saving training] [--seed 1]

Each kind is killed so often (SIGKILL, which nothing can catch). The last line is one JSON object with the kills that
were survived; the exit status is 1 if one was not.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import signal
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from imgsearch.gallery import indexing
from imgsearch.gallery.gallery import Gallery
from imgsearch.gallery.persistence import open_gallery, save_gallery, verify_gallery
from tests.galleries import photo_gallery, photo_methods, write_pictures

PICTURES = 24
EPOCHS = 6


def killed(work: Callable[[], object], seconds: float) -> bool:
    """Do the work in a process of its own and kill it after so many seconds; whether it was killed before its end."""
    process = _started(work)
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "the work failed by itself"
    return os.WIFSIGNALED(status)


def finished(work: Callable[[], object]) -> None:
    """Do the work in a process of its own, to its end."""
    _, status = os.waitpid(_started(work), 0)
    assert status == 0, "the run after a kill failed"


def _started(work: Callable[[], object]) -> int:
    process = os.fork()
    if process == 0:
        try:
            work()
        except BaseException as error:  # whatever happens, a child must not go on as its parent
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return process


def _names(gallery: Gallery) -> list[str]:
    return [gallery.file_name(i) for i in range(gallery.n)]


def _same(one: Gallery, other: Gallery) -> None:
    assert _names(one) == _names(other)
    for key in other.methods:
        np.testing.assert_array_equal(one.vectors(key), other.vectors(key))
    for i in range(other.n):
        assert one.store.encoded(i) == other.store.encoded(i)


def index_kills(folder: Path, kills: int, random: np.random.Generator) -> int:
    """Index one of two folders into the same gallery, again and again; returns how many were killed before the end."""
    expected = {}
    for name in ("all", "some"):
        write_pictures(folder / name, PICTURES)
    for path in sorted((folder / "some").rglob("*.png"))[::3]:
        path.unlink()
    indexing._PART = 4

    def work(name: str, out: Path) -> object:
        return indexing.index(folder / name, out, photo_methods())

    for name in ("all", "some"):
        finished(lambda n=name: work(n, folder / f"expected-{n}"))
        expected[name] = open_gallery(folder / f"expected-{name}")
    started = time.monotonic()
    finished(lambda: work("all", folder / "timed"))
    usual = time.monotonic() - started
    survived = 0
    out = folder / "out"
    while survived < kills:
        name = ("all", "some")[int(random.integers(2))]
        if random.random() < 0.2:
            shutil.rmtree(out, ignore_errors=True)
        survived += killed(lambda n=name: work(n, out), float(random.uniform(0, 1.1 * usual)))
        if out.exists():
            found = verify_gallery(out)
            _same(found, expected["all"] if found.n == PICTURES else expected["some"])
        if random.random() < 0.1:  # the next run goes on, and the result is as if nothing had happened
            finished(lambda n=name: work(n, out))
            _same(verify_gallery(out), expected[name])
    finished(lambda: work("all", out))
    _same(verify_gallery(out), expected["all"])
    return survived


def saving_kills(folder: Path, kills: int, random: np.random.Generator) -> int:
    """Save one gallery over another, again and again."""
    galleries = {n: photo_gallery(n, features=True) for n in (12, 9)}
    path = folder / "saved"
    save_gallery(galleries[12], path)

    def work() -> None:
        while True:
            for gallery in galleries.values():
                save_gallery(gallery, path)

    survived = 0
    while survived < kills:
        survived += killed(work, float(random.uniform(0, 0.15)))
        found = verify_gallery(path)
        _same(found, galleries[found.n])
    save_gallery(galleries[9], path)
    named = {file["file"] for file in json.loads((path / "gallery.json").read_text())["files"].values()}
    assert {file.name for file in path.iterdir()} == named | {"gallery.json"}
    return survived


def training_kills(folder: Path, kills: int, random: np.random.Generator) -> int:
    """Train a small network for a few epochs, again and again; each run goes on from the last whole epoch."""
    data, state = folder / "data", folder / "run"
    data.mkdir(parents=True)
    labels = (np.arange(96) % 10).astype(np.uint8)
    for name, values in (("images-idx3", random.integers(0, 256, (96, 28, 28), np.uint8)), ("labels-idx1", labels)):
        header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
        (data / f"train-{name}-ubyte.gz").write_bytes(gzip.compress(header + values.tobytes()))
    started = time.monotonic()
    finished(lambda: _train(data, folder / "timed"))
    usual = time.monotonic() - started
    survived = whole = 0
    while survived < kills:
        # Seldom before TensorFlow is imported, where nothing could be lost.
        survived += killed(lambda: _train(data, state), float(random.uniform(0.3, 1.1)) * usual)
        done = _epochs(state)
        assert done >= whole, "what was done was lost"
        whole = done
        if whole == EPOCHS:
            finished(lambda: _train(data, state))
            shutil.rmtree(state)
            whole = 0
    finished(lambda: _train(data, state))
    assert _epochs(state) == EPOCHS
    return survived


def _epochs(state: Path) -> int:
    """How many epochs a training has kept; none of its files is half written but the one that is being written."""
    return max((int(path.name[6:9]) for path in state.glob("epoch-*.weights.h5")), default=0)


def _train(data: Path, state: Path) -> None:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
    from imgsearch.training.fashion import train
    from imgsearch.training.fashion.network import build_network

    small = {"widths": (8, 8, 8, 16), "branch_widths": (8, 8), "dimensions": 8}
    train.build_network = lambda **given: build_network(**{**small, **given})
    settings = train.Settings(epochs=EPOCHS, polish=0, batch=32, held_out=0, dimensions=8)
    train.train(data, state, settings)


KINDS = {"index": index_kills, "saving": saving_kills, "training": training_kills}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100, help="of each kind")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    survived: dict[str, int | str] = {}
    for kind in given.only:
        with tempfile.TemporaryDirectory() as folder:
            try:
                survived[kind] = KINDS[kind](Path(folder), given.kills, np.random.default_rng(given.seed))
            except Exception as error:  # told at the end, beside the others
                survived[kind] = f"{type(error).__name__}: {error}"
        print(f"{kind}: {survived[kind]}", flush=True)
    print(json.dumps({"kills_survived": survived}))
    return int(any(isinstance(result, str) for result in survived.values()))


if __name__ == "__main__":
    sys.exit(main())
