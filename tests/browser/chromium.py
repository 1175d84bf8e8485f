"""Start the page, and Chromium in front of it."""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import playwright.sync_api as playwright
from playwright.sync_api import Browser, Locator, LocatorAssertions, Page, Playwright

from tests import serving

ROOT = Path(__file__).resolve().parents[2]
LAPTOP = {"width": 1366, "height": 768}
WIDE = {"width": 1920, "height": 1080}
PHONE = {"width": 390, "height": 844}
PHONE_AGENT = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome Mobile Safari/537.36"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
GROUND = {"light": "rgb(251, 250, 246)", "dark": "rgb(20, 23, 26)"}
"""The page's colour in either theme."""
GRANTED = ["clipboard-read", "clipboard-write"]
"""What a tab may do without asking; all else is refused."""
_OFTEN = 25  # milliseconds
_A_WHILE = 2_400  # milliseconds: whoever gives Playwright longer is asked twice a second only, else every tenth
PATIENCE = 60_000
"""Milliseconds that a slow machine may take for what is not measured."""

# Asked again and again by the page itself, which answers at once. Beside the script of the page there is what a page
# needs of Streamlit for the first time, whose places skeletons keep, and what the server is about to be told of: which
# parts have come into view.
SETTLED = """(asked) => {
    const told = (sight) => Object.entries(sight.now ?? {}).every(([part, seen]) => sight.seen[part] === seen)
    const sights = [...document.querySelectorAll(".st-key-sight *")]
        .map((one) => one.shadowRoot?.querySelector('#sight'))
    const done = document.querySelector("[data-test-script-state='notRunning']")
        && !document.querySelector('[data-testid=stSkeleton]')
        && sights.every((sight) => !sight || told(sight))
    if (!done || window.quiet?.asked !== asked) window.quiet = { asked, since: performance.now() }
    return performance.now() - window.quiet.since > 200
}"""
OPENED = """() => document.body?.textContent.includes('pictures searched')
    && [...document.querySelectorAll("[class*='st-key-cards-'] *")].some(
        (one) => one.shadowRoot?.querySelector('li'))"""


def find() -> str | None:
    """The browser to drive; None if there is none on this machine."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return None


def launch(given: Playwright, *flags: str) -> Browser:
    """A Chromium that touches nothing but the page."""
    return given.chromium.launch(executable_path=find(), args=[*FLAGS, *flags])


@contextlib.contextmanager
def serve(script: Path = ROOT / "app.py", *, port: int = 0, **environment: str) -> Iterator[str]:
    """The address of a fresh server of the page; it is gone afterwards."""
    with serving.serve(script, port=port, **environment) as server:
        yield server.address


class _Asked:
    """Playwright's assertions, with all the patience there is and yet asked often."""

    def __init__(self, assertions: LocatorAssertions) -> None:
        self._assertions = assertions

    def __getattr__(self, name: str) -> Callable[..., None]:
        def ask(*given: Any, **named: Any) -> None:
            until = time.monotonic() + PATIENCE / 1000
            while True:
                try:
                    return getattr(self._assertions, name)(*given, **named, timeout=_A_WHILE)
                except AssertionError:
                    if time.monotonic() > until:
                        raise

        return ask


def expect(what: Locator) -> _Asked:
    """What is to be true of the page sooner or later, as Playwright's own `expect`."""
    return _Asked(playwright.expect(what))


def visit(page: Page, address: str) -> None:
    """Open the page and wait until all of it is there."""
    page.goto(address, wait_until="commit")
    page.wait_for_function(OPENED, polling=_OFTEN)
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page has nothing left to do."""
    page.wait_for_function(SETTLED, arg=time.perf_counter(), polling=_OFTEN)


def cards(page: Page, column: str = "") -> Locator:
    """The cards of the matches in their order, of one column where two rankings stand side by side."""
    return page.locator(f"[class*='st-key-cards-{column}'] li")


def ranking(page: Page, column: str = "") -> list[str]:
    """What is written on every card."""
    return [" ".join(text.split()) for text in cards(page, column).all_inner_texts()]


def pictures(page: Page, column: str = "") -> list[str]:
    """The addresses of the pictures on the cards: they tell one ranking from another."""
    found = cards(page, column)
    return found.locator("img").evaluate_all("images => images.map((image) => image.src)")


def query(page: Page) -> str:
    """The address of the query's picture."""
    picture = page.locator("#picture")
    expect(picture).to_have_attribute("src", re.compile("^data:"))
    return picture.get_attribute("src") or ""
