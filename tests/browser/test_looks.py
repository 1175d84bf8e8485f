"""How it looks and feels: the fold, the phone, both themes, accessibility."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import chromium
from tests.browser.axe import violations
from tests.browser.chromium import cards, expect, settle, visit

METHODS = ["histogram", "siamese", "compare"]


@pytest.mark.parametrize("method", METHODS)
def test_first_row_of_matches_is_above_the_fold_of_a_laptop(page: Page, address: str, method: str) -> None:
    visit(page, f"{address}?method={method}")
    picture = cards(page).first.locator("img").bounding_box()
    assert picture is not None
    assert picture["y"] + picture["height"] <= chromium.LAPTOP["height"]
    query = page.locator("#frame").bounding_box()
    assert query is not None
    assert query["width"] >= 200
    if method != "compare":
        button = cards(page).nth(1).get_by_role("button", name="Why?").bounding_box()
        assert button is not None
        assert button["y"] + button["height"] <= chromium.LAPTOP["height"]


@pytest.mark.parametrize("method", METHODS)
def test_phone_shows_everything_without_scrolling_sideways(phone: Page, address: str, method: str) -> None:
    visit(phone, f"{address}?method={method}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= chromium.PHONE["width"]
    for box in _boxes(cards(phone)):
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= chromium.PHONE["width"] + 1
    # Two cards side by side, not one after the other.
    first, second = _boxes(cards(phone))[:2]
    assert abs(first["y"] - second["y"]) < 2


def test_phone_goes_to_the_explanation_that_was_asked_for(phone: Page, address: str) -> None:
    visit(phone, address)
    heading = phone.get_by_role("heading", name=re.compile("Why is match"))
    expect(heading).not_to_be_in_viewport()
    cards(phone).nth(1).get_by_role("button", name="Why?").tap()
    expect(heading).to_have_text(re.compile("Why is match 2"))
    expect(heading).to_be_in_viewport()


@pytest.mark.parametrize(("method", "scheme"), [("histogram", "light"), ("siamese", "dark"), ("compare", "light")])
def test_axe_finds_nothing_of_ours_and_every_picture_and_chart_has_a_name(
    page: Page, address: str, method: str, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    visit(page, f"{address}?method={method}")
    ours = violations(page)
    assert not ours, "\n".join(ours)
    nameless = page.locator("img").evaluate_all(
        "all => all.filter((one) => !one.alt).map((one) => one.outerHTML.slice(0, 200))"
    )
    assert nameless == []
    page.locator(".st-key-scores-0").scroll_into_view_if_needed()
    charts = page.locator("[data-testid=stPlotlyChart]")
    expect(charts.first).to_be_visible()
    for number in range(charts.count()):
        assert charts.nth(number).evaluate(
            "one => !!one.closest('[aria-label]') || !!one.querySelector('[aria-label]')"
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_of_ours_on_a_phone_in_dialogs_and_on_the_map(phone: Page, address: str, scheme: Any) -> None:
    phone.emulate_media(color_scheme=scheme)
    visit(phone, f"{address}?gallery=photos")
    assert not violations(phone)
    phone.get_by_role("button", name="Use your own picture").tap()
    expect(phone.get_by_role("button", name="Paste")).to_be_in_viewport()
    assert not violations(phone)
    phone.get_by_role("button", name="Use your own picture").tap()
    expect(phone.get_by_role("button", name="Paste")).to_have_count(0)
    cards(phone).first.locator(".picture").tap()
    expect(phone.get_by_role("dialog")).to_be_visible()
    assert not violations(phone)
    phone.keyboard.press("Escape")
    phone.get_by_role("radio", name="Map of the gallery").tap()
    expect(phone.locator("#legend button").first).to_be_visible()
    settle(phone)
    assert not violations(phone)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_theme_and_typeface_are_our_own(page: Page, address: str, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    visit(page, address)
    assert page.locator(".stApp").evaluate("one => getComputedStyle(one).backgroundColor") == chromium.GROUND[scheme]
    assert "Figtree" in page.locator("h1").evaluate("one => getComputedStyle(one).fontFamily")
    assert page.evaluate("[...document.fonts].find((face) => face.family === 'Figtree').status") == "loaded"
    # Marks have the theme's colour for a match.
    page.locator(".st-key-scores-0").scroll_into_view_if_needed()
    match = {"light": "rgb(212, 85, 47)", "dark": "rgb(255, 138, 92)"}[scheme]
    assert page.locator("path.point").first.evaluate("one => getComputedStyle(one).fill") == match


def test_cards_are_equal_and_tiny_pictures_keep_sharp_edges(page: Page, address: str) -> None:
    visit(page, address)
    sizes = {(round(box["width"]), round(box["height"])) for box in _boxes(cards(page))}
    assert len(sizes) == 1
    picture = cards(page).first.locator("img")
    assert (picture.get_attribute("src") or "").startswith("data:image/png")
    assert picture.evaluate("one => getComputedStyle(one).imageRendering") == "pixelated"
    assert page.locator("#picture").evaluate("one => getComputedStyle(one).imageRendering") == "pixelated"


def test_nothing_is_fetched_from_elsewhere(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, f"{address}?method=compare")
    page.get_by_role("radio", name="Map of the gallery").click()
    settle(page)
    assert [
        url for url in asked if not url.startswith((address, "data:", "blob:", address.replace("http", "ws")))
    ] == []


def test_page_answers_without_a_network_once_it_is_there(page: Page, address: str) -> None:
    visit(page, address)
    note = page.get_by_text("You are offline")
    expect(note).to_be_hidden()
    page.context.set_offline(True)
    expect(note).to_be_visible()
    expect(cards(page)).to_have_count(12)
    page.context.set_offline(False)
    expect(note).to_be_hidden()


def test_pictures_do_not_move_when_the_selection_changes(page: Page, address: str) -> None:
    visit(page, address)
    before = [(box["x"], box["y"]) for box in _boxes(cards(page))]
    cards(page).nth(1).get_by_role("button", name="Why?").click()
    expect(page.get_by_role("heading", name="Why is match 2 similar?")).to_be_visible()
    settle(page)
    assert [(box["x"], box["y"]) for box in _boxes(cards(page))] == before


def _boxes(locator: Any) -> list[dict[str, float]]:
    return [locator.nth(number).bounding_box() for number in range(locator.count())]
