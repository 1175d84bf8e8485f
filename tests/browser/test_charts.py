"""Charts and explanations as they are drawn: what is beside what, and what is over what."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.chromium import expect, settle, visit

Box = dict[str, Any]


@pytest.mark.parametrize("query", ["?method=siamese", "?method=histogram", "?gallery=photos&method=siamese"])
def test_title_of_the_scores_is_beside_their_numbers(page: Page, address: str, query: str) -> None:
    visit(page, address + query)
    chart = page.locator(".st-key-scores-0")
    chart.scroll_into_view_if_needed()
    (title,) = _boxes(chart.locator(".ytitle"))
    numbers = _boxes(chart.locator(".ytick text"))
    assert len(numbers) >= 3
    assert title["x"] + title["width"] + 2 <= min(number["x"] for number in numbers)
    (drawing,) = _boxes(chart.locator(".main-svg").first)
    assert title["x"] >= drawing["x"]


def test_names_of_the_measures_are_whole_on_a_phone(phone: Page, address: str) -> None:
    visit(phone, address)
    phone.get_by_role("radio", name="How good is it?").click()
    settle(phone)
    names = phone.locator(".st-key-below .xtick text")
    expect(names).to_have_count(5)
    boxes = sorted(_boxes(names), key=lambda box: box["x"])
    for left, right in zip(boxes, boxes[1:], strict=False):
        assert left["x"] + left["width"] <= right["x"]
    drawing = phone.locator(".st-key-below .main-svg").first.bounding_box()
    assert drawing is not None
    for box in boxes:
        assert drawing["x"] <= box["x"]
        assert box["x"] + box["width"] <= drawing["x"] + drawing["width"]
        assert box["y"] + box["height"] <= drawing["y"] + drawing["height"]


@pytest.mark.parametrize(("method", "width"), [("histogram", 1280), ("siamese", 1024), ("compare", 1024)])
def test_query_and_match_are_explained_side_by_side(page: Page, address: str, method: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    visit(page, f"{address}?gallery=photos&method={method}")
    for column in range(2 if method == "compare" else 1):
        part = page.locator(f".st-key-why-{column}")
        part.scroll_into_view_if_needed()
        pair = part.locator("img")
        expect(pair).to_have_count(2)
        query, match = _boxes(pair)
        assert query["y"] == match["y"]
        assert query["x"] + query["width"] <= match["x"]
        (explained,) = _boxes(part)
        assert match["x"] + match["width"] <= explained["x"] + explained["width"] + 1


def test_charts_of_photographs_can_be_read(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 1200})
    visit(page, f"{address}?gallery=photos&method=siamese")
    shades = page.locator(".st-key-shades-0")
    shades.scroll_into_view_if_needed()
    shades.get_by_role("radio", name="Red, green, blue").click()
    expect(shades.locator(".xtick text")).to_have_text(["red", "green", "blue"])
    settle(page)
    (plot,) = _boxes(shades.locator(".nsewdrag"))
    page.mouse.move(plot["x"] + 0.2 * plot["width"], plot["y"] + 0.5 * plot["height"])
    expect(shades.locator(".hovertext").first).to_have_text(
        re.compile(r"red \d+ to \d+:.*[\d.]+ % of the query and [\d.]+ % of match 1")
    )
    # What is written beside the line of chance is above the curve.
    everything = page.locator(".st-key-all-0")
    everything.scroll_into_view_if_needed()
    (note,) = _boxes(everything.locator(".annotation-text"))
    curve = _boxes(everything.locator(".scatterlayer .js-line"))[0]
    assert note["y"] + note["height"] <= curve["y"] + 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sample", ["", "&sample=g40"])
def test_shades_of_photographs_have_an_axis_and_no_text_over_their_bars(
    page: Page, address: str, scheme: Any, sample: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 1366, "height": 1200})
    visit(page, f"{address}?gallery=photos&method=siamese{sample}")
    shades = page.locator(".st-key-shades-0")
    shades.scroll_into_view_if_needed()
    expect(shades.locator(".ytitle")).to_have_text("% of the picture")
    numbers = shades.locator(".ytick text").all_text_contents()
    assert "0" in numbers and len(numbers) >= 3
    (plot,) = _boxes(shades.locator(".nsewdrag"))
    notes = _boxes(shades.locator(".annotation-text"))
    # A shade that goes on beyond the chart is said, too.
    assert len(notes) == (3 if sample else 2)
    for note in notes:
        assert note["y"] + note["height"] <= plot["y"] + 1 or note["y"] >= plot["y"] + plot["height"] - 1
    # A line around them makes black bars visible in the dark, and white ones on paper.
    bars = shades.locator(".bars path").evaluate_all("all => all.map((one) => getComputedStyle(one).stroke)")
    assert bars and set(bars) == {"rgb(128, 128, 128)"}


def _boxes(locator: Locator) -> list[Box]:
    expect(locator.first).to_be_visible()
    boxes = [one.bounding_box() for one in locator.all()]
    return [box for box in boxes if box is not None]
