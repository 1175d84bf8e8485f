"""A gallery in an engine: the answers of the exact index, and one sentence for everything that can go wrong."""

import contextlib
import http.server
import json
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from imgsearch import ImgsearchError
from imgsearch.__main__ import main
from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery, set_engine
from imgsearch.gallery.pushing import push
from imgsearch.ranking import milvus, remote_index
from imgsearch.ranking.engine import Engine, EngineError
from imgsearch.search.evaluation import evaluate
from imgsearch.search.feedback import Marks
from imgsearch.search.reference import Reference
from imgsearch.search.search import search_reference
from tests.engine.server import LiteServer, free_port
from tests.engine.vectors import assert_same_answers, pushed, with_ties
from tests.galleries import garment_gallery, write_pictures

if not os.environ.get("CI"):
    pytest.importorskip("pymilvus", reason="pip install -r imgsearch/ranking/requirements-milvus.txt")
    pytest.importorskip("milvus_lite", reason="pip install -r imgsearch/ranking/requirements-milvus.txt")

SECONDS = 3.0
"""Whoever waits for a search is told by then."""


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    return pushed(open_gallery(ASSETS / "galleries" / "photos"), folder / "photos", str(folder / "vectors.db"))


@pytest.fixture
def garments(tmp_path):
    engine = LiteServer(tmp_path / "engine")
    engine.start()
    yield pushed(garment_gallery(), tmp_path / "garments", engine.uri), engine
    engine.stop()


def complaint(gallery, *, within=SECONDS):
    started = time.monotonic()
    with pytest.raises(EngineError) as raised:
        search_reference(gallery, "histogram", Reference("g", 3))
    assert time.monotonic() - started < within
    text = str(raised.value)
    assert text.endswith(".") and "\n" not in text and "Traceback" not in text
    return text


def silent(*_):
    pass


@pytest.mark.parametrize("key", ["histogram", "histogram-grid", "siamese"])
def test_the_delivered_photographs_are_found_as_here(photos, key):
    assert_same_answers(photos, open_gallery(ASSETS / "galleries" / "photos"), key, 200)


def test_ties_across_k_are_found_and_counted_as_here(tmp_path):
    exact = with_ties()
    gallery = pushed(exact, tmp_path / "ties", str(tmp_path / "vectors.db"))
    for key in exact.methods:
        # Forty of a kind: more than are asked for at first.
        assert_same_answers(gallery, exact, key, 50)
        assert_same_answers(gallery, exact, key, 5, k=exact.n)


def test_more_ties_than_an_engine_gives_are_said(tmp_path, monkeypatch):
    gallery = pushed(with_ties(), tmp_path / "ties", str(tmp_path / "vectors.db"))
    monkeypatch.setattr(remote_index, "MOST", 30)
    found = search_reference(gallery, "histogram", Reference("g", 3), k=12)
    assert found.note == ("More than 30 pictures are as near as the last of these: which of them come first is chance.")
    with pytest.raises(EngineError, match="at most"):
        gallery.index("histogram").nearest(np.zeros(256, np.float32), 31)


def test_marks_and_pictures_of_the_gallery_search_as_here(photos):
    exact = open_gallery(ASSETS / "galleries" / "photos")
    marks = Marks(more=(7, 40), less=(9, 300))
    for key in exact.methods:
        ours, theirs = (search_reference(g, key, Reference("g", 40), k=24, marks=marks) for g in (photos, exact))
        assert ours.matches == theirs.matches
        np.testing.assert_array_equal(ours.sample_scores, theirs.sample_scores)


def test_the_figures_are_those_of_the_whole_ranking_as_far_as_the_nearest_tell(photos):
    exact = open_gallery(ASSETS / "galleries" / "photos")
    ours, theirs = (evaluate(gallery, keys=["siamese"])["methods"]["siamese"] for gallery in (photos, exact))
    assert ours == {name: figure for name, figure in theirs.items() if name != "mAP"}


def test_an_approximate_index_says_so_with_what_it_finds(tmp_path):
    exact = with_ties()
    gallery = pushed(exact, tmp_path / "ties", str(tmp_path / "vectors.db"), "--index", "HNSW")
    recall = json.loads((tmp_path / "ties" / "gallery.json").read_text())["engine"]["recall"]["histogram"]
    assert 0.5 < recall <= 1
    result = search_reference(gallery, "histogram", Reference("g", 3), k=12)
    assert result.note == f"Approximate: of the ten nearest it found {recall:.1%} when it was measured."
    assert result.matches


def test_a_push_that_was_cut_off_goes_on_where_it_was(tmp_path, capsys):
    folder, uri = tmp_path / "garments", str(tmp_path / "vectors.db")
    gallery = pushed(garment_gallery(), folder, uri)
    collection = gallery.index("histogram").collection
    collection.remove_from(40)
    assert "40 vectors of histogram for 60 pictures: push the gallery again" in complaint(open_gallery(folder))
    capsys.readouterr()
    assert main(["push", str(folder), uri]) == 0
    said = capsys.readouterr().out
    assert "histogram: 20 vectors written, 40 there already" in said
    assert "histogram-grid: 0 vectors written, 60 there already" in said
    assert_same_answers(open_gallery(folder), garment_gallery(), "histogram", 20)


