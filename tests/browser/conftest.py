"""Fixtures: one server, one browser and one tab a device for all tests; a fresh visitor for each."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Playwright, sync_playwright

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from tests.browser import chromium


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if chromium.find() is None:
        if os.environ.get("CI"):
            pytest.fail("There is no Chromium on this machine, and the browser tests must run here.")
        pytest.skip("There is no Chromium on this machine (Debian: apt-get install chromium).")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    started = chromium.launch(playwright)
    yield started
    started.close()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with chromium.serve() as started:
        yield started


@pytest.fixture(scope="session")
def laptop(browser: Browser) -> Iterator[Page]:
    yield from _tab(browser, viewport=chromium.LAPTOP, accept_downloads=True, permissions=chromium.GRANTED)


@pytest.fixture(scope="session")
def telephone(browser: Browser) -> Iterator[Page]:
    device = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2, "user_agent": chromium.PHONE_AGENT}
    yield from _tab(browser, viewport=chromium.PHONE, **device)


@pytest.fixture
def page(laptop: Page) -> Iterator[Page]:
    """A new visitor at a laptop; an error in the browser's console fails the test."""
    yield from _visitor(laptop)


@pytest.fixture
def phone(telephone: Page) -> Iterator[Page]:
    """A new visitor at a telephone."""
    yield from _visitor(telephone)


def _tab(browser: Browser, **device: Any) -> Iterator[Page]:
    """The tab of a device: what it has fetched and compiled stays, which is four tenths of the work of a visit."""
    context = browser.new_context(reduced_motion="reduce", **device)
    context.set_default_timeout(chromium.PATIENCE)
    yield context.new_page()
    context.close()


def _visitor(tab: Page) -> Iterator[Page]:
    """The tab as nobody has used it yet."""
    size = tab.viewport_size
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    def fail(error: Error) -> None:
        errors.append(str(error))

    tab.on("console", note)
    tab.on("pageerror", fail)
    yield tab
    tab.remove_listener("console", note)
    tab.remove_listener("pageerror", fail)
    if tab.url != "about:blank":
        tab.evaluate("localStorage.clear()")
    tab.mouse.move(0, 0)
    tab.goto("about:blank")
    tab.emulate_media(color_scheme="light")
    tab.set_viewport_size(size)
    assert not errors, errors


@pytest.fixture(scope="session")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real photograph, as a camera would send it."""
    path = tmp_path_factory.mktemp("photographs") / "photograph.jpg"
    folder = ASSETS / "galleries" / "photos"
    picture = open_gallery(folder).picture(11) if folder.exists() else drawn_shirt()
    path.write_bytes(jpeg(picture))
    return path


@pytest.fixture(scope="session")
def shirt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of a garment on a plain ground."""
    path = tmp_path_factory.mktemp("garments") / "shirt.jpg"
    path.write_bytes(jpeg(drawn_shirt()))
    return path


def drawn_shirt() -> np.ndarray:
    """A red T-shirt on white, 640×480."""
    from PIL import ImageDraw

    image = Image.new("RGB", (640, 480), "white")
    outline = [(230, 80), (410, 80), (530, 170), (480, 240), (430, 200), (430, 420), (210, 420), (210, 200)]
    ImageDraw.Draw(image).polygon([*outline, (160, 240), (110, 170)], fill=(170, 40, 50))
    return np.asarray(image)


def jpeg(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=90)
    return file.getvalue()
