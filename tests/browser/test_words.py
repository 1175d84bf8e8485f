"""Words in the browser: typed with suggestions, searched, seen on the matches."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from tests.browser.chromium import cards, expect, pictures, ranking, settle, visit

PHOTOS = "?gallery=photos&method=siamese"


def test_typed_word_is_searched(page: Page, address: str) -> None:
    visit(page, address + PHOTOS)
    before = pictures(page)
    field = page.get_by_label("Or type a word")
    expect(field).to_be_visible()
    # What is suggested comes when somebody is about to type.
    expect(page.locator("datalist option")).to_have_count(0)
    field.click()
    expect(page.locator("datalist option[value='musical instrument']")).to_have_count(1)
    field.fill("Musical Instruments")
    field.press("Enter")
    expect(page.get_by_role("heading", name="12 nearest to “musical instrument”")).to_be_visible()
    settle(page)
    assert pictures(page) != before
    assert sum("Musical instrument" in text for text in ranking(page)) >= 9
    page.wait_for_url("**word=musical+instrument**")
    expect(page.get_by_alt_text("Match 1 with heat")).to_be_visible()
    expect(page.get_by_alt_text("Query with heat")).to_have_count(0)


def test_name_that_is_chosen_from_the_suggestions_is_searched_at_once(page: Page, address: str) -> None:
    visit(page, address + PHOTOS)
    field = page.get_by_label("Or type a word")
    field.click()
    expect(page.locator("datalist option[value='boat']")).to_have_count(1)
    field.evaluate("(field) => { field.value = 'boat'; field.dispatchEvent(new Event('input', { bubbles: true })) }")
    expect(page.get_by_role("heading", name="12 nearest to “boat”")).to_be_visible()


def test_word_that_is_not_known_gets_the_nearest_as_buttons(page: Page, address: str) -> None:
    visit(page, address + PHOTOS)
    before = pictures(page)
    field = page.get_by_label("Or type a word")
    field.fill("kingfisher")
    field.press("Enter")
    expect(page.get_by_text("has not learnt “kingfisher”")).to_be_visible()
    assert pictures(page) == before
    page.locator(".st-key-search-for-1 button").click()
    expect(page.get_by_role("heading", name="12 nearest to “bird”")).to_be_visible()
    expect(page.get_by_text("has not learnt “kingfisher”")).to_have_count(0)


def test_marks_move_a_word_and_a_match_can_be_searched_with(page: Page, address: str) -> None:
    visit(page, f"{address}?gallery=photos&word=boat")
    before = ranking(page)
    cards(page).nth(2).get_by_role("button", name="More like this").click()
    expect(page.get_by_role("button", name="Clear 1 mark")).to_be_visible()
    settle(page)
    assert ranking(page) != before
    cards(page).nth(0).locator(".search").click()
    expect(page.get_by_role("heading", name="12 nearest by Siamese network")).to_be_visible()
    page.get_by_role("button", name="boat").first.click()
    expect(page.get_by_role("heading", name="12 nearest to “boat”")).to_be_visible()


def test_text_can_be_pasted_into_the_field(page: Page, address: str) -> None:
    visit(page, address + PHOTOS)
    page.evaluate("navigator.clipboard.writeText('dog')")
    field = page.get_by_label("Or type a word")
    field.click()
    page.keyboard.press("Control+v")
    expect(field).to_have_value("dog")
    expect(page.get_by_text("There is no picture in the clipboard")).to_have_count(0)
    field.press("Enter")
    expect(page.get_by_role("heading", name="12 nearest to “dog”")).to_be_visible()


def test_own_pictures_are_told_in_words(page: Page, address: str, tmp_path: Path) -> None:
    photos = open_gallery(ASSETS / "galleries" / "photos")
    files = []
    for label in ("bird", "musical instrument"):
        for index in [index for index in range(photos.n) if photos.label(index) == label][:6]:
            files.append(tmp_path / f"{index}.jpg")
            Image.fromarray(photos.picture(index)).save(files[-1], quality=92)
    page.goto(f"{address}?gallery=own")
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_role("button", name="Build gallery").click()
    expect(page.get_by_text("Among them")).to_be_visible()
    page.get_by_role("button", name="× bird").click()
    expect(page.get_by_role("heading", name="12 nearest to “bird”")).to_be_visible()
    settle(page)
    found = {photos.label(int(text.split(".jpg")[0].split()[-1])) for text in ranking(page)[:6]}
    assert found == {"bird"}


def test_picture_from_outside_is_called_what_it_is_and_takes_the_place_of_a_word(
    page: Page, address: str, tmp_path: Path
) -> None:
    photos = open_gallery(ASSETS / "galleries" / "photos")
    path = tmp_path / "cow.jpg"
    Image.fromarray(photos.picture([photos.label(index) for index in range(photos.n)].index("cow"))).save(path)
    called, field = page.locator(".st-key-looks-like"), page.get_by_label("Or type a word")
    visit(page, address + PHOTOS)
    expect(called).to_contain_text("jacamar")
    page.locator("input[type=file]").first.set_input_files(path)
    expect(page.get_by_alt_text("Your picture: cow.jpg")).to_be_visible()
    expect(called).not_to_contain_text("jacamar")
    expect(called).to_be_visible()
    visit(page, f"{address}?gallery=photos&word=boat")
    expect(field).to_have_value("boat")
    page.locator("input[type=file]").first.set_input_files(path)
    expect(page.get_by_alt_text("Your picture: cow.jpg")).to_be_visible()
    expect(field).to_have_value("")
    expect(page.get_by_text("with the picture")).to_be_visible()
    expect(called).to_be_visible()


def test_page_without_words_loads_none_of_them(page: Page, address: str) -> None:
    visit(page, f"{address}?gallery=fashion")
    expect(page.get_by_label("Or type a word")).to_be_visible()
    expect(page.locator("datalist option")).to_have_count(0)
