"""The page, and a server of it that can be asked about its inside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.page.app import APP
from tests.page.visitor import Visitor
from tests.page.watched import WATCHED, Watched
from tests.serving import serve


@pytest.fixture
def page() -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=120).run()
    assert not app.exception
    return app


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    (folder / "tmp").mkdir()
    options = ["--server.disconnectedSessionTTL=1"]
    asked = {"IMGSEARCH_ASK": str(folder / "ask"), "TMPDIR": str(folder / "tmp")}
    with serve(WATCHED, options=options, may_fail=True, **asked) as server:
        with Visitor(server.address, "gallery=photos"):
            pass  # what the very first visitor has is held for some minutes: see `process`
        yield Watched(server, folder)
