"""What passes between browser and server: while the server is away, the page says so; no message undoes a click."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, WebSocket

from tests.browser import chromium
from tests.browser.chromium import cards, expect, ranking, settle, visit

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


def test_click_is_not_undone_by_what_the_browser_tells_at_the_same_time(page: Page, address: str) -> None:
    passed: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda data: passed.append("seen" if b'"seen"' in data else "click"))
        socket.on("framereceived", lambda data: passed.append("answer"))

    page.on("websocket", listen)
    visit(page, f"{address}?gallery=photos&method=histogram")
    passed.clear()
    # What comes into view is told when it has stood still for a moment: just then there is a click.
    cards(page).nth(2).get_by_role("button", name="Show only Big cat: match 3").evaluate(
        """kind => {
            const part = document.querySelector('.st-key-all-0')
            part.scrollIntoView()
            new IntersectionObserver(() => setTimeout(() => kind.click(), 140)).observe(part)
        }"""
    )
    expect(page.get_by_role("button", name="Clear filter")).to_be_visible()
    settle(page)
    assert all("Big cat" in text for text in ranking(page))
    # That would say once more what the filter was before.
    click = passed.index("click")
    assert passed[click + 1] == "answer"
