"""On a telephone: gallery and method in reach, and nothing in the way of what was chosen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import chromium
from tests.browser.chromium import cards, pictures, settle, visit


def test_gallery_and_method_are_chosen_without_the_sidebar(phone: Page, address: str) -> None:
    visit(phone, address)
    gallery, method = phone.get_by_label("Search in").last, phone.get_by_label("Compare by").last
    expect(gallery).to_be_in_viewport()
    expect(method).to_be_in_viewport()
    # What is chosen can be read, however long.
    for size in ({"width": 320, "height": 640}, chromium.PHONE):
        phone.set_viewport_size(size)
        for each in (gallery, method):
            room, wanted = each.evaluate(
                """(one) => {
                    const room = one.offsetWidth
                    one.style.width = 'max-content'
                    const wanted = one.offsetWidth
                    one.style.width = ''
                    return [room, wanted]
                }"""
            )
            assert room >= wanted
    before = pictures(phone)
    method.select_option(label="Euclidean histogram")
    expect(phone.get_by_role("heading", name="nearest by Euclidean histogram")).to_be_attached()
    settle(phone)
    by_histogram = pictures(phone)
    assert by_histogram != before
    gallery.select_option(label="Photos")
    phone.wait_for_url("**gallery=photos**")
    settle(phone)
    expect(phone.get_by_role("heading", name="nearest by Euclidean histogram")).to_be_attached()
    assert pictures(phone) != by_histogram
    # The sidebar agrees.
    phone.get_by_test_id("stExpandSidebarButton").click()
    expect(phone.get_by_role("radio", name="Euclidean histogram")).to_be_checked()
    expect(phone.get_by_role("combobox", name="Search in").first).to_have_value("Photos")


def test_query_is_large_enough_for_a_thumb_and_a_part_of_it_is_suggested(phone: Page, address: str) -> None:
    visit(phone, f"{address}?gallery=photos")
    frame = phone.locator("#frame").bounding_box()
    assert frame is not None
    assert frame["width"] >= 260
    before = pictures(phone)
    phone.get_by_role("button", name="Suggest a part").tap()
    expect(phone.get_by_role("button", name="Whole picture")).to_be_visible()
    settle(phone)
    # The kingfisher sits left of the middle.
    box = phone.locator("#box").bounding_box()
    assert box is not None
    assert frame["x"] < box["x"] < frame["x"] + 0.4 * frame["width"]
    assert box["width"] < 0.6 * frame["width"]
    assert pictures(phone) != before


@pytest.mark.parametrize("choice", ["Euclidean histogram", "Compare both"])
def test_sidebar_closes_after_a_choice(phone: Page, address: str, choice: str) -> None:
    visit(phone, address)
    phone.get_by_test_id("stExpandSidebarButton").click()
    phone.get_by_test_id("stSidebar").get_by_text(choice, exact=True).tap()
    expect(phone.get_by_test_id("stSidebar").get_by_text(choice, exact=True)).not_to_be_in_viewport()
    expect(cards(phone).first).to_be_attached()
    expect(phone.get_by_label("Compare by").last).to_have_value({"Compare both": "compare"}.get(choice, "histogram"))


def test_sidebar_closes_after_another_gallery(phone: Page, address: str) -> None:
    visit(phone, address)
    phone.get_by_test_id("stExpandSidebarButton").click()
    phone.get_by_test_id("stSidebar").get_by_role("combobox", name="Search in").tap()
    phone.get_by_role("option", name="Photos").tap()
    phone.wait_for_url("**gallery=photos**")
    expect(phone.get_by_test_id("stSidebar").get_by_text("Matches")).not_to_be_in_viewport()
    expect(phone.get_by_label("Search in").last).to_have_value("photos")


def test_on_a_laptop_the_controls_are_in_the_sidebar_alone(page: Page, address: str) -> None:
    visit(page, address)
    expect(page.locator("#row")).to_be_hidden()
    expect(page.locator("#row select")).to_have_count(0)
    page.get_by_text("Euclidean histogram", exact=True).click()
    settle(page)
    expect(page.get_by_test_id("stSidebar").get_by_text("Siamese network")).to_be_in_viewport()
