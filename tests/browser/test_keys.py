"""Keys of the keyboard that change the page from wherever the focus is."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.browser.chromium import cards, expect, query, settle, visit


def test_number_keys_change_the_method(page: Page, address: str) -> None:
    visit(page, address)
    chosen = page.locator(".st-key-method")
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="nearest by Euclidean histogram")).to_be_visible()
    page.keyboard.press("3")
    expect(cards(page, "0")).to_have_count(12)
    expect(cards(page, "1")).to_have_count(12)
    expect(chosen.get_by_role("radio", name="Compare both")).to_be_checked()
    page.wait_for_url("**method=compare**")
    # From inside a component, too.
    cards(page, "0").nth(1).get_by_role("button", name="Why?").focus()
    page.keyboard.press("2")
    expect(page.get_by_role("heading", name="nearest by Siamese network")).to_be_visible()
    expect(chosen.get_by_role("radio", name="Siamese network")).to_be_checked()
    chosen.get_by_test_id("stTooltipIcon").hover()
    expect(page.get_by_text("On the keyboard: 1, 2, 3.")).to_be_visible()


def test_number_keys_are_left_to_fields_shortcuts_and_dialogs(page: Page, address: str) -> None:
    visit(page, f"{address}?method=siamese")
    heading = page.get_by_role("heading", name=re.compile("nearest by"))
    page.locator("#word").click()
    page.keyboard.press("1")
    expect(page.locator("#word")).to_have_value("1")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    for shortcut in ("Control+1", "Alt+1", "4", "0"):
        page.keyboard.press(shortcut)
    asked = query(page)
    cards(page).nth(1).get_by_role("button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("1")
    settle(page)
    expect(heading).to_have_text(re.compile("Siamese"))
    assert query(page) == asked
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("1")
    expect(heading).to_have_text(re.compile("Euclidean"))
