"""While the server is away, the page says so in words for visitors, and what does not work looks so."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Locator

from tests.browser import chromium
from tests.browser.chromium import cards, expect, settle, visit

# Whether Streamlit has opened its dialog, be it for a moment.
WATCH = """() => new MutationObserver(() => {
    const dialogs = [...document.querySelectorAll('[role=dialog]')]
    window.opened ||= dialogs.some((one) => one.innerText.includes('yourscript'))
}).observe(document.body, { childList: true, subtree: true })"""


def shade(one: Locator) -> float:
    return float(one.evaluate("one => getComputedStyle(one).opacity"))


def test_server_that_is_away_and_comes_back_without_what_was_uploaded(browser: Browser, photograph: Path) -> None:
    context = browser.new_context(viewport=chromium.LAPTOP)
    context.set_default_timeout(chromium.PATIENCE)
    page, with_upload = context.new_page(), context.new_page()
    note = page.get_by_text("The server does not answer. What is on the page stays")
    similar = cards(page).first.get_by_role("button", name="Find similar")
    sample = page.locator("#strip button").nth(2)
    with chromium.serve() as first:
        # Under this name Streamlit's dialog speaks of a terminal.
        visit(page, first.replace("127.0.0.1", "localhost"))
        port = int(first.rstrip("/").rpartition(":")[2])
        expect(note).to_be_hidden()
        assert shade(similar) == shade(sample) == 1
        visit(with_upload, f"{first}?gallery=photos&method=histogram")
        with_upload.locator("input[type=file]").first.set_input_files(photograph)
        expect(with_upload.get_by_alt_text("Your picture: photograph.jpg")).to_be_visible()
        settle(with_upload)
        page.evaluate(WATCH)
    expect(note).to_be_visible()
    page.wait_for_function("window.opened")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("yourscript.py")).to_have_count(0)
    # What needs no server opens still.
    page.get_by_test_id("stMainMenu").click()
    expect(page.get_by_text("Print")).to_be_visible()
    page.keyboard.press("Escape")
    assert shade(similar) < 0.5
    assert shade(sample) < 0.5
    expect(page.get_by_role("button", name="Webcam")).to_be_disabled()
    expect(cards(page)).to_have_count(12)
    with chromium.serve(port=port):
        expect(note).to_be_hidden()
        assert shade(similar) == 1
        settle(page)
        similar.click()
        page.wait_for_url("**sample=g**")
        settle(page)
        expect(cards(page)).to_have_count(12)
        expect(with_upload.get_by_text("Your picture is gone")).to_be_visible()
        expect(with_upload.get_by_role("heading", name="nearest by Euclidean histogram")).to_be_visible()
    context.close()