def test_a_push_that_is_killed_goes_on(tmp_path):
    """The process ends between two batches; the engine keeps what it had got."""
    engine = LiteServer(tmp_path / "engine")
    engine.start()
    try:
        program = (
            "import os; from imgsearch.__main__ import main; from imgsearch.gallery import pushing\n"
            "from imgsearch.ranking.milvus import Collection\n"
            "pushing._BATCH = 16; put = Collection.put; calls = []\n"
            "def dying(*given):\n"
            "    put(*given); calls.append(1)\n"
            "    if len(calls) == 2: os.kill(os.getpid(), 9)\n"
            "Collection.put = dying; main(['push', %r, %r])"
        )
        from imgsearch.gallery.persistence import save_gallery

        save_gallery(garment_gallery(), tmp_path / "garments")
        killed = subprocess.run([sys.executable, "-c", program % (str(tmp_path / "garments"), engine.uri)])
        assert killed.returncode == -9
        gallery = open_gallery(tmp_path / "garments")
        assert gallery.engine is None, "it is searched here until all is pushed"
        done = push(gallery, "histogram", Engine.at(engine.uri), silent)
        assert (done.written, done.kept) == (28, 32)
    finally:
        engine.stop()


def test_a_gallery_that_has_changed_is_brought_up_to_date(tmp_path):
    folder, uri = tmp_path / "garments", str(tmp_path / "vectors.db")
    pushed(garment_gallery(60), folder, uri)
    smaller = garment_gallery(45)
    gallery = pushed(smaller, folder, uri)
    assert gallery.index("histogram").collection.count() == 45
    assert_same_answers(gallery, smaller, "histogram", 45)


def test_vectors_of_another_gallery_are_noticed(tmp_path):
    folder, uri = tmp_path / "garments", str(tmp_path / "vectors.db")
    gallery = pushed(garment_gallery(), folder, uri)
    collection = gallery.index("histogram").collection
    ids = np.arange(60)
    collection.put(ids, ids.astype(np.int64), np.roll(gallery.index("histogram").rows(ids), 1, axis=0))
    assert "has other vectors of histogram than this gallery: push the gallery again" in complaint(gallery)


def test_vectors_of_another_length_are_noticed(tmp_path):
    folder, uri = tmp_path / "garments", str(tmp_path / "vectors.db")
    gallery = pushed(garment_gallery(), folder, uri)
    collection = gallery.index("histogram").collection
    collection.drop()
    milvus.Collection(collection.engine, collection.name, "L2", 7).create()
    assert "vectors of 7 numbers for histogram, where 256 belong: push the gallery again" in complaint(gallery)
    assert main(["push", str(folder), uri]) == 0
    assert_same_answers(open_gallery(folder), garment_gallery(), "histogram", 5)


def test_an_engine_without_this_version_of_the_method_says_so_and_loses_it_at_the_next_push(tmp_path):
    folder, uri = tmp_path / "garments", str(tmp_path / "vectors.db")
    gallery = pushed(garment_gallery(), folder, uri)
    collection = gallery.index("histogram").collection
    old = milvus.Collection(collection.engine, collection.name[:-16] + "0" * 16, "L2", 7)
    old.create()
    collection.drop()
    assert "has no vectors imgsearch_garments_histogram_" in complaint(gallery)
    assert main(["push", str(folder), uri]) == 0
    assert not old.exists() and collection.exists()


def test_a_pushed_gallery_that_is_indexed_again_keeps_its_engine_and_says_to_push(tmp_path, capsys):
    pictures, out, uri = tmp_path / "pictures", tmp_path / "out", str(tmp_path / "vectors.db")
    write_pictures(pictures, 12)
    words = ["index", str(pictures), "--out", str(out), "--method", "histogram"]
    assert main(words) == 0
    assert main(["push", str(out), uri, "--index", "HNSW"]) == 0
    (pictures / "round" / "00.png").unlink()
    capsys.readouterr()
    assert main(words) == 0
    said = capsys.readouterr().out.splitlines()[-1]
    assert said == f"{out} is searched at {uri}: bring that up to date by push {out} {uri} --index HNSW"
    assert open_gallery(out).engine.uri == uri
    assert "12 vectors of histogram for 11 pictures: push the gallery again" in complaint(open_gallery(out))
    assert main(["push", str(out), uri, "--index", "HNSW"]) == 0
    assert search_reference(open_gallery(out), "histogram", Reference("g", 3)).matches


def test_pull_goes_back(tmp_path):
    folder = tmp_path / "garments"
    pushed(garment_gallery(), folder, str(tmp_path / "vectors.db"))
    assert main(["pull", str(folder)]) == 0
    assert open_gallery(folder).engine is None
    assert "engine" not in json.loads((folder / "gallery.json").read_text())


