"""What an explanation adds up to is the score on the card, for every pair that a visitor can look at."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import Gallery
from imgsearch.gallery.persistence import open_gallery
from imgsearch.methods.explanations import BinExplanation, Heat, HeatExplanation
from imgsearch.page.views.explanation import explain, heat_sentence
from imgsearch.search.feedback import Marks
from imgsearch.search.reference import Reference
from imgsearch.search.result import Match, Result
from imgsearch.search.search import search, search_reference
from tests.galleries import DATA
from tests.page.app import APP
from tests.page.looking import look

PAIRS, EACH = 100, 8
MOST = 1e-5


@pytest.fixture(scope="module", params=["fashion", "photos"])
def gallery(request: pytest.FixtureRequest) -> Gallery:
    return open_gallery(ASSETS / "galleries" / str(request.param))


def test_the_shown_sum_of_a_hundred_pairs_is_the_shown_score(gallery: Gallery) -> None:
    for result, picture, match in _pairs(gallery, PAIRS):
        assert _off(gallery, result, picture, match) <= MOST


def test_a_picture_of_the_gallery_is_explained_from_its_stored_vector(gallery: Gallery) -> None:
    for index in np.linspace(0, gallery.n - 1, 10).astype(int).tolist():
        picture = gallery.prepare(gallery.picture(index))
        for key in gallery.methods:
            result = search_reference(gallery, key, Reference("g", index), k=4)
            for match in result.matches:
                assert _off(gallery, result, picture, match) <= MOST


def test_what_marks_put_into_a_query_is_said_and_counted(gallery: Gallery) -> None:
    picture = gallery.prepare(gallery.picture(7))
    for key in gallery.methods:
        result = search(gallery, key, picture, k=4, marks=Marks(more=(30, 40), less=(50,)))
        for match in result.matches:
            assert _off(gallery, result, picture, match) <= MOST
            explained = explain(gallery, picture, result, match)
            if isinstance(explained, HeatExplanation):
                assert explained.query is not None
                assert set(explained.query.parts) == {"your marks"}
                assert explained.query.parts["your marks"] != 0
                assert "your marks" in heat_sentence(explained, 0.0)


def test_own_pictures_are_explained_as_well_as_delivered_ones() -> None:
    """Large JPEGs, through the page: read, reduced, described and kept as every visitor's are."""
    page = AppTest.from_file(str(APP), default_timeout=300)
    page.query_params["gallery"] = "own"
    page.run()
    files = [(f"{number}.jpg", data, "image/jpeg") for number, data in enumerate(_large_jpegs(15))]
    page.file_uploader[0].set_value(files).run()
    page.button(key="own-make").click().run()
    while page.session_state["visitor"].own.building is not None:
        time.sleep(0.2)
        page.run()
    assert not page.exception
    gallery = page.session_state["visitor"].own.gallery
    assert gallery.n == 15
    for result, picture, match in _pairs(gallery, PAIRS // 2):
        assert _off(gallery, result, picture, match) <= MOST


def test_the_page_says_the_sum_that_is_on_the_card() -> None:
    page = AppTest.from_file(str(APP), default_timeout=120)
    page.query_params["gallery"] = "photos"
    look(page.run())
    said = next(text.value for text in page.markdown if "together they give" in text.value)
    first = next(heading.help for heading in page.header if heading.value.startswith("Why is match"))
    score = first.rpartition(" ")[2]
    assert said == f"Orange areas raise the similarity, blue areas lower it; together they give the score, **{score}**."
    assert "about" not in said


def test_the_page_says_what_marks_put_in() -> None:
    page = AppTest.from_file(str(APP), default_timeout=120).run()
    page.session_state["visitor"].marks.update({5: 1, 9: -1})
    look(page)
    assert not page.exception
    said = next(text.value for text in page.markdown if "The areas of" in text.value)
    score = next(heading.help for heading in page.header if heading.value.startswith("Why is match")).rpartition(" ")[2]
    numbers = re.search(r"give (\S+), your marks (\S+): together \*\*(\S+)\*\*, the score", said)
    assert numbers is not None
    places, marks, whole = (float(number.replace("\N{MINUS SIGN}", "-")) for number in numbers.groups())
    assert float(score) == whole == pytest.approx(places + marks, abs=0.0011)


def _pairs(gallery: Gallery, pairs: int) -> Iterator[tuple[Result, np.ndarray, Match]]:
    """Queries that are and are not in the gallery, by every method, with matches from the first to the last."""
    asked = pairs // EACH // len(gallery.methods) + 1
    for number in np.linspace(0, gallery.n - 1, asked).astype(int).tolist():
        query = gallery.picture(number)
        # Another picture than that of the gallery: the middle of it.
        height, width = (side // 8 for side in query.shape[:2])
        if gallery.preprocessing == "photo":
            query = query[height:-height, width:-width]
        elif gallery.queries is not None:
            query = gallery.queries.picture(number % gallery.queries.n)
        for key in gallery.methods:
            result = search(gallery, key, query, k=EACH)
            picture = gallery.prepare(query)
            for match in result.matches:
                yield result, picture, match


def _off(gallery: Gallery, result: Result, picture: np.ndarray, match: Match) -> float:
    """How far what is shown of a pair is from its score, at the worst."""
    explained = explain(gallery, picture, result, match)
    if isinstance(explained, BinExplanation):
        sums = [np.sqrt(explained.parts.sum()), np.sqrt(explained.per_bin.sum()), np.sqrt(explained.per_cell.sum())]
    else:
        assert isinstance(explained, HeatExplanation)
        assert explained.query is not None and explained.match is not None
        sums = [_drawn(explained.query), _drawn(explained.match)]
        # Nothing is hidden in the parts: the places alone make the score, but for what marks put in.
        assert set(explained.query.parts) <= {"your marks"} and not explained.match.parts
        sums += [explained.score]
    return max(abs(float(each) - match.score) for each in sums)


def _drawn(heat: Heat) -> float:
    """All heat as it is laid over the picture, and the parts beside it."""
    return float(heat.over(*heat.picture.shape[:2]).sum()) + sum(heat.parts.values())


def _large_jpegs(count: int) -> Iterator[bytes]:
    paths = sorted((DATA / "photos").glob("*/*.webp"))[:: 691 // count][:count]
    if len(paths) < count:
        pytest.skip("the photographs of ../shared/data are not here")
    for path in paths:
        file = io.BytesIO()
        with Image.open(path) as image:
            image.convert("RGB").resize((3 * image.width, 3 * image.height)).save(file, "JPEG", quality=90)
        yield file.getvalue()
