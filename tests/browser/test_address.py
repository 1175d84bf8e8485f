"""The address says what the page shows, whichever way a visitor came to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.chromium import cards, expect, pictures, query, ranking, settle, visit


def _state(page: Page) -> dict[str, Any]:
    """What the page shows of all that the address speaks of."""
    settle(page)
    expect(page.get_by_role("heading", name=re.compile("Why is match"))).to_be_visible()
    return {
        "gallery": page.get_by_role("combobox", name="Search in").input_value(),
        "heading": page.get_by_role("heading", name=re.compile(r"\d+ nearest by")).inner_text(),
        "query": query(page),
        "matches": pictures(page),
        "why": page.get_by_role("heading", name=re.compile("Why is match")).inner_text(),
    }


def _choose_gallery(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="Search in").click()
    page.get_by_role("option", name=name).click()


def _changed(page: Page, act: Callable[[], None]) -> None:
    """Do something, and wait until the address says so."""
    before = page.url
    act()
    page.wait_for_function("before => location.href !== before", arg=before)
    settle(page)


def test_back_and_forward_go_through_what_was_chosen(page: Page, address: str) -> None:
    visit(page, address)
    states = [_state(page)]
    for act in (
        lambda: _choose_gallery(page, "Photos"),
        lambda: page.get_by_text("Euclidean histogram", exact=True).click(),
        lambda: cards(page).nth(2).get_by_role("button", name="Find similar").click(),
        lambda: cards(page).nth(1).get_by_role("button", name="Why?").click(),
    ):
        _changed(page, act)
        states.append(_state(page))
    assert len({str(state) for state in states}) == len(states)
    for state in reversed(states[:-1]):
        _changed(page, page.go_back)
        assert _state(page) == state
    for state in states[1:]:
        _changed(page, page.go_forward)
        assert _state(page) == state
    page.reload()
    expect(page.get_by_text("pictures searched").first).to_be_visible()
    assert _state(page) == states[-1]
    assert page.url.startswith(address)


def test_hand_written_address_survives_a_reload(page: Page, address: str) -> None:
    written = f"{address}?gallery=photos&method=histogram&matches=7"
    visit(page, written)
    shown = _state(page)
    assert shown["gallery"] == "Photos"
    assert len(shown["matches"]) == 7
    assert page.url == written
    page.reload()
    expect(page.get_by_text("pictures searched").first).to_be_visible()
    assert _state(page) == shown
    assert page.url == written


def test_address_by_what_is_written_on_the_controls_is_understood(page: Page, address: str) -> None:
    visit(page, f"{address}?gallery=Photos&method=Euclidean+histogram&histogram=By+region")
    shown = _state(page)
    assert shown["gallery"] == "Photos"
    assert "4×4 grid" in shown["heading"]


def test_link_to_exactly_this_has_the_part_the_marks_and_the_match(page: Page, address: str) -> None:
    visit(page, f"{address}?gallery=photos&method=siamese")
    _changed(page, lambda: _crop(page))
    _changed(page, cards(page).nth(4).get_by_role("button", name="More like this").click)
    _changed(page, cards(page).nth(8).get_by_role("button", name="Not like this").click)
    _changed(page, cards(page).nth(3).get_by_role("button", name="Why?").click)
    shown, order, area = _state(page), ranking(page), page.locator("#box").get_attribute("style")
    page.get_by_role("radio", name="Export").click()
    expect(page.get_by_text("A link to exactly this")).to_be_visible()
    link = page.locator("code", has_text="sample=").inner_text()
    for there in (link, page.url):
        page.goto("about:blank")
        visit(page, there)
        assert _state(page) == shown
        assert ranking(page) == order
        assert page.locator("#box").get_attribute("style") == area
        expect(page.get_by_role("button", name="Clear 2 marks")).to_be_visible()


def test_uploaded_picture_is_found_again_by_back_and_said_to_be_gone_after_a_reload(
    page: Page, address: str, photograph: Path, tmp_path: Path
) -> None:
    visit(page, f"{address}?gallery=photos")
    _changed(page, lambda: page.locator("input[type=file]").first.set_input_files(photograph))
    mine = page.get_by_alt_text("Your picture: photograph.jpg")
    expect(mine).to_be_visible()
    shown = _state(page)
    _changed(page, page.locator("#strip button").nth(3).click)
    expect(mine).to_have_count(0)
    _changed(page, page.go_back)
    expect(mine).to_be_visible()
    assert _state(page) == shown
    page.reload()
    gone = page.get_by_text("Your picture is gone")
    expect(gone).to_be_visible()
    expect(mine).to_have_count(0)
    settle(page)
    unread = tmp_path / "letter.pdf"
    unread.write_bytes(b"%PDF-1.7")
    page.locator("input[type=file]").first.set_input_files(unread)
    expect(page.get_by_text("This is a PDF document")).to_be_visible()
    expect(gone).to_have_count(0)


def _crop(page: Page) -> None:
    edges = page.locator("#frame").bounding_box()
    assert edges is not None
    page.mouse.move(edges["x"] + 0.2 * edges["width"], edges["y"] + 0.2 * edges["height"])
    page.mouse.down()
    page.mouse.move(edges["x"] + 0.8 * edges["width"], edges["y"] + 0.7 * edges["height"], steps=5)
    page.mouse.up()


def test_filter_acts_while_its_controls_are_closed(page: Page, address: str) -> None:
    visit(page, f"{address}?method=histogram&sample=q7&without=Pullover&hide-query=yes")
    both = page.get_by_text("without Pullover, without the query itself")
    controls = page.locator(".st-key-only, .st-key-without, .st-key-hide-query")
    opens = page.get_by_text("Filter", exact=True)
    expect(both).to_be_visible()
    # The browser goes over all that is on the page at every change.
    expect(controls).to_have_count(0)
    opens.click()
    expect(page.get_by_test_id("stMultiSelect").get_by_text("Pullover")).to_be_in_viewport()
    hide = page.get_by_role("switch", name="Hide the query itself")
    expect(hide).to_be_checked()
    page.get_by_text("Hide the query itself").click()
    expect(both).to_have_count(0)
    opens.click()
    expect(controls).to_have_count(0)
    settle(page)
    before = ranking(page)
    assert not any("Pullover" in text for text in before)
    page.get_by_text("By region", exact=True).click()
    expect(page.get_by_text("without Pullover")).to_be_visible()
    settle(page)
    assert ranking(page) != before and not any("Pullover" in text for text in ranking(page))
    opens.click()
    expect(hide).not_to_be_checked()


def test_filter_comes_back_with_the_address(page: Page, address: str) -> None:
    visit(page, f"{address}?method=histogram&sample=q7&only=Pullover")
    assert all("Pullover" in text for text in ranking(page))
    hidden = page.get_by_text("Only Pullover, without the query itself")
    page.get_by_text("Filter", exact=True).click()
    toggle = page.get_by_text("Hide the query itself")
    expect(toggle).to_be_in_viewport()
    page.wait_for_timeout(500)
    _changed(page, toggle.click)
    expect(hidden).to_be_visible()
    _changed(page, page.go_back)
    expect(hidden).to_have_count(0)
    _changed(page, page.go_forward)
    expect(hidden).to_be_visible()
    page.reload()
    expect(hidden).to_be_visible()
