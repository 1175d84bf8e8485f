"""Real photographs through the page: a garment in the Fashion gallery, a photograph among photographs, one's own."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Page

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import Gallery
from imgsearch.gallery.persistence import open_gallery
from tests.browser.chromium import cards, expect, ranking, settle, visit
from tests.galleries import DATA


@pytest.fixture(scope="module")
def photos() -> Gallery:
    return open_gallery(ASSETS / "galleries" / "photos")


def _taken_again(photos: Gallery, index: int, path: Path) -> Path:
    """A photograph of the gallery as somebody else has it: mirrored, smaller, saved again as a JPEG file."""
    image = ImageOps.mirror(Image.fromarray(photos.picture(index)))
    image.resize((image.width * 3 // 4, image.height * 3 // 4)).save(path, quality=70)
    return path


@pytest.mark.parametrize(
    ("folder", "kinds"), [("pants", {"Trouser"}), ("shoes", {"Sneaker", "Ankle boot", "Sandal"}), ("dress", {"Dress"})]
)
def test_garment_at_home_finds_its_kind_in_the_fashion_gallery(
    page: Page, address: str, folder: str, kinds: set[str]
) -> None:
    found = sorted((DATA / "garments" / folder).glob("*"))
    if not found:
        pytest.skip("the garments of ../shared/data are not here")
    visit(page, f"{address}?gallery=fashion&method=siamese")
    page.locator("input[type=file]").first.set_input_files(found[4])
    expect(page.get_by_alt_text(f"Your picture: {found[4].name}")).to_be_visible()
    settle(page)
    right = [any(kind in text for kind in kinds) for text in ranking(page)[:10]]
    assert sum(right) >= 8, ranking(page)
    page.get_by_role("button", name="Steps").click()
    expect(page.get_by_alt_text("Step 2")).to_be_visible()


def test_photograph_finds_its_twin_with_author_and_licence(
    page: Page, address: str, photos: Gallery, tmp_path: Path
) -> None:
    index = next(index for index in range(photos.n) if photos.label(index) == "cat")
    visit(page, f"{address}?gallery=photos&method=siamese")
    page.locator("input[type=file]").first.set_input_files(_taken_again(photos, index, tmp_path / "mine.jpg"))
    expect(page.get_by_alt_text("Your picture: mine.jpg")).to_be_visible()
    settle(page)
    assert "Cat" in ranking(page)[0]
    credit = photos.credit(index)
    assert credit is not None
    expect(page.get_by_text(credit.licence).first).to_be_visible()


def test_zip_of_photographs_is_searched_by_kind_and_by_colour(
    page: Page, address: str, photos: Gallery, tmp_path: Path
) -> None:
    kinds = ("bird", "flower", "vehicle")
    chosen = {kind: [i for i in range(photos.n) if photos.label(i) == kind][:5] for kind in kinds}
    archive = tmp_path / "holiday.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for kind, indices in chosen.items():
            for number, index in enumerate(indices[1:]):
                path = tmp_path / "one.jpg"
                Image.fromarray(photos.picture(index)).save(path, quality=90)
                file.write(path, f"{kind}/{number}.jpg")
        file.writestr("bird/broken.jpg", path.read_bytes()[:700])
    page.goto(f"{address}?gallery=own")
    expect(page.get_by_text("They stay in this session")).to_be_visible()
    page.locator("input[type=file]").set_input_files(archive)
    page.get_by_role("button", name="Build gallery").click()
    expect(page.get_by_text("12 pictures searched")).to_be_visible()
    settle(page)
    page.locator("input[type=file]").last.set_input_files(
        _taken_again(photos, chosen["flower"][2], tmp_path / "my.jpg")
    )
    expect(page.get_by_alt_text("Your picture: my.jpg")).to_be_visible()
    settle(page)
    assert "Flower" in ranking(page)[0]
    page.get_by_text("Compare both", exact=True).click()
    expect(cards(page, "1").first).to_be_visible()
    settle(page)
    assert "Flower" in ranking(page, "0")[0]
    assert "Flower" in ranking(page, "1")[0]
