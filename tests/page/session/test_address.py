"""What the address says is what the page shows, without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from imgsearch.assets import ASSETS
from imgsearch.page.session import address
from tests.page.app import APP, headings, matches

pytestmark = pytest.mark.skipif(
    not (ASSETS / "galleries" / "fashion").exists(), reason="assets/galleries/fashion is missing: make it first"
)


def test_random_test_picture_is_in_the_link(page: AppTest) -> None:
    page.button(key="random").click().run()
    assert not page.exception
    assert page.query_params["sample"].startswith("q")


def test_link_is_followed() -> None:
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.query_params["sample"] = "q7"
    app.query_params["method"] = "siamese"
    app.run()
    assert app.session_state["visitor"].query.reference == "q7"
    assert any("Siamese" in heading for heading in headings(app))


@pytest.mark.parametrize("sample", ["q10000000", "g-1", "x", "<script>", "q٣", "q1" * 50])
def test_link_to_nothing_opens_the_first_sample(sample: str) -> None:
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.query_params["sample"] = sample
    app.run()
    assert not app.exception
    assert len(matches(app)) == 12


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("box", "0.5 0.5 0.4 0.9"),
        ("box", "nan 0 inf 1"),
        ("match", "99999999999"),
        ("more", "1 x -3 999999"),
        ("matches", "1e9"),
        ("picture", "../../etc"),
        ("view", "<script>"),
        ("only", 'no such kind,"'),
        ("without", ",,\n\0"),
        ("hide-query", "perhaps"),
    ],
)
def test_address_that_says_nothing_sensible_opens_the_page(name: str, value: str) -> None:
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.query_params[name] = value
    app.run()
    assert not app.exception
    assert len(matches(app)) == 12


@pytest.mark.parametrize("sample", ["g0", ""])
def test_address_of_own_pictures_that_are_gone_says_so(sample: str) -> None:
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.query_params["gallery"] = "own"
    if sample:
        app.query_params["sample"] = sample
    app.run()
    assert not app.exception
    assert [warning.value[:23] for warning in app.warning] == (["Your pictures are gone:"] if sample else [])
    app.selectbox(key="gallery").set_value("fashion").run()
    assert not app.warning
    assert len(matches(app)) == 12


def test_what_is_not_the_pages_stays_in_the_address() -> None:
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.query_params["from"] = "a talk"
    app.run()
    app.button(key="random").click().run()
    assert not app.exception
    assert app.query_params["sample"]
    assert app.query_params["from"] in ("a talk", ["a talk"])


def test_address_names_the_part_the_marks_and_the_match() -> None:
    app = AppTest.from_file(str(APP), default_timeout=120)
    for name, value in {"box": "0.1 0.2 0.5 0.75", "more": "3 8", "less": "2", "match": "5"}.items():
        app.query_params[name] = value
    app.run()
    now = app.session_state["visitor"]
    assert now.query.box == (0.1, 0.2, 0.5, 0.75)
    assert now.marks == {3: 1, 8: 1, 2: -1}
    assert now.selected == 5


def test_address_names_the_filter_whatever_kinds_are_called() -> None:
    app = AppTest.from_file(str(APP), default_timeout=120)
    for name, value in {"only": "shirt, T-shirt/top,coat", "without": "Coat,nothing", "hide-query": "yes"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert len(matches(app)) == 12
    app.session_state["filter"] = True
    app.run()
    assert all("Shirt" in text or "T-shirt/top" in text for text in matches(app))
    assert app.toggle(key="hide-query").value
    assert app.multiselect(key="only").value == ["Shirt", "T-shirt/top", "Coat"]
    for kinds_written in (["a, b", 'c "d"'], ["\u00e9", "x"]):
        assert address._listed(address._written(kinds_written)) == kinds_written
