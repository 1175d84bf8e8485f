"""Words on the page, without a browser: links, names, what is not known, pictures and words together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.page.session.queries import link_of
from imgsearch.page.session.visitor import Query, Visitor
from imgsearch.page.views import words as view
from imgsearch.page.views.panel import PANELS, TAKING
from imgsearch.page.views.words import meaning
from imgsearch.presentation.word_tile import SIDE, word_tile
from tests.page.looking import look

APP = Path(__file__).resolve().parents[2] / "app.py"

pytestmark = pytest.mark.skipif(
    not (ASSETS / "galleries" / "photos").exists(), reason="assets/galleries/photos is missing: make it first"
)


def opened(**parameters: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=120)
    for name, value in parameters.items():
        app.query_params[name] = value
    look(app.run())
    assert not app.exception
    return app


def visitor(app: AppTest) -> Visitor:
    found: Visitor = app.session_state["visitor"]
    return found


def headings(app: AppTest) -> list[str]:
    return [heading.value for heading in app.header]


def said(app: AppTest) -> str:
    """What is written, without what keeps Markdown from being read as such."""
    return "\n".join(text.value for text in [*app.markdown, *app.caption]).replace("\\", "").replace("\u2060", "")


def bird() -> str:
    photos = open_gallery(ASSETS / "galleries" / "photos")
    return f"g{next(index for index, name in enumerate(photos.names or ()) if 'penguin' in name)}"


def test_a_link_with_a_word_searches_with_it() -> None:
    app = opened(gallery="photos", word="musical instruments")
    assert visitor(app).query.word == "musical instrument"
    assert headings(app)[0] == "12 nearest to “musical instrument”"
    assert "The network learnt 26 kinds of it: accordion, acoustic guitar" in said(app)
    assert "musical instrument" in app.query_params["word"]
    assert "Orange areas look like “musical instrument”" in said(app)


def test_a_picture_is_called_what_it_is_and_each_word_is_a_search() -> None:
    app = opened(gallery="photos", sample=bird())
    called = app.button(key="called-0")
    assert called.label in ("sea bird", "bird")
    called.click().run()
    assert not app.exception
    assert visitor(app).query.word == called.label
    assert [query.reference for query in visitor(app).trail] == [bird()]
    app.button(key="back-0").click().run()
    assert visitor(app).query.reference == bird()


def test_a_picture_and_a_word_together_are_in_the_link_and_can_be_left() -> None:
    app = opened(gallery="photos", sample=bird(), word="bird of prey")
    query = visitor(app).query
    assert (query.reference, query.towards) == (bird(), "bird of prey")
    assert app.toggle(key="word-together").value is True
    assert ", the word bird of prey " in said(app)
    app.run()
    assert visitor(app).query.towards == "bird of prey"
    app.toggle(key="word-together").set_value(False).run()
    assert not app.exception
    assert (visitor(app).query.reference, visitor(app).query.towards) == (bird(), "")


def test_an_address_holds_the_sample_and_the_word_and_what_a_picture_from_outside_is_called() -> None:
    picture = np.zeros((8, 8, 3), np.uint8)
    sample = Query(picture, "a bird", "…", "g7", towards="boat")
    assert link_of(sample) == {"sample": "g7", "word": "boat"}
    assert link_of(replace(sample, towards="")) == {"sample": "g7"}
    assert link_of(Query(picture, "mine.jpg", "0123456789abcdef")) == {"picture": "0123456789ab"}
    assert link_of(Query(picture, "boat", "word:boat", word="boat")) == {"word": "boat"}


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("kingfisher", "The network has not learnt “kingfisher”"),
        ("собака", "The network does not know “собака”"),
        ("x" * 500, "That is too long"),
        ("<script>alert(1)</script>", "The network does not know"),
        ("\x00\u202e", "Type what you are looking for"),
    ],
)
def test_a_word_that_is_not_known_gets_a_sentence_and_the_page_goes_on(word: str, sentence: str) -> None:
    app = opened(gallery="photos", word=word)
    assert sentence in said(app)
    assert not any("<script>" in text.value for text in [*app.markdown, *app.caption])
    assert headings(app)[0] == "12 nearest by Siamese network"
    assert visitor(app).query.word == ""


def test_the_nearest_known_words_are_buttons() -> None:
    app = opened(gallery="photos", word="kingfisher")
    assert [app.button(key=f"search-for-{number}").label for number in range(2)] == ["coraciiform bird", "bird"]
    app.button(key="search-for-1").click().run()
    assert visitor(app).query.word == "bird"
    assert "has not learnt" not in said(app)


def test_of_several_words_the_known_one_is_used_and_the_page_says_so() -> None:
    app = opened(gallery="photos", word="red car")
    assert visitor(app).query.word == "car"
    assert "The network has not learnt “red car”: this is what it finds for “car”." in said(app)


def test_other_meanings_are_offered() -> None:
    app = opened(gallery="photos", word="crane")
    app.button(key="also-0").click().run()
    assert visitor(app).query.word == "crane (wading bird)"


def test_a_histogram_knows_no_words_and_the_page_says_so() -> None:
    app = opened(gallery="photos", word="dog", method="compare")
    assert "A histogram counts shades and knows no words" in said(app)
    assert headings(app)[0] == "12 nearest to “dog”"
    assert len(app.get("plotly_chart")) == 2  # bars and strip, and no histogram of both pictures


def test_in_fashion_a_word_is_one_of_its_kinds() -> None:
    app = opened(word="shoes")
    assert "The network learnt 3 kinds of it: Sandal, Sneaker, Ankle boot" in said(app)
    assert not any(button.key == "called-0" for button in app.button)


def test_a_word_that_the_next_gallery_does_not_know_is_said_and_a_sample_searched_for() -> None:
    app = opened(gallery="photos", word="penguin")
    app.selectbox(key="gallery").set_value("fashion").run()
    assert not app.exception
    assert visitor(app).query.word == ""
    assert "This gallery does not know “penguin”" in said(app)


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_works_for_a_word(panel: str) -> None:
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.query_params["gallery"], app.query_params["word"] = "photos", "boat"
    app.session_state["panel"] = panel
    app.run()
    assert not app.exception
    assert headings(app)[0] == "12 nearest to “boat”"
    if panel == TAKING:
        assert "word=boat" in app.code[0].value


def test_what_a_word_stands_for_is_said_in_a_sentence() -> None:
    assert meaning(["dog"], "dog") == "The network learnt this word."
    assert meaning(["ox"], "cows") == "The network learnt it as ox."
    assert meaning([*"abcdefgh"], "letter").endswith("a, b, c, d, e, f and 2 more. The nearest of them counts.")


def test_words_are_drawn_inside_their_square() -> None:
    for word in ("dog", "soft-coated wheaten terrier", "m" * 60):
        tile = word_tile(word)
        assert tile.shape == (SIDE, SIDE, 3)
        inside = np.any(tile != tile[0, 0], axis=2)
        assert inside.any()
    assert not np.any(word_tile("dog")[:20] != word_tile("dog")[0, 0])


def test_suggestions_are_words_that_people_say() -> None:
    from imgsearch.search.gallery_words import vocabulary_of

    suggested = view._suggestions(vocabulary_of(open_gallery(ASSETS / "galleries" / "photos"))).split("\n")
    assert suggested[0] == "animal"
    assert {"dog", "boat", "musical instrument"} <= set(suggested)
    assert "instrumentality" not in suggested
