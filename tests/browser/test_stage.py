"""The wide view for a presenter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from tests.browser import chromium
from tests.browser.axe import violations
from tests.browser.chromium import expect, settle, visit
from tests.browser.test_large import CUT_OR_OVERLAPPING

SCREENS = [(1280, 720), (1366, 768), (1600, 900), (1920, 1080)]

CUT_TEXT = """all => all.filter(
    (one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 2
).map((one) => one.textContent)"""


def _open(page: Page, address: str) -> Locator:
    page.goto(address)
    stage = page.locator(".st-key-on-stage #stage")
    expect(stage.locator("li").first).to_be_visible()
    settle(page)
    return stage


def _right(stage: Locator) -> list[tuple[int, int]]:
    """How many are marked as right in each ranking, and how many the line above it says."""
    found = []
    for number in range(stage.locator("section").count()):
        section = stage.locator("section").nth(number)
        said = re.match(r"(\d+) of 12 of the same kind", section.locator(".count").inner_text())
        assert said is not None
        found.append((section.get_by_text("✓").count(), int(said[1])))
    return found


def test_both_rankings_are_seen_with_their_right_ones_marked(page: Page, address: str) -> None:
    stage = _open(page, f"{address}?view=stage")
    assert stage.locator("h2").all_inner_texts() == ["Euclidean histogram", "Siamese network"]
    (classic, said), (network, also_said) = _right(stage)
    assert (classic, network) == (said, also_said)
    assert classic < network
    # A screen reader hears it of each picture.
    assert stage.get_by_alt_text(re.compile(", of the same kind$")).count() == classic + network
    name = re.search(r"^Query (.+)$", stage.locator("figcaption").inner_text())
    assert name is not None
    for item in stage.locator("li", has=page.get_by_text("✓")).all():
        assert item.locator(".name").inner_text() == name[1]
    expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()
    size = stage.locator("h2").first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert size >= 24


def test_marks_that_act_on_the_stage_are_said_there(page: Page, address: str) -> None:
    stage = _open(page, f"{address}?gallery=photos&view=stage&more=3+7&less=9")
    expect(stage).to_contain_text("Searched in 691 pictures: Photos, with 3 marks")


@pytest.mark.parametrize("gallery", ["fashion", "photos"])
def test_all_of_it_fits_the_screen(page: Page, address: str, gallery: str) -> None:
    stage = _open(page, f"{address}?gallery={gallery}&view=stage")
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)
        assert page.evaluate(CUT_OR_OVERLAPPING) == [], width
        assert stage.locator("h2, p, figcaption, #leave").evaluate_all(CUT_TEXT) == [], width
        for item in (stage.locator("li").nth(11), stage.locator("li").last):
            box = item.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= height, width


def test_there_is_a_way_in_a_way_out_and_the_address_knows(page: Page, address: str) -> None:
    visit(page, f"{address}?method=siamese&sample=q7")
    page.get_by_role("button", name="Wide view").click()
    stage = page.locator(".st-key-on-stage #stage")
    expect(stage.locator("section")).to_have_count(2)
    expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()
    page.wait_for_url("**view=stage**")
    assert "sample=q7" in page.url
    shown = stage.inner_text()
    page.reload()
    expect(stage.locator("section")).to_have_count(2)
    settle(page)
    assert stage.inner_text() == shown
    stage.get_by_role("button", name="Leave the wide view").click()
    expect(stage).to_have_count(0)
    expect(page.get_by_role("combobox", name="Search in")).to_be_in_viewport()
    page.wait_for_function("() => !location.href.includes('view=')")
    settle(page)
    page.go_back()
    expect(stage.locator("section")).to_have_count(2)
    expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()


def test_keys_pictures_and_own_pictures_on_the_stage(page: Page, address: str, photograph: Path) -> None:
    visit(page, f"{address}?gallery=photos")
    page.locator("input[type=file]").first.set_input_files(photograph)
    expect(page.get_by_alt_text("Your picture: photograph.jpg")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Wide view").click()
    stage = page.locator(".st-key-on-stage #stage")
    expect(stage.locator("figcaption")).to_have_text("Your picture photograph.jpg")
    # Nobody knows its kind, so that none is right.
    expect(stage.locator(".count").last).to_have_text(re.compile(r"^Mostly .+: \d+ of 12"))
    expect(stage.get_by_text("✓")).to_have_count(0)
    settle(page)
    page.keyboard.press("1")
    expect(stage.locator("h2")).to_have_text(["Euclidean histogram"])
    expect(stage.locator("figcaption")).to_have_text("Your picture photograph.jpg")
    settle(page)
    page.keyboard.press("3")
    expect(stage.locator("h2")).to_have_count(2)
    settle(page)
    stage.locator("section").nth(1).locator("li button").nth(2).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Match 3 · cosine")).to_be_visible()
    dialog.get_by_role("button", name="Find similar").click()
    expect(stage.locator("figcaption")).to_have_text(re.compile("^Query "))
    expect(stage.locator(".count").last).to_have_text(re.compile(r"^\d+ of 12 of the same kind"))


def test_axe_finds_nothing_of_ours_on_the_stage(page: Page, address: str) -> None:
    page.set_viewport_size(chromium.WIDE)
    page.emulate_media(color_scheme="dark")
    _open(page, f"{address}?view=stage")
    ours = violations(page)
    assert not ours, "\n".join(ours)
