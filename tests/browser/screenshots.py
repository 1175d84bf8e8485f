"""Pictures of the main states of the page: `python -m tests.browser.screenshots` writes them into screenshots/."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from tests.browser import chromium
from tests.browser.chromium import cards, settle, visit

STATES: dict[str, tuple[str, dict[str, int], str, Callable[[Page], None] | None]] = {}
"""Name → what comes after the address, viewport, theme, and what to do before the picture is taken."""


def _tab(name: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.get_by_role("radio", name=name).click()
        settle(page)
        page.get_by_role("radio", name=name).evaluate("one => one.scrollIntoView({ block: 'start' })")
        page.wait_for_timeout(1500)

    return act


def _why(page: Page) -> None:
    cards(page).nth(1).get_by_role("button", name="Why?").click()
    settle(page)
    page.wait_for_timeout(1500)


def _own(page: Page) -> None:
    """Some photographs of the gallery as somebody's own, searched with one more."""
    photos = open_gallery(ASSETS / "galleries" / "photos")
    kinds = {kind: [i for i in range(photos.n) if photos.label(i) == kind] for kind in ("windmill", "landmark", "bird")}
    with TemporaryDirectory() as folder:
        files = []
        for kind, indices in kinds.items():
            for number, index in enumerate(indices[:8], start=1):
                files.append(Path(folder) / f"{kind} {number}.jpg")
                Image.fromarray(photos.picture(index)).save(files[-1], quality=92)
        page.locator("input[type=file]").set_input_files(files[1:])
        page.get_by_role("button", name="Build gallery").click()
        page.get_by_text("pictures searched").first.wait_for()
        settle(page)
        page.locator("input[type=file]").last.set_input_files(files[0])
        page.get_by_alt_text(f"Your picture: {files[0].name}").wait_for()
        settle(page)
    page.wait_for_timeout(2500)


STATES |= {
    "histogram-laptop-light": ("?method=histogram", chromium.LAPTOP, "light", None),
    "siamese-laptop-light": ("?method=siamese", chromium.LAPTOP, "light", None),
    "siamese-laptop-dark": ("?method=siamese", chromium.LAPTOP, "dark", None),
    "siamese-wide-light": ("?method=siamese", chromium.WIDE, "light", None),
    "compare-wide-light": ("?method=compare", chromium.WIDE, "light", None),
    "compare-laptop-dark": ("?method=compare", chromium.LAPTOP, "dark", None),
    "stage-laptop-light": ("?view=stage", chromium.LAPTOP, "light", None),
    "stage-wide-dark": ("?gallery=photos&view=stage", chromium.WIDE, "dark", None),
    "siamese-phone-light": ("?method=siamese", chromium.PHONE, "light", None),
    "siamese-phone-dark": ("?method=siamese", chromium.PHONE, "dark", None),
    "why-wide-light": ("?method=siamese", chromium.WIDE, "light", _why),
    "map-wide-light": ("?method=siamese", chromium.WIDE, "light", _tab("Map of the gallery")),
    "quality-wide-light": ("", chromium.WIDE, "light", _tab("How good is it?")),
    "how-wide-light": ("?method=siamese", chromium.WIDE, "light", _tab("How it works")),
    "photos-wide-light": ("?gallery=photos&method=siamese", chromium.WIDE, "light", None),
    "photos-compare-wide-light": ("?gallery=photos&method=compare", chromium.WIDE, "light", None),
    "words-wide-light": ("?gallery=photos&word=musical+instrument", chromium.WIDE, "light", None),
    "words-phone-dark": ("?gallery=photos&word=dog", chromium.PHONE, "dark", None),
    "own-laptop-light": ("?gallery=own", chromium.LAPTOP, "light", None),
    "own-searched-wide-light": ("?gallery=own&method=siamese", chromium.WIDE, "light", _own),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="which, all if none is named")
    parser.add_argument("--to", type=Path, default=chromium.ROOT / "screenshots")
    parser.add_argument("--whole", action="store_true", help="the whole page, not only what is above the fold")
    wanted = parser.parse_args()
    wanted.to.mkdir(exist_ok=True)
    with chromium.serve() as address, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        for name in wanted.names or STATES:
            query, viewport, scheme, act = STATES[name]
            taken(browser, address + query, viewport, scheme, act, wanted.to / f"{name}.png", wanted.whole)
            print(wanted.to / f"{name}.png", flush=True)
        browser.close()


def taken(
    browser: Any,
    address: str,
    viewport: dict[str, int],
    scheme: str,
    act: Callable[[Page], None] | None,
    path: Path,
    whole: bool,
) -> None:
    """One picture of the page, with everything on it drawn."""
    phone = viewport is chromium.PHONE
    context = browser.new_context(
        viewport=viewport,
        color_scheme=scheme,
        device_scale_factor=2 if phone else 1,
        is_mobile=phone,
        has_touch=phone,
        user_agent=chromium.PHONE_AGENT if phone else None,
    )
    page = context.new_page()
    page.set_default_timeout(chromium.PATIENCE)
    if "gallery=own" in address:
        page.goto(address)
        page.get_by_text("They stay in this session").wait_for()
        settle(page)
    elif "view=stage" in address:
        page.goto(address)
        page.get_by_text("of the same kind").first.wait_for()
        settle(page)
    else:
        visit(page, address)
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=3 * chromium.PATIENCE)
    page.wait_for_timeout(2000)
    if act:
        act(page)
    if whole:
        # Streamlit scrolls inside the window, so the window is made as high as the page.
        height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": viewport["width"], "height": min(height, 8000)})
        page.wait_for_timeout(2500)
    page.screenshot(path=path)
    context.close()


if __name__ == "__main__":
    main()
