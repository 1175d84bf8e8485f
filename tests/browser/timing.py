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
# The same as a part of this page: what Streamlit itself takes for the smallest change among all that is on it.
SAME_PAGE = """import runpy
import streamlit as st
runpy.run_path("app.py")
@st.fragment
def toggle():
    st.text("off" if not st.toggle("on", key="on") else "on")
with st.sidebar:
    toggle()
"""

# Does something and waits, frame by frame, until the condition holds; the time is the browser's own.
CLOCK = """async ([act, condition]) => {
    const holds = new Function(`return ${condition}`)
    const start = performance.now()
    new Function(act)()
    while (!holds()) {
        if (performance.now() - start > 60000) throw new Error(condition)
        await new Promise(requestAnimationFrame)
    }
    return performance.now() - start
}"""

# The cards are in a component of their own, behind its shadow root.
CARDS = """[...document.querySelectorAll("[class*='st-key-cards-'] *")].flatMap(
    (one) => one.shadowRoot ? [...one.shadowRoot.querySelectorAll('li')] : []
)"""
# The same for asking at every frame: looking through the whole page for them took 0.7 ms of each.
WATCHED = f"(window.watched?.isConnected ? window.watched : window.watched = {CARDS}[0].parentElement).children"

# The first card of each is of that kind.
WORDS = ("dog", "bird", "fish", "frog", "camel", "dam", "hammer", "musical instrument", "vehicle", "screwdriver")
FIELD = """[...document.querySelectorAll("[class*='st-key-word-field'] *")].map(
    (one) => one.shadowRoot?.querySelector('#word')
).find(Boolean)"""


def measure(page: Page, address: str, empty: str, repeats: int) -> dict[str, float]:
    """Median milliseconds from a click to what it changes on the screen.

    Parameters
    ----------
    page : Page
    address, empty : str
        Of the page, and of a page with one toggle that changes one line of text.
    repeats : int
    """
    smallest = toggled(page, empty, repeats)
    visit(page, address)
    times: dict[str, list[float]] = {"change of method": [], "number of matches": [], "selected match": []}
    for turn in range(repeats):
        number, word = ((0, "distance"), (1, "cosine"))[turn % 2]
        # All cards show the new scores.
        shown = f"[...{WATCHED}].filter((card) => card.textContent.includes('{word}')).length === 12"
        click = f"document.querySelectorAll('[data-testid=stRadio] input')[{number}].click()"
        times["change of method"].append(_clock(page, click, shown))
    for turn in range(repeats):
        key, count = (("ArrowRight", 13), ("ArrowLeft", 12))[turn % 2]
        page.get_by_role("slider", name="Matches").focus()
        press = f"""document.activeElement.dispatchEvent(
            new KeyboardEvent('keydown', {{ key: '{key}', code: '{key}', bubbles: true }})
        )"""
        times["number of matches"].append(_clock(page, press, f"{WATCHED}.length === {count}"))
    for turn in range(repeats):
        rank = 2 + turn % 4
        said = f"[...document.querySelectorAll('h2')].some((h) => h.innerText.includes('Why is match {rank} similar?'))"
        click = f"{WATCHED}[{rank - 1}].querySelector('.why').click()"
        times["selected match"].append(_clock(page, click, said))
    visit(page, f"{address}?gallery=photos&word=boat")
    page.locator("#word").click()
    settle(page)
    times["a word"] = [_word(page, WORDS[turn % len(WORDS)]) for turn in range(repeats)]
    return {"smallest round trip": smallest} | {name: statistics.median(values) for name, values in times.items()}


def toggled(page: Page, address: str, repeats: int) -> float:
    """Median milliseconds from a click on a toggle to the one line of text that it changes."""
    page.goto(address)
    page.get_by_text("off", exact=True).wait_for()
    click = "document.querySelector('.st-key-on input').click()"
    said = "document.querySelector('[data-testid=stText]').innerText === "
    return statistics.median(_clock(page, click, f"{said}'{text}'") for text in ("on", "off") * (repeats // 2))


def _word(page: Page, word: str) -> float:
    """From the last key to the first card that the word finds."""
    page.locator("#word").fill(word)
    press = f"""const field = {FIELD}; field.dispatchEvent(
        new KeyboardEvent('keydown', {{ key: 'Enter', code: 'Enter', bubbles: true, composed: true }})
    )"""
    return _clock(page, press, f"({WATCHED}[0]?.textContent ?? '').toLowerCase().includes('{word}')")


def _clock(page: Page, act: str, condition: str) -> float:
    settle(page)
    page.wait_for_timeout(700)
    return float(page.evaluate(CLOCK, [act, condition.replace("\n", " ")]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    with TemporaryDirectory() as folder:
        script, same = Path(folder) / "empty.py", Path(folder) / "same.py"
        script.write_text(EMPTY_PAGE)
        same.write_text(SAME_PAGE)
        with (
            chromium.serve() as address,
            chromium.serve(script) as empty,
            chromium.serve(same, PYTHONPATH=str(chromium.ROOT)) as same_page,
            sync_playwright() as playwright,
        ):
            browser = chromium.launch(playwright)
            page = browser.new_page(viewport=chromium.LAPTOP)
            page.set_default_timeout(chromium.PATIENCE)
            found = measure(page, address, empty, wanted.repeats)
            found["the smallest on this page"] = toggled(page, same_page, wanted.repeats)
            browser.close()
    if wanted.json:
        print(json.dumps(found))
        return
    for name, milliseconds in found.items():
        print(f"{name:26} {milliseconds:7.0f} ms")


if __name__ == "__main__":
    main()
