"""Results that leave the page."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from imgsearch.gallery.gallery import Gallery
from imgsearch.methods.histogram import ColourHistogram
from imgsearch.presentation.export import heading, to_csv, to_json, to_slide
from imgsearch.search.filtering import Filter
from imgsearch.search.result import Result
from imgsearch.search.search import search
from tests.galleries import gallery_of

NAMES = ["a.png", '=HYPERLINK("http://x")', "+1.png", 'b,\n"c".png']


@pytest.fixture
def gallery() -> Gallery:
    pictures = [np.full((30, 40, 3), shade, np.uint8) for shade in (0, 80, 160, 250)]
    methods = [ColourHistogram(), ColourHistogram(bins=(4, 4, 4), grid=2)]
    return gallery_of(pictures, methods, name="four", title="Four", labels=["x", "@y", "x", "x"], names=NAMES)


@pytest.fixture
def found(gallery: Gallery) -> list[Result]:
    return [search(gallery, key, gallery.picture(1), k=4) for key in gallery.methods]


def test_csv_has_every_match_and_runs_nothing(found: list[Result]) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(found))))
    assert [row["method"] for row in rows] == ["histogram"] * 4 + ["histogram-grid"] * 4
    assert rows[0]["rank"] == "1"
    assert float(rows[0]["score"]) == 0
    for row in rows:
        assert not row["file"].startswith(("=", "+", "-", "@"))
        assert not row["label"].startswith("@")
    assert {row["file"] for row in rows} >= {"a.png", '\'=HYPERLINK("http://x")', "'+1.png"}


def test_json_has_every_match_with_its_numbers(gallery: Gallery, found: list[Result]) -> None:
    content = json.loads(to_json(gallery, "me", found))
    assert content["gallery"] == "four"
    assert content["query"] == "me"
    for ranking, result in zip(content["rankings"], found, strict=True):
        assert ranking["filter"] == {"only": [], "without": [], "hide_query": False, "passing": 4}
        assert [match["index"] for match in ranking["matches"]] == [match.index for match in result.matches]
        assert ranking["matches"][0]["identical"]


def test_what_is_taken_along_says_which_filter_was_on(gallery: Gallery, found: list[Result]) -> None:
    shown = Filter(only=("x",), hide_query=True)
    left = [search(gallery, key, gallery.picture(1), k=4, shown=shown) for key in gallery.methods]
    assert {row["filter"] for row in csv.DictReader(io.StringIO(to_csv(found)))} == {""}
    assert {row["filter"] for row in csv.DictReader(io.StringIO(to_csv(left)))} == {"only x, without the query itself"}
    ranking = json.loads(to_json(gallery, "me", left))["rankings"][0]
    assert ranking["filter"] == {"only": ["x"], "without": [], "hide_query": True, "passing": 3}
    line = (60, 136, 420, 166)
    without, withal = (
        Image.open(io.BytesIO(to_slide(gallery, gallery.picture(1), "me", each))) for each in (found, left)
    )
    assert len(without.crop(line).getcolors()) == 1 < len(withal.crop(line).getcolors())


@pytest.mark.parametrize("rankings", [1, 2])
def test_slide_is_a_picture_of_fixed_size_with_the_matches_on_it(
    gallery: Gallery, found: list[Result], rankings: int
) -> None:
    data = to_slide(gallery, gallery.picture(1), "me", found[:rankings])
    with Image.open(io.BytesIO(data)) as slide:
        assert slide.format == "PNG"
        assert slide.size == (1600, 900)
        colours = {colour for _, colour in slide.convert("RGB").getcolors(1 << 24) or []}
    for shade in (0, 80, 160, 250):
        assert any(max(abs(value - shade) for value in colour) < 8 for colour in colours)


def test_the_slide_says_how_many_of_how_many_and_keeps_the_verdict(found: list[Result]) -> None:
    assert heading(found[0], 3) == f"{found[0].method.title}: 3 of 4 matches"
    assert heading(found[0], 8) == f"{found[0].method.title}: 4 of 4 matches"
    assert heading(replace(found[0], doubt="nothing"), 8).endswith("nothing looks like this")
    assert heading(replace(found[0], doubt="unsure"), 8).endswith("no confident match")