def test_the_environment_names_another_engine(garments, monkeypatch):
    gallery, _ = garments
    monkeypatch.setenv("IMGSEARCH_ENGINE", f"http://127.0.0.1:{free_port()}")
    assert "No engine can be reached" in complaint(gallery)


def test_a_closed_port_is_said_at_once(garments):
    gallery, engine = garments
    engine.kill()
    assert complaint(gallery, within=1) == (
        f"No engine can be reached at {engine.uri}: start it, or correct the address."
    )


def test_an_engine_that_dies_is_said_and_found_again_when_it_is_back(garments):
    gallery, engine = garments
    before = search_reference(gallery, "histogram", Reference("g", 3)).matches
    engine.kill()
    assert "No engine can be reached" in complaint(gallery)
    engine.start()
    assert search_reference(gallery, "histogram", Reference("g", 3)).matches == before


def test_an_engine_that_is_killed_in_the_middle_of_a_search_is_said_and_found_again(garments):
    gallery, engine = garments
    before = search_reference(gallery, "histogram", Reference("g", 3)).matches
    with engine.hanging():
        # It has got the question and cannot answer it any more.
        killing = threading.Timer(0.5, engine.kill)
        killing.start()
        said = complaint(gallery)
        killing.join()
    assert "No engine can be reached" in said or "does not answer in time" in said
    engine.start()
    assert search_reference(gallery, "histogram", Reference("g", 3)).matches == before


@pytest.mark.parametrize("searched_before", [True, False])
def test_an_engine_that_hangs_is_given_up(garments, searched_before):
    gallery, engine = garments
    if searched_before:
        search_reference(gallery, "histogram", Reference("g", 3))
    else:
        milvus.close(gallery.engine)
    with engine.hanging():
        assert "does not answer in time" in complaint(gallery)
    time.sleep(0.2)
    assert search_reference(gallery, "histogram", Reference("g", 3)).matches


def test_something_that_is_not_milvus_is_said(garments):
    gallery, _ = garments
    with contextlib.ExitStack() as until:
        other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
        until.callback(other.server_close)
        until.callback(other.shutdown)
        threading.Thread(target=other.serve_forever, daemon=True).start()
        gallery.engine = Engine.at(f"http://127.0.0.1:{other.server_port}")
        assert "is not Milvus: correct the address and the port" in complaint(gallery)


def test_a_name_that_nobody_has_is_said(garments):
    gallery, _ = garments
    gallery.engine = Engine.at("http://engine.invalid:19530")
    assert "No engine can be reached at http://engine.invalid:19530" in complaint(gallery)


def test_a_file_that_another_process_uses_is_said(tmp_path):
    folder, uri = tmp_path / "garments", str(tmp_path / "vectors.db")
    gallery = pushed(garment_gallery(), folder, uri)
    search_reference(gallery, "histogram", Reference("g", 3))
    other = subprocess.run(
        [sys.executable, "-m", "imgsearch", "search", str(folder), "g3"], capture_output=True, text=True, timeout=60
    )
    assert other.returncode == 1
    assert f"error: {uri} cannot be opened: one process at a time can use such a file" in other.stderr
    assert other.stderr.count("\n") == 1


def test_a_missing_package_names_what_to_install(garments, monkeypatch):
    gallery, _ = garments
    gallery.engine = Engine.at("http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    assert complaint(gallery) == (
        "pymilvus is not installed: pip install -r imgsearch/ranking/requirements-milvus.txt."
    )


@pytest.mark.parametrize(
    "address", ["milvus://host:19530", "vectors", "ftp://host", "http://", "http://host:none", "http://[::1", ""]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(EngineError, match=r"is no address of an engine: name a file such as vectors\.db"):
        Engine.at(address)


def test_a_password_in_the_address_is_refused_and_not_repeated(tmp_path, capsys):
    assert main(["push", str(tmp_path), "https://root:geheim@host:19530"]) == 1
    said = capsys.readouterr().err
    assert "put the password into $IMGSEARCH_ENGINE_TOKEN instead" in said and "geheim" not in said


def test_a_damaged_engine_is_said_and_pulled(tmp_path):
    folder = tmp_path / "garments"
    pushed(garment_gallery(), folder, str(tmp_path / "vectors.db"))
    header = json.loads((folder / "gallery.json").read_text())
    (folder / "gallery.json").write_text(json.dumps(header | {"engine": ["http://host"]}))
    with pytest.raises(ImgsearchError, match="is damaged: python -m imgsearch pull takes it out"):
        open_gallery(folder)
    set_engine(folder, None)
    assert open_gallery(folder).engine is None


def test_nothing_of_it_is_imported_without_an_engine():
    program = (
        "import sys; from imgsearch.__main__ import main; main(['search', %r, 'g5'])\n"
        "print(sorted({'pymilvus', 'milvus_lite', 'grpc', 'dask', 'distributed'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program % str(ASSETS / "galleries" / "photos")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines()[-1] == "[]"
