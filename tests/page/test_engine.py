"""The page on a gallery whose vectors are in an engine."""

import os
import shutil
import time

import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from tests import serving
from tests.engine.server import LiteServer
from tests.engine.vectors import pushed
from tests.page.visitor import Visitor

if not os.environ.get("CI"):
    pytest.importorskip("pymilvus", reason="pip install -r imgsearch/ranking/requirements-milvus.txt")
    pytest.importorskip("milvus_lite", reason="pip install -r imgsearch/ranking/requirements-milvus.txt")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    engine = LiteServer(folder / "engine")
    engine.start()
    photos = open_gallery(ASSETS / "galleries" / "photos")
    pushed(photos, folder / "galleries" / "remote", engine.uri)
    shutil.copytree(ASSETS / "galleries" / "photos", folder / "galleries" / "here")
    try:
        with serving.serve(IMGSEARCH_GALLERIES=str(folder / "galleries")) as server:
            yield server.address, engine
    finally:
        engine.kill()


def test_a_page_on_an_engine_shows_what_one_here_shows_and_outlives_its_death(page):
    address, engine = page
    with (
        Visitor(address, "gallery=here&sample=g40") as here,
        Visitor(address, "gallery=remote&sample=g40") as there,
        Visitor(address, "gallery=remote&sample=g40&method=compare") as compared,
    ):
        assert [text for text, _ in there.cards()] == [text for text, _ in here.cards()]
        assert compared.cards(1)
        for visitor in (here, there, compared):
            assert not visitor.errors()

    with engine.hanging(), Visitor(address, "gallery=remote&sample=g7") as patient:
        assert "does not answer in time" in " ".join(patient.errors())
    engine.kill()
    with Visitor(address, "gallery=remote&sample=g9") as late:
        assert "No engine can be reached" in " ".join(late.errors())
        engine.start()
        time.sleep(3)
        # As a browser does every few seconds.
        late.rerun(fragment=late.repeated[-1])
        assert late.cards() and not late.errors()


def test_whoever_waits_for_an_engine_takes_nobodys_turn(page):
    """As many visitors as there are workers, and one more, wait; a search on this machine goes through meanwhile."""
    address, engine = page
    with Visitor(address, "gallery=remote&sample=g1") as one, Visitor(address, "gallery=here&sample=g1") as two:
        assert one.cards() and two.cards()
    waiting = [Visitor(address, f"gallery=remote&sample=g{number}") for number in (11, 12, 13, 14)]
    with engine.hanging():
        for visitor in waiting:
            visitor.connect()
            visitor.ask()
        with Visitor(address, "gallery=here&sample=g15") as quick:
            assert quick.cards()
            assert not any("first" in notice for notice in quick.seen), "it stood in line"
    for visitor in waiting:
        visitor.leave()
