"""Fixtures: one server and one browser for all tests, a fresh visitor for each."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from tests.browser import chromium


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if chromium.find() is None:
        if os.environ.get("CI"):
            pytest.fail("There is no Chromium on this machine, and the browser tests must run here.")
        pytest.skip("There is no Chromium on this machine (Debian: apt-get install chromium).")
    expect.set_options(timeout=chromium.PATIENCE)
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
def laptop(browser: Browser) -> Iterator[BrowserContext]:
    """One browser profile, so that the page's scripts are fetched and compiled once; every tab is a new visitor."""
    context = browser.new_context(
        viewport=chromium.LAPTOP,
        accept_downloads=True,
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(chromium.PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(laptop: BrowserContext) -> Iterator[Page]:
    """A new visitor at a laptop; an error in the browser's console fails the test."""
    visitor = laptop.new_page()
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    visitor.on("console", note)
    visitor.on("pageerror", lambda error: errors.append(str(error)))
    yield visitor
    visitor.close()
    assert not errors, errors


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A new visitor at a telephone."""
    context = browser.new_context(viewport=chromium.PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    context.set_default_timeout(chromium.PATIENCE)
    yield context.new_page()
    context.close()


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
