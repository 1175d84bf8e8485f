"""A real Milvus server: the same answers, its token, its death. Run by `python -m tests.engine.loopback`."""

import os
import threading
import time

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.ranking import milvus
from imgsearch.ranking.engine import TOKEN, EngineError
from tests.engine.loopback import only_loopback
from tests.engine.server import milvus_server
from tests.engine.vectors import assert_same_answers, pushed

if not os.environ.get("CI"):
    pytest.importorskip("milvus", reason="pip install milvus==2.3.5")
    pytest.importorskip("pymilvus", reason="pip install -r imgsearch/ranking/requirements-milvus.txt")
if not only_loopback():
    reason = "the server listens on every interface: python -m tests.engine.loopback python -m pytest -n 0 tests/engine"
    pytest.skip(reason, allow_module_level=True)


@pytest.fixture(scope="module")
def server():
    with milvus_server() as running:
        yield running


@pytest.mark.parametrize("name", ["photos", "fashion"])
def test_every_method_of_the_delivered_galleries_answers_as_here(server, tmp_path, name):
    exact = open_gallery(ASSETS / "galleries" / name)
    gallery = pushed(exact, tmp_path / name, server.uri)
    for key in exact.methods:
        assert_same_answers(gallery, exact, key, 200)


def test_a_server_that_is_killed_or_hangs_is_said_and_found_again(server, tmp_path):
    exact = open_gallery(ASSETS / "galleries" / "photos")
    gallery = pushed(exact, tmp_path / "again", server.uri)
    query = exact.index("siamese").rows(np.array([5]))[0]
    wanted = exact.index("siamese").nearest(query, 12).indices.tolist()

    def complain():
        started = time.monotonic()
        with pytest.raises(EngineError) as raised:
            gallery.index("siamese").nearest(query, 12)
        assert time.monotonic() - started < 3
        return str(raised.value)

    assert gallery.index("siamese").nearest(query, 12).indices.tolist() == wanted
    with server.hanging():
        assert "does not answer in time" in complain()
        killing = threading.Timer(0.5, server.kill)  # it has got the question and cannot answer it any more
        killing.start()
        complain()
        killing.join()
    assert "No engine can be reached" in complain()
    server.start()
    until = time.monotonic() + 60
    while True:
        try:
            found = gallery.index("siamese").nearest(query, 12).indices.tolist()
            break
        except EngineError:
            assert time.monotonic() < until
            time.sleep(0.5)
    assert found == wanted


def test_a_wrong_token_is_said(server, tmp_path, monkeypatch):
    server.kill()  # two of them want the same port for what is inside
    photos = open_gallery(ASSETS / "galleries" / "photos")
    with milvus_server(token_wanted=True) as guarded:
        monkeypatch.setenv(TOKEN, "root:Milvus")
        gallery = pushed(photos, tmp_path / "photos", guarded.uri)
        assert "Milvus" not in (tmp_path / "photos" / "gallery.json").read_text(encoding="utf-8")
        query = photos.index("siamese").rows(np.array([5]))[0]
        assert len(gallery.index("siamese").nearest(query, 3).indices) == 3
        milvus.close(gallery.engine)
        monkeypatch.setenv(TOKEN, "root:wrong")
        with pytest.raises(EngineError, match=r"lets nobody in without the right token: set \$IMGSEARCH_ENGINE_TOKEN"):
            gallery.index("siamese").nearest(query, 3)
