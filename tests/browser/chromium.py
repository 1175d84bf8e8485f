"""Start the page, and Chromium in front of it."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, Playwright, expect

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
PATIENCE = 60_000
"""Milliseconds that a slow machine may take for what is not measured."""


def find() -> str | None:
    """The browser to drive; None if there is none on this machine."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return None


def launch(playwright: Playwright, *flags: str) -> Browser:
    """A Chromium that touches nothing but the page."""
    return playwright.chromium.launch(executable_path=find(), args=[*FLAGS, *flags])


@contextlib.contextmanager
def serve(script: Path = ROOT / "app.py", *, port: int = 0, **environment: str) -> Iterator[str]:
    """The address of a fresh server of the page; it is gone afterwards."""
    with serving.serve(script, port=port, **environment) as server:
        yield server.address


def visit(page: Page, address: str) -> None:
    """Open the page and wait until all of it is there."""
    page.goto(address)
    page.get_by_text("pictures searched").first.wait_for(timeout=PATIENCE)
    cards(page).first.wait_for(timeout=PATIENCE)
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page has nothing left to do."""
    page.locator("[data-test-script-state='notRunning']").first.wait_for(timeout=PATIENCE, state="attached")
    page.wait_for_timeout(150)
    page.locator("[data-test-script-state='notRunning']").first.wait_for(timeout=PATIENCE, state="attached")
    # Parts of Streamlit that a page needs for the first time are fetched after its script has run.
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=PATIENCE)


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
