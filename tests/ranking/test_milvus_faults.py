"""An engine that is away, hangs, or is none: one sentence, and it goes on by itself."""

import contextlib
import http.server
import json
import os
import subprocess
import sys
import threading
import time

import pytest

from imgsearch import ImgsearchError
from imgsearch.__main__ import main
from imgsearch.gallery.persistence import open_gallery, set_engine
from imgsearch.ranking import milvus
from imgsearch.ranking.engine import Engine, EngineError
from imgsearch.search.reference import Reference
from imgsearch.search.search import search_reference
from tests.engine.server import LiteServer, free_port
from tests.engine.vectors import complaint, pushed
from tests.galleries import garment_gallery

if not os.environ.get("CI"):
    pytest.importorskip("pymilvus", reason="pip install -r imgsearch/ranking/requirements-milvus.txt")
    pytest.importorskip("milvus_lite", reason="pip install -r imgsearch/ranking/requirements-milvus.txt")


@pytest.fixture(scope="module")
def lasting(tmp_path_factory):
    engine = LiteServer(tmp_path_factory.mktemp("engine") / "data")
    yield engine
    engine.kill()


@pytest.fixture
def garments(lasting, tmp_path):
    if not lasting.is_running:  # some tests kill it
        lasting.start()
    return pushed(garment_gallery(), tmp_path / "garments", lasting.uri), lasting


def test_the_environment_names_another_engine(garments, monkeypatch):
    gallery, _ = garments
    monkeypatch.setenv("IMGSEARCH_ENGINE", f"http://127.0.0.1:{free_port()}")
    assert "No engine can be reached" in complaint(gallery)


@pytest.mark.alone
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


@pytest.mark.alone
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


@pytest.mark.alone
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
