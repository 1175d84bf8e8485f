"""How long a change takes, in the browser: `python -m tests.browser.timing` prints medians in milliseconds."""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from tests.browser import chromium
from tests.browser.chromium import settle, visit

EMPTY_PAGE = """import streamlit as st
st.text("off" if not st.toggle("on", key="on") else "on")
"""

# Clicks an element and waits, frame by frame, until the condition holds; the time is the browser's own.
CLOCK = """async ([selector, number, condition]) => {
    const element = document.querySelectorAll(selector)[number]
    const holds = new Function(`return ${condition}`)
    const start = performance.now()
    element.click()
    while (!holds()) {
        if (performance.now() - start > 60000) throw new Error(condition)
        await new Promise(requestAnimationFrame)
    }
    return performance.now() - start
}"""


def measure(page: Page, address: str, empty: str, repeats: int) -> dict[str, float]:
    """Median milliseconds from a click to what it changes on the screen.

    Parameters
    ----------
    page : Page
    address, empty : str
        Of the page, and of a page with one toggle that changes one line of text.
    repeats : int
    """
    page.goto(empty)
    page.get_by_text("off", exact=True).wait_for()
    settle(page)
    toggle = [
        _clock(
            page, "input[type=checkbox]", 0, f"document.querySelector('[data-testid=stText]').innerText === '{text}'"
        )
        for text in ("on", "off") * (repeats // 2)
    ]
    visit(page, address)
    methods, selections = [], []
    for turn in range(repeats):
        number, word = ((1, "cosine"), (0, "distance"))[turn % 2]
        # All cards show the new scores.
        cards = "[...document.querySelectorAll(\"[class*='st-key-card-']\")]"
        shown = f"{cards}.filter((card) => card.innerText.includes('{word}')).length === 12"
        methods.append(_clock(page, "[data-testid=stRadio] input", number, shown))
    for turn in range(repeats):
        rank = 2 + turn % 4
        said = f"[...document.querySelectorAll('h2')].some((h) => h.innerText.includes('Why match {rank}?'))"
        selections.append(_clock(page, f".st-key-why-0-{rank} button", 0, said))
    return {
        "smallest round trip": statistics.median(toggle),
        "change of method": statistics.median(methods),
        "selected match": statistics.median(selections),
    }


def _clock(page: Page, selector: str, number: int, condition: str) -> float:
    settle(page)
    page.wait_for_timeout(700)
    return float(page.evaluate(CLOCK, [selector, number, condition]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    with TemporaryDirectory() as folder:
        script = Path(folder) / "empty.py"
        script.write_text(EMPTY_PAGE)
        with chromium.serve() as address, chromium.serve(script) as empty, sync_playwright() as playwright:
            browser = chromium.launch(playwright)
            page = browser.new_page(viewport=chromium.LAPTOP)
            page.set_default_timeout(chromium.PATIENCE)
            found = measure(page, address, empty, wanted.repeats)
            browser.close()
    if wanted.json:
        print(json.dumps(found))
        return
    for name, milliseconds in found.items():
        print(f"{name:22} {milliseconds:7.0f} ms")


if __name__ == "__main__":
    main()
