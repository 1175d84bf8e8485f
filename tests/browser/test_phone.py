"""On a telephone: gallery and method in reach, and nothing in the way of what was chosen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import chromium
from tests.browser.chromium import cards, expect, pictures, settle, visit


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


@pytest.mark.parametrize("gallery", ["fashion", "photos"])
def test_query_and_the_first_match_are_on_the_first_screen(phone: Page, address: str, gallery: str) -> None:
    for method in ("siamese", "histogram"):
        visit(phone, f"{address}?gallery={gallery}&method={method}")
        frame, first = phone.locator("#frame").bounding_box(), cards(phone).first.bounding_box()
        assert frame is not None
        assert first is not None
        assert frame["y"] + frame["height"] < first["y"] < chromium.PHONE["height"] - 40, method


def test_the_first_match_of_a_comparison_is_on_the_first_screen(phone: Page, address: str) -> None:
    visit(phone, f"{address}?gallery=photos&method=compare")
    first = cards(phone, "0").first.bounding_box()
    assert first is not None
    assert first["y"] < chromium.PHONE["height"] - 24


def test_own_picture_is_chosen_before_the_server_knows_of_the_choice(phone: Page, address: str) -> None:
    visit(phone, address)
    # Both at once, as on a slow line.
    phone.get_by_role("button", name="Use your own picture").evaluate("""async (sources) => {
        sources.click()
        await Promise.resolve()
        document.querySelector('.st-key-random button').click()
    }""")
    expect(phone.get_by_role("button", name="Paste")).to_have_count(0)
    expect(phone).to_have_url(re.compile("sample=q"))


def test_own_picture_is_chosen_and_what_it_finds_is_seen(phone: Page, address: str, photograph: Path) -> None:
    visit(phone, f"{address}?gallery=photos")
    before = pictures(phone)
    sources = phone.get_by_role("button", name="Use your own picture")
    sources.tap()
    expect(phone.get_by_role("button", name="Paste")).to_be_in_viewport()
    phone.locator("input[type=file]").set_input_files(photograph)
    expect(phone.get_by_alt_text(f"Your picture: {photograph.name}")).to_be_in_viewport()
    expect(phone.get_by_role("button", name="Paste")).to_have_count(0)
    settle(phone)
    assert pictures(phone) != before
    # Neither do they lie over the dialog that they open, nor stay when it is a test picture that was asked for.
    sources.tap()
    phone.get_by_role("button", name="Webcam").tap()
    expect(phone.get_by_role("dialog", name="Take a picture")).to_be_visible()
    expect(phone.get_by_role("button", name="Paste")).to_have_count(0)
    visit(phone, address)
    sources.tap()
    phone.get_by_role("button", name="Random test picture").tap()
    expect(phone.get_by_role("button", name="Paste")).to_have_count(0)


def test_a_finger_that_scrolls_takes_no_part_of_the_query(phone: Page, address: str) -> None:
    visit(phone, f"{address}?gallery=photos")
    before, box = pictures(phone), phone.locator("#box")
    _swipe(phone, "#frame", from_=(0.5, 0.9), by=(-40, -160))
    assert phone.get_by_test_id("stMain").evaluate("main => main.scrollTop") > 100
    expect(box).to_be_hidden()
    assert pictures(phone) == before
    # Across takes one, wherever the finger goes on to.
    phone.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    _swipe(phone, "#frame", from_=(0.2, 0.2), by=(90, 110))
    expect(box).to_be_visible()
    expect(phone.get_by_role("button", name="Whole picture")).to_be_visible()
    assert phone.get_by_test_id("stMain").evaluate("main => main.scrollTop") == 0
    assert pictures(phone) != before


def test_a_finger_scrolls_over_the_map(phone: Page, address: str) -> None:
    visit(phone, f"{address}?gallery=photos")
    phone.get_by_role("radio", name="Map of the gallery").tap()
    phone.locator("#map").scroll_into_view_if_needed()
    settle(phone)
    scrolled = phone.get_by_test_id("stMain").evaluate("main => main.scrollTop")
    _swipe(phone, "#map", from_=(0.5, 0.2), by=(-20, 160))
    assert phone.get_by_test_id("stMain").evaluate("main => main.scrollTop") < scrolled - 100
    expect(phone.get_by_label("Pictures inside the outline")).to_have_count(0)


def _swipe(phone: Page, name: str, *, from_: tuple[float, float], by: tuple[float, float]) -> None:
    """Put a finger on something, at shares of it, and draw it by so many pixels; the browser scrolls as on a phone."""
    frame = phone.locator(name).bounding_box()
    assert frame is not None
    x, y = frame["x"] + from_[0] * frame["width"], frame["y"] + from_[1] * frame["height"]
    session = phone.context.new_cdp_session(phone)
    for step in range(13):
        place = {"x": x + by[0] * step / 12, "y": y + by[1] * step / 12}
        kind = "touchMove" if step else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
        phone.wait_for_timeout(20)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    phone.wait_for_timeout(500)
    settle(phone)
    session.detach()


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
