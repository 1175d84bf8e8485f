"""A gallery in an engine: the answers of the exact index, pushed, brought up to date, and pulled."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from imgsearch.__main__ import main
from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.gallery.pushing import push
from imgsearch.ranking import milvus, remote_index
from imgsearch.ranking.engine import Engine, EngineError
from imgsearch.search.evaluation import evaluate
from imgsearch.search.feedback import Marks
from imgsearch.search.reference import Reference
from imgsearch.search.search import search_reference
from tests.engine.server import LiteServer
from tests.engine.vectors import assert_same_answers, complaint, pushed, with_ties
from tests.galleries import garment_gallery, write_pictures

if not os.environ.get("CI"):
    pytest.importorskip("pymilvus", reason="pip install -r imgsearch/ranking/requirements-milvus.txt")
    pytest.importorskip("milvus_lite", reason="pip install -r imgsearch/ranking/requirements-milvus.txt")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    return pushed(open_gallery(ASSETS / "galleries" / "photos"), folder / "photos", str(folder / "vectors.db"))


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
        engine.kill()


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
