"""A visitor's own pictures: made with progress, searched, saved, opened again, and nobody else's."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from tests.browser import chromium
from tests.browser.axe import violations
from tests.browser.chromium import cards, expect, pictures, ranking, settle, visit

HOSTILE = "--><img src=x onerror=document.title='broken'>&quot;.png"


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two kinds of pictures, and one that is broken."""
    folder = tmp_path_factory.mktemp("album")
    random = np.random.default_rng(1)
    for kind, colour in (("red", (200, 40, 40)), ("blue", (40, 60, 200))):
        (folder / kind).mkdir()
        for number in range(4):
            picture = np.clip(np.array(colour) + random.normal(0, 25, (90, 120, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(picture).save(folder / kind / f"{kind}-{number}.png")
    (folder / "red" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n but no more")
    return folder


def test_many_files_are_searched_saved_and_opened_again(
    page: Page, browser: Browser, address: str, album: Path, tmp_path: Path
) -> None:
    hostile = tmp_path / HOSTILE
    hostile.write_bytes((album / "blue" / "blue-0.png").read_bytes())
    page.goto(f"{address}?gallery=own")
    expect(page.get_by_text("They stay in this session")).to_be_visible()
    _make(page, [*sorted(album.rglob("*.png")), hostile])
    expect(page.get_by_text("9 pictures searched")).to_be_visible()
    page.get_by_text("Your own pictures: 9").click()
    expect(page.get_by_text("1 left out")).to_be_visible()
    expect(page.get_by_text("broken.png")).to_be_visible()
    # Search with one of them: the same picture comes first, and its like before the others.
    expect(page.locator("input[type=file]")).to_have_count(2)
    page.locator("input[type=file]").last.set_input_files(album / "red" / "red-2.png")
    expect(page.get_by_alt_text("Your picture: red-2.png")).to_be_visible()
    expect(cards(page).first.get_by_text("exact copy")).to_be_visible()
    settle(page)
    shown = pictures(page)
    # The query itself can be hidden.
    page.get_by_text("Filter", exact=True).click()
    page.get_by_text("Hide the query itself").click()
    expect(page.get_by_text("Without the query itself")).to_be_visible()
    expect(cards(page).get_by_text("exact copy")).to_have_count(0)
    page.get_by_role("button", name="Clear filter").click()
    expect(cards(page).first.get_by_text("exact copy")).to_be_visible()
    settle(page)
    assert page.title() != "broken"
    expect(page.get_by_text("onerror")).not_to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save gallery").click()
    saved = tmp_path / "my-pictures.imgsearch"
    download.value.save_as(saved)
    # Another visitor opens the file: the same pictures are found, without any being described again.
    context = browser.new_context(viewport=chromium.LAPTOP)
    other = context.new_page()
    other.set_default_timeout(chromium.PATIENCE)
    other.goto(f"{address}?gallery=own")
    expect(other.get_by_text("They stay in this session")).to_be_visible()
    expect(other.get_by_text("pictures searched")).to_have_count(0)
    other.get_by_role("radio", name="A saved gallery").click()
    expect(other.get_by_text("A gallery that you saved here")).to_be_visible()
    other.locator("input[type=file]").set_input_files(saved)
    expect(other.get_by_text("9 pictures searched")).to_be_visible()
    expect(other.locator("input[type=file]")).to_have_count(2)
    other.locator("input[type=file]").last.set_input_files(album / "red" / "red-2.png")
    expect(other.get_by_alt_text("Your picture: red-2.png")).to_be_visible()
    settle(other)
    assert pictures(other) == shown
    context.close()


def test_zip_with_folders_gets_kinds_and_a_comparison_counts_them(
    page: Page, address: str, album: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "album.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(album.rglob("*.png")):
            file.write(path, path.relative_to(album).as_posix())
        file.writestr("../../outside.png", (album / "red" / "red-0.png").read_bytes())
    page.goto(f"{address}?gallery=own")
    _make(page, [archive])
    expect(page.get_by_text(re.compile("[89] pictures searched"))).to_be_visible()
    expect(cards(page).get_by_text("blue").or_(cards(page).get_by_text("red")).first).to_be_visible()
    page.get_by_text(re.compile("Your own pictures:")).click()
    expect(page.get_by_text("left out")).to_be_visible()
    assert not (chromium.ROOT.parent / "outside.png").exists()


def test_folder_gives_its_subfolders_as_kinds_and_progress_is_shown(page: Page, address: str, album: Path) -> None:
    page.goto(f"{address}?gallery=own")
    page.get_by_role("radio", name="A folder").click()
    expect(page.get_by_text("A folder of pictures")).to_be_visible()
    page.locator("input[type=file]").set_input_files(album)
    # Watched from inside the page: with so few pictures it is soon over.
    page.evaluate(
        """() => {
            window.said = []
            new MutationObserver(() => {
                const bar = document.querySelector('[data-testid=stProgress]')
                if (bar) window.said.push(bar.innerText)
            }).observe(document.body, { subtree: true, childList: true, characterData: true })
        }"""
    )
    page.get_by_role("button", name="Build gallery").click()
    expect(page.get_by_text("8 pictures searched")).to_be_visible()
    settle(page)
    said = [text for text in page.evaluate("window.said") if text]
    assert any(re.search(r"\d of 9 · \S+\.png", text) for text in said), said
    assert {text.split()[1] for text in ranking(page)} == {"Red", "Blue"}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a gallery", b"x" * 1000])
def test_file_that_is_no_gallery_gets_one_sentence(page: Page, address: str, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.imgsearch"
    path.write_bytes(content)
    page.goto(f"{address}?gallery=own")
    page.get_by_role("radio", name="A saved gallery").click()
    expect(page.get_by_text("A gallery that you saved here")).to_be_visible()
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_two_visitors_never_see_each_others_pictures(
    page: Page, browser: Browser, address: str, shirt: Path, album: Path
) -> None:
    one, other = page, browser.new_page(viewport=chromium.LAPTOP)
    other.set_default_timeout(chromium.PATIENCE)
    for visitor in (one, other):
        visit(visitor, address)
    one.locator("input[type=file]").first.set_input_files(shirt)
    other.locator("input[type=file]").first.set_input_files(album / "blue" / "blue-1.png")
    expect(one.get_by_alt_text("Your picture: shirt.jpg")).to_be_visible()
    expect(other.get_by_alt_text("Your picture: blue-1.png")).to_be_visible()
    settle(one)
    settle(other)
    assert "blue-1" not in one.content()
    assert "shirt.jpg" not in other.content()
    assert pictures(one) != pictures(other)
    one.get_by_text("Euclidean histogram", exact=True).click()
    expect(one.get_by_role("heading", name="nearest by Euclidean histogram")).to_be_visible()
    expect(other.get_by_role("heading", name="nearest by Siamese network")).to_be_visible()
    other.close()


def test_table_of_own_pictures_has_no_formula(page: Page, address: str, album: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "=cmd|' C calc'!A0.png"
    hostile.write_bytes((album / "blue" / "blue-0.png").read_bytes())
    page.goto(f"{address}?gallery=own")
    _make(page, [album / "red" / "red-0.png", hostile])  # the first is the query, which is no match of its own
    expect(page.get_by_text("2 pictures searched")).to_be_visible()
    settle(page)
    page.get_by_role("radio", name="Export").click()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Table (CSV)").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
    cells = [cell for row in rows for cell in row]
    assert f"'{hostile.name}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]


def _make(page: Page, files: list[Path]) -> None:
    expect(page.get_by_text("They stay in this session")).to_be_visible()
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_role("button", name="Build gallery").click()
    expect(page.get_by_text("pictures searched").first).to_be_visible()
    settle(page)


def _photographs(folder: Path, kinds: tuple[str, ...] = ("bird", "landmark", "dog"), most: int = 9) -> list[Path]:
    """Photographs of the delivered gallery as files, in a folder a kind."""
    photos = open_gallery(ASSETS / "galleries" / "photos")
    files = []
    for kind in kinds:
        (folder / kind).mkdir(parents=True)
        found = [index for index in range(photos.n) if photos.label(index) == kind][:most]
        for number, index in enumerate(found):
            files.append(folder / kind / f"{kind}-{number}.jpg")
            Image.fromarray(photos.picture(index)).save(files[-1], quality=95)
    return files


def test_cancel_keeps_what_is_done_and_the_page_goes_on(page: Page, address: str, tmp_path: Path) -> None:
    archive = tmp_path / "many.zip"
    photographs = _photographs(tmp_path / "album", ("bird", "landmark"))
    with zipfile.ZipFile(archive, "w") as file:
        for number in range(20):
            for path in photographs:
                file.write(path, f"{path.parent.name}/{number}-{path.name}")
    page.goto(f"{address}?gallery=own")
    expect(page.get_by_text("They stay in this session")).to_be_visible()
    page.locator("input[type=file]").set_input_files(archive)
    expect(page.get_by_text(re.compile("1 file chosen, .* MB"))).to_be_visible()
    page.get_by_role("button", name="Build gallery").click()
    bar = page.locator("[data-testid=stProgress]")
    # Of one picture alone, which is the query, nothing would be found.
    expect(bar).to_contain_text(re.compile(r"([3-9]|\d\d) of \d{2,}"))
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text(re.compile(r"\d+ pictures searched"))).to_be_visible()
    settle(page)
    expect(bar).to_have_count(0)
    kept = int(re.search(r"(\d+) pictures searched", page.inner_text("body")).group(1))  # type: ignore[union-attr]
    assert 1 <= kept < 300
    assert cards(page).count() == min(12, kept - 1)


def test_adding_removing_replacing_and_deleting(page: Page, address: str, album: Path) -> None:
    red, blue = (sorted((album / kind).glob(f"{kind}-*.png")) for kind in ("red", "blue"))
    page.goto(f"{address}?gallery=own")
    _make(page, red[:3])
    page.get_by_text("Your own pictures: 3").click()
    page.locator("input[type=file]").first.set_input_files([red[0], *blue])
    expect(page.get_by_text("5 files chosen")).to_be_visible()
    page.get_by_role("button", name="Add to the 3").click()
    expect(page.get_by_text("7 pictures searched")).to_be_visible()
    settle(page)
    expect(page.get_by_text("It is in your gallery already.")).to_be_visible()
    # Some of them go.
    page.get_by_role("button", name="Remove some").click()
    page.get_by_role("combobox", name="Pictures to remove").fill("blue-1")
    page.get_by_role("option", name="blue-1.png").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove 1", exact=True).click()
    expect(page.get_by_text("6 pictures searched")).to_be_visible()
    settle(page)
    # Replacing and deleting ask first.
    page.locator("input[type=file]").first.set_input_files(blue[:2])
    page.get_by_role("button", name="Replace", exact=True).click()
    expect(page.get_by_text("All 6 pictures will be gone")).to_be_visible()
    page.get_by_role("button", name="Replace 6").click()
    expect(page.get_by_text("2 pictures searched")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("All 2 pictures will be gone")).to_be_visible()
    expect(page.get_by_text("2 pictures searched")).to_be_visible()
    page.get_by_role("button", name="Delete 2").click()
    expect(page.get_by_role("heading", name="Search in your own pictures")).to_be_visible()
    expect(page.get_by_text("pictures searched")).to_have_count(0)


# In one message, which names the part of the page that was told of first.
TOLD_TOGETHER = """(name) => {
    const sight = [...document.querySelectorAll("[class*='st-key-sight'] *")]
        .map((one) => one.shadowRoot?.querySelector('#sight')).find(Boolean)
    sight.now = { ...sight.now, tabs: !sight.now.tabs }
    sight.tell()
    const button = [...document.querySelectorAll('button')].find((button) => button.innerText.includes(name))
    button.click()
}"""


def test_a_click_in_the_moment_when_something_comes_into_view_is_heard(page: Page, address: str, album: Path) -> None:
    red, blue = (sorted((album / kind).glob(f"{kind}-*.png")) for kind in ("red", "blue"))
    page.goto(f"{address}?gallery=own")
    _make(page, red[:3])
    page.get_by_text("Your own pictures: 3").click()
    page.locator("input[type=file]").first.set_input_files(blue)
    expect(page.get_by_text("4 files chosen")).to_be_visible()
    settle(page)
    page.evaluate(TOLD_TOGETHER, "Add to the 3")
    expect(page.get_by_text("7 pictures searched")).to_be_visible()


def test_pictures_in_folders_are_measured_on_request(page: Page, address: str, tmp_path: Path) -> None:
    _photographs(tmp_path / "album")
    page.goto(f"{address}?gallery=own")
    page.get_by_role("radio", name="A folder").click()
    expect(page.get_by_text("A folder of pictures")).to_be_visible()
    page.locator("input[type=file]").set_input_files(tmp_path / "album")
    page.get_by_role("button", name="Build gallery").click()
    expect(page.get_by_text("pictures searched")).to_be_visible()
    settle(page)
    page.get_by_role("radio", name="How good is it?").click()
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_text("the first match is of the right kind for")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Measured with \d+ pictures against \d+\."))).to_be_visible()


def test_axe_finds_nothing_of_ours_in_own_pictures(page: Page, address: str, album: Path) -> None:
    page.goto(f"{address}?gallery=own")
    expect(page.get_by_text("They stay in this session")).to_be_visible()
    assert not violations(page)
    pictures = sorted(album.rglob("*-*.png"))
    page.locator("input[type=file]").set_input_files(pictures)
    expect(page.get_by_text("8 files chosen")).to_be_visible()
    assert not violations(page)
    page.get_by_role("button", name="Build gallery").click()
    expect(page.get_by_text("pictures searched").first).to_be_visible()
    page.get_by_text("Your own pictures: 8").click()
    page.get_by_role("button", name="Remove some").click()
    page.get_by_role("combobox", name="Pictures to remove").fill("blue-1")
    page.get_by_role("option", name="blue-1.png").click()
    expect(page.get_by_role("button", name="Remove 1", exact=True)).to_be_visible()
    settle(page)
    assert not violations(page)
