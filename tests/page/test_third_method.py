"""A third method is one file and one line in the list: the command line and the page then have it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from imgsearch import __main__ as command
from imgsearch.methods import registry
from imgsearch.page.views.panel import WORKING
from tests.galleries import write_pictures
from tests.methods.difference_hash import DifferenceHash
from tests.page.app import APP, headings, matches
from tests.page.looking import look

KEY = DifferenceHash.key


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Twelve pictures, indexed by all methods, among which is the third."""
    folder = tmp_path_factory.mktemp("third")
    line = {KEY: registry.Entry("tests.methods.difference_hash", "DifferenceHash", photos={KEY: {}})}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "METHODS", {**line, **registry.METHODS})
        patch.setenv("IMGSEARCH_GALLERIES", str(folder / "galleries"))
        write_pictures(folder / "pictures")
        assert command.main(["index", str(folder / "pictures"), "--out", str(folder / "galleries" / "toy")]) == 0
        yield folder


@pytest.fixture
def page(folder: Path) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.query_params["gallery"] = "toy"
    app.query_params["sample"] = "g3"
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize("place", ["galleries/toy", "pictures"])
def test_the_command_line_searches_with_it(folder: Path, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    query = folder / "pictures" / "round" / "03.png"
    assert command.main(["search", str(folder / place), str(query), "--method", KEY, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["method"] == KEY
    assert found["matches"][0]["name"].endswith("03.png")
    assert found["matches"][0]["score"] == 0


def test_the_page_offers_it_and_shows_what_it_says_of_itself(page: AppTest) -> None:
    radio = page.radio(key="method")
    assert radio.options == [DifferenceHash.title, "Euclidean histogram", "Siamese network", "Compare all"]
    radio.set_value(KEY).run()
    look(page)
    assert not page.exception
    assert "11 nearest by Difference hash" in headings(page)
    assert any("bits differ" in card for card in matches(page))
    assert any(text.value == "**What the hash sees**" for text in page.caption)
    assert any("no parts of it" in caption.value for caption in page.caption)


def test_it_can_be_searched_with_marks(page: AppTest) -> None:
    page.radio(key="method").set_value(KEY).run()
    before = matches(page)
    page.session_state["visitor"].marks.update({5: 1, 9: -1})
    page.run()
    assert not page.exception
    assert matches(page) != before


def test_the_comparison_has_a_column_for_it(page: AppTest) -> None:
    page.radio(key="method").set_value("compare").run()
    assert not page.exception
    assert len(matches(page)) == 33
    assert headings(page).count("Why is match 1 similar?") == 3
    assert any("All 3 share" in text.value for text in page.markdown)


def test_the_panel_on_how_it_works_has_its_idea(page: AppTest) -> None:
    page.session_state["panel"] = WORKING
    look(page)
    assert not page.exception
    assert any("yours gets darker at" in text.value for text in page.markdown)
