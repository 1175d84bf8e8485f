"""A Dask cluster makes the gallery that one machine makes, whichever of its processes die."""

import http.server
import multiprocessing
import os
import shutil
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor

import pytest

from imgsearch.__main__ import main
from imgsearch.gallery import cluster, indexing
from imgsearch.gallery.gallery import GalleryError
from imgsearch.gallery.persistence import to_file, verify_gallery
from tests.galleries import photo_methods, write_pictures
from tests.gallery.clusters import DaskCluster

if not os.environ.get("CI"):
    pytest.importorskip("distributed", reason="pip install -r imgsearch/gallery/requirements-dask.txt")


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    with DaskCluster(tmp_path_factory.mktemp("dask") / "cluster") as running:
        yield running


@pytest.fixture
def folder(tmp_path):
    write_pictures(tmp_path / "pictures", 48)
    return tmp_path / "pictures"


def assert_same(one, other):
    """Two galleries of one name have the same contents, byte for byte."""
    assert to_file(verify_gallery(one)) == to_file(verify_gallery(other))


def parts_of(out):
    return {path.name: path.stat().st_ino for path in out.parent.glob(f".{out.name}.parts/[0-9a-f]*")}


def test_the_gallery_of_a_cluster_is_the_same_to_the_last_byte(dask, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(indexing, "_CLUSTER_PART", 4)
    folder = tmp_path / "pictures"
    write_pictures(folder, 12)
    (folder / "round" / "broken.png").write_bytes(b"no picture")
    said = []
    for where, options in (("here", ()), ("there", ("--cluster", dask.address))):
        assert main(["index", str(folder), "--out", str(tmp_path / where / "out"), *options]) == 0
        said.append([text.replace(str(tmp_path / where), "") for text in capsys.readouterr()])
    assert said[0] == said[1]
    assert said[0][0].endswith("12 pictures, 12 new, 0 known already, 0 gone, 1 unreadable\n")
    assert_same(tmp_path / "here" / "out", tmp_path / "there" / "out")
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["out"]


def test_a_cluster_describes_only_what_is_new(dask, folder, tmp_path):
    out = tmp_path / "out"
    indexing.index(folder, out, photo_methods())
    (folder / "round" / "00.png").rename(folder / "tall" / "renamed.png")
    (folder / "square" / "01.png").unlink()
    write_pictures(tmp_path / "more", 3, seed=7)
    shutil.copy(tmp_path / "more" / "tall" / "02.png", folder / "tall" / "new.png")
    report = indexing.index(folder, out, photo_methods(), cluster=dask.address)
    assert (report.added, report.kept, report.dropped) == (1, 47, 2)
    assert_same(indexing_of(folder, tmp_path), out)


def indexing_of(folder, tmp_path):
    """Where the gallery of the folder is that this machine makes."""
    indexing.index(folder, tmp_path / "here" / "out", photo_methods())
    return tmp_path / "here" / "out"


def test_a_worker_that_is_killed_costs_its_part_only(folder, tmp_path, monkeypatch):
    from distributed import Client

    monkeypatch.setattr(indexing, "_CLUSTER_PART", 4)
    out = tmp_path / "out"
    early = {}
    with DaskCluster(tmp_path / "cluster") as dask, Client(dask.address, set_as_default=False) as watching:

        def kill_one(done, total, name):
            if not early:
                early.update(parts_of(out))
                busy = [where for where, tasks in watching.processing().items() if tasks]
                pids = watching.run(os.getpid, workers=busy)
                victim = next(worker for worker in dask.workers if worker.pid in pids.values())
                victim.kill()
                victim.wait()
            late.append(parts_of(out))

        late = []
        report = indexing.index(folder, out, photo_methods(), cluster=dask.address, progress=kill_one)
        assert sum(worker.poll() is None for worker in dask.workers) == 1
    assert (report.added, report.gallery.n) == (48, 48)
    assert early and len(late[-1]) == 12
    assert early.items() <= late[-1].items(), "what was done was not done again"
    assert_same(indexing_of(folder, tmp_path), out)


def test_pictures_that_every_worker_dies_of_are_named_and_all_others_kept(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(indexing, "_CLUSTER_PART", 4)
    poison = folder / "square" / "poison.png"
    shutil.copy(folder / "square" / "01.png", poison)
    out = tmp_path / "out"
    # Dask takes a picture's word for it that it is no accident when the fourth worker has died.
    with (
        DaskCluster(tmp_path / "cluster", 6, "--preload", "tests.gallery.dying_worker") as dask,
        pytest.raises(GalleryError, match=r"was given the [14] pictures from \w+/\w+.png on has died: look at what"),
    ):
        indexing.index(folder, out, photo_methods(), cluster=dask.address)
    assert len(parts_of(out)) >= 11, "of thirteen; what waited at a worker that died is under the same suspicion"
    poison.unlink()
    report = indexing.index(folder, out, photo_methods())
    assert (report.kept >= 41, report.gallery.n) == (True, 48)
    assert_same(indexing_of(folder, tmp_path), out)


def test_what_a_cluster_has_done_is_not_done_again_here(dask, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(indexing, "_CLUSTER_PART", 4)

    def stop(done, total, name):
        if done >= 24:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        indexing.index(folder, tmp_path / "out", photo_methods(), cluster=dask.address, progress=stop)
    report = indexing.index(folder, tmp_path / "out", photo_methods())
    assert report.kept >= 24 and report.added + report.kept == 48
    assert_same(indexing_of(folder, tmp_path), tmp_path / "out")


def test_two_machines_that_describe_the_same_pictures_write_one_part(folder, tmp_path):
    parts = tmp_path / "parts"
    parts.mkdir()
    names = tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png")))
    given = tuple((method.config(), method.fingerprint) for method in photo_methods())
    job = cluster.Job(folder, names, parts, given)
    with ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as machines:
        written = {one.part for one in machines.map(cluster.describe_job, [job] * 3)}
    assert [path.name for path in parts.iterdir()] == list(written)
    assert verify_gallery(parts / written.pop()).n == 48


def test_a_cluster_here_listens_on_loopback_only_and_is_gone_afterwards(folder, tmp_path):
    import psutil

    heard, processes = set(), []

    def look(done, total, name):
        processes.extend(psutil.Process().children(recursive=True))
        for process in (psutil.Process(), *processes):
            listening = [one for one in process.net_connections() if one.status == psutil.CONN_LISTEN]
            # An engine in a file that another test has open listens on loopback, too, as IPv6 writes it.
            heard.update(one.laddr.ip.removeprefix("::ffff:") for one in listening)

    report = indexing.index(folder, tmp_path / "out", photo_methods(), cluster="local", progress=look)
    assert report.gallery.n == 48
    assert heard == {"127.0.0.1"}
    workers = [process for process in processes if process.is_running() and "spawn_main" in " ".join(process.cmdline())]
    assert workers == []


def complaint(folder, tmp_path, address, capsys):
    assert main(["index", str(folder), "--out", str(tmp_path / "out"), "--cluster", address]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and said.startswith("error: ")
    assert not (tmp_path / "out").exists()
    return said


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "tcp://nobody.invalid:8786", "ftp://host", "nonsense"])
def test_a_scheduler_that_cannot_be_reached_is_said(folder, tmp_path, capsys, address):
    started = time.monotonic()
    assert f"No Dask scheduler answers at {address}: start it, or correct the" in complaint(
        folder, tmp_path, address, capsys
    )
    assert time.monotonic() - started < 10


def test_something_that_is_no_scheduler_is_said(folder, tmp_path, capsys):
    class Silent(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent) as other:
        other.daemon_threads = True
        threading.Thread(target=other.serve_forever, daemon=True).start()
        address = f"tcp://127.0.0.1:{other.server_port}"
        assert f"No Dask scheduler answers at {address}" in complaint(folder, tmp_path, address, capsys)
        other.shutdown()


def test_a_scheduler_without_workers_is_said_and_so_is_one_that_dies(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cluster, "_PATIENCE", 2)
    with DaskCluster(tmp_path / "cluster", 0) as dask:
        assert "has had no worker for a minute: start some, by python -m dask worker" in complaint(
            folder, tmp_path, dask.address, capsys
        )
        threading.Timer(1, dask.scheduler.kill).start()
        assert "has gone: start it, and run it again" in complaint(folder, tmp_path, dask.address, capsys)


def test_a_missing_package_names_what_to_install(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert complaint(folder, tmp_path, "local", capsys) == (
        "error: distributed is not installed: pip install -r imgsearch/gallery/requirements-dask.txt.\n"
    )


def test_a_worker_with_another_program_or_without_the_folders_says_so(dask, folder, tmp_path, monkeypatch):
    methods = photo_methods()
    parts = tmp_path / "parts"
    parts.mkdir()

    def described(root, parts, methods):
        return list(cluster.described_on(dask.address, 2, root, [["round/00.png"]], parts, methods))

    with pytest.raises(GalleryError, match=r"does not see .*elsewhere: put the pictures and the gallery on a drive"):
        described(folder / "elsewhere", parts, methods)
    with pytest.raises(GalleryError, match=r"does not see .*nowhere: put the pictures"):
        described(folder, parts / "nowhere", methods)
    methods[0].fingerprint = "of another version"
    with pytest.raises(GalleryError, match=r"has another version of the method Euclidean histogram: give all machines"):
        described(folder, parts, methods)


def test_fashion_is_not_for_a_cluster(tmp_path, capsys):
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (tmp_path / f"{name}-ubyte.gz").write_bytes(b"")
    assert main(["index", str(tmp_path), "--out", str(tmp_path / "out"), "--cluster", "local"]) == 1
    assert "leave out --cluster" in capsys.readouterr().err
