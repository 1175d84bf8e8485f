"""The page without a browser: what it says and does when it is used."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from imgsearch.assets import ASSETS
from imgsearch.gallery import garment_queries
from imgsearch.page.session import searching
from imgsearch.page.views.match_cards import share
from tests import serving
from tests.page.app import APP, headings, matches, shirt
from tests.page.looking import look
from tests.page.visitor import Visitor

pytestmark = pytest.mark.skipif(
    not (ASSETS / "galleries" / "fashion").exists(), reason="assets/galleries/fashion is missing: make it first"
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving.serve() as server:
        yield server.address


def test_page_opens_with_matches_of_a_sample(page: AppTest) -> None:
    assert "12 nearest by Siamese network" in headings(page)
    assert len(matches(page)) == 12
    assert not page.error


def test_what_is_not_in_view_is_not_worked_out(page: AppTest) -> None:
    assert not page.get("plotly_chart") and not page.get("imgs")[1:]
    assert not any("Two copies of one network" in text.value for text in page.markdown)
    page.session_state["visitor"].in_view.add("shades-0")
    page.run()
    assert len(page.get("plotly_chart")) == 1
    look(page)
    assert len(page.get("plotly_chart")) == 3
    assert any("Two copies of one network" in text.value for text in page.markdown)
    assert not page.exception


def test_a_part_that_comes_into_view_is_drawn_and_nothing_else(address: str) -> None:
    with Visitor(address) as visitor:
        visitor.trigger("sight", "seen", {"shades-0": True})
        assert len(visitor.of("plotly_chart")) == 1
        # Out of view it stays until something else changes.
        visitor.trigger("sight", "seen", {"shades-0": False})
        assert len(visitor.of("plotly_chart")) == 1
        visitor.click("random")
        assert not visitor.of("plotly_chart")
        for nonsense in (None, "all", [1], {"visitor": True}, {"shades-0": 1}, {"why-0": {}}):
            visitor.trigger("sight", "seen", nonsense)
        assert not visitor.of("plotly_chart") and not visitor.errors()


def test_toggle_changes_the_ranking(page: AppTest) -> None:
    before = matches(page)
    page.radio(key="method").set_value("histogram").run()
    assert not page.exception
    assert any("Euclidean" in heading for heading in headings(page))
    assert matches(page) != before


def test_what_a_method_sees_is_said_beside_the_query(page: AppTest) -> None:
    assert any(caption.value == "**The network's input**" for caption in page.caption)
    page.session_state["method"] = "histogram"
    page.run()
    for histogram, said in (
        ("histogram", "How much of each shade, not where."),
        ("histogram-grid", "How much of each shade, region by region."),
    ):
        page.session_state["histogram"] = histogram
        page.run()
        assert any(caption.value == "**What the histogram sees**" for caption in page.caption)
        assert any(caption.value == said for caption in page.caption)


def test_comparison_shows_both_rankings(page: AppTest) -> None:
    page.radio(key="method").set_value("compare").run()
    assert not page.exception
    assert len(matches(page)) == 24
    assert any("The two " in text.value for text in page.markdown)


def test_upload_is_searched(page: AppTest) -> None:
    before = matches(page)
    page.file_uploader[0].upload("shirt.jpg", shirt()).run()
    assert not page.exception
    assert page.session_state["visitor"].query.name == "shirt.jpg"
    assert matches(page) != before


def test_the_page_shows_both_halves_of_what_it_did_with_a_photograph(page: AppTest) -> None:
    assert not any("photo network" in text.value for text in page.markdown)
    page.file_uploader[0].upload("shirt.jpg", shirt()).run()
    look(page)
    assert any(text.value == "**What the photo network sees**" for text in page.markdown)
    assert any("which every picture gets" in caption.value for caption in page.caption)
    explained = next(text.value for text in page.markdown if "Orange areas raise the similarity" in text.value)
    assert ", the kind (T-shirt/top) " in explained
    # By a histogram it is searched by its conversion alone.
    page.session_state["method"] = "histogram"
    page.run()
    assert not any("photo network" in text.value for text in page.markdown)


@pytest.mark.parametrize("side", [40, 320])
def test_photograph_of_a_garment_is_converted_once(page: AppTest, monkeypatch: pytest.MonkeyPatch, side: int) -> None:
    converted = []
    convert = searching.convert

    def counted(*given: Any, **named: Any) -> Any:
        converted.append(given)
        return convert(*given, **named)

    for module in (garment_queries, searching):
        monkeypatch.setattr(module, "convert", counted)
    file = io.BytesIO()
    Image.open(io.BytesIO(shirt())).resize((side, side)).save(file, "PNG")
    page.session_state["method"] = "compare"
    page.run()
    page.file_uploader[0].upload("shirt.png", file.getvalue()).run()
    assert not page.exception
    assert len(matches(page)) == 24
    assert len(converted) == 1


def test_webcam_picture_is_searched(page: AppTest) -> None:
    assert not page.camera_input
    page.button(key="webcam").click().run()
    page.camera_input[0].upload("photo.jpg", shirt()).run()
    assert not page.exception
    assert page.session_state["visitor"].query.name == "Webcam"


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xd8\xff\xe0" + b"\0" * 100, b"\x89PNG\r\n\x1a\n"])
def test_bad_upload_gets_one_sentence_and_changes_nothing(page: AppTest, data: bytes) -> None:
    before = matches(page)
    page.file_uploader[0].upload("picture.jpg", data).run()
    assert not page.exception
    assert len(page.error) == 1
    assert page.error[0].value
    assert matches(page) == before


@pytest.mark.parametrize("method", ["histogram", "siamese"])
def test_search_with_a_match_does_not_find_itself_and_leads_back(address: str, method: str) -> None:
    with Visitor(address, f"method={method}") as visitor:
        before = visitor.cards()
        visitor.on_card("search", 3)
        assert "exact copy" not in visitor.cards()[0][0]
        assert before[2][1] not in [picture for _, picture in visitor.cards()]
        assert "Why is match 1 similar?" in visitor.texts()
        visitor.click("back-0")
        assert visitor.cards() == before
        assert not visitor.errors()


@pytest.mark.parametrize(
    "asked", [None, "why", ["search", -1], ["search", 10**9], ["search", "0"], ["delete", 0], ["why", True], [[], {}]]
)
def test_nonsense_from_a_browser_changes_nothing(address: str, asked: object) -> None:
    with Visitor(address) as visitor:
        before, said = visitor.cards(), visitor.texts()
        visitor.trigger("cards-0", "asked", asked)
        visitor.rerun()
        assert visitor.cards() == before
        assert [text for text in visitor.texts() if "searched" not in text] == [
            text for text in said if "searched" not in text
        ]
        assert not visitor.errors()


def test_marks_change_the_ranking_until_they_are_forgotten(page: AppTest) -> None:
    page.radio(key="method").set_value("siamese").run()
    before = matches(page)
    page.session_state["visitor"].marks.update({5: 1, 9: -1})
    page.run()
    assert matches(page) != before
    page.button(key="forget").click().run()
    assert matches(page) == before


def test_a_filter_leaves_only_some_kinds_and_says_so(page: AppTest) -> None:
    # Nobody sees the controls of a filter that is closed: they are not there.
    assert not page.multiselect
    page.session_state["filter"] = True
    page.run().multiselect(key="only").set_value(["Bag"]).run()
    assert not page.exception
    assert len(matches(page)) == 12
    assert all("Bag" in text for text in matches(page))
    said = [caption.value.replace("\\", "").replace("\N{WORD JOINER}", "") for caption in page.caption]
    assert any("Only Bag: 6,000 of 60,000 pictures" in text for text in said)
    page.run().multiselect(key="without").set_value(["Bag"]).run()
    assert not page.exception
    assert matches(page) == []
    assert any("Nothing passes the filter" in text.value for text in page.markdown)
    page.run().selectbox(key="gallery").set_value("photos").run()
    assert not page.exception
    assert len(matches(page)) == 12


def test_near_duplicates_are_listed_on_request() -> None:
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.query_params["gallery"] = "photos"
    app.session_state["panel"] = ":material/monitoring: How good is it?"
    app.run().button(key="near-duplicates").click().run()
    assert not app.exception
    assert any("1 pair of 691 pictures is almost the same" in text.value for text in app.markdown)


def test_hostile_file_name_is_shown_as_text(page: AppTest) -> None:
    name = "<img src=x onerror=alert(1)>**bold** :red[x] [link](http://x).png"
    page.file_uploader[0].upload(name, shirt()).run()
    assert not page.exception
    shown = [text.value for text in page.markdown if "onerror" in text.value]
    assert all("\\<img" in text for text in shown)


def test_own_pictures_say_where_they_stay(page: AppTest) -> None:
    page.selectbox(key="gallery").set_value("own").run()
    assert not page.exception
    assert any("They stay in this session" in caption.value for caption in page.caption)
    assert any("and gone when the tab closes or reloads." in caption.value for caption in page.caption)


def test_visit_with_both_methods_loads_no_tensorflow() -> None:
    script = f"""
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(APP)!r}, default_timeout=120).run()
app.radio(key="method").set_value("histogram").run()
assert not app.exception
print(sorted(name for name in ("tensorflow", "keras", "torch") if name in sys.modules))
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=APP.parent, check=True)
    assert said.stdout.strip().endswith("[]")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.5, "50.0"),
        (0.9894, "98.9"),
        (0.98962, "98.96"),
        (0.9913, "99.13"),
        (0.99987, "99.987"),
        (0.9999999, "99.999"),
        (1, "100"),
    ],
)
def test_a_place_in_the_gallery_is_never_rounded_up_to_all_of_it(value: float, said: str) -> None:
    assert share(value) == f"{said}\N{NO-BREAK SPACE}%"


def test_the_page_starts_without_what_takes_long_to_import():
    """Half a second and 68 MB for pandas, more for TensorFlow: neither is needed to draw the page."""
    program = (
        "import sys; from streamlit.testing.v1 import AppTest; "
        f"AppTest.from_file({str(APP)!r}, default_timeout=120).run(); "
        "print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=APP.parent, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "imgsearch.page.views.results" in loaded
    assert not loaded & {"pandas", "tensorflow", "keras", "torch"}
