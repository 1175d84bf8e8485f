"""What moves or is still to come while somebody clicks."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import cards, expect, settle, visit


@pytest.mark.parametrize("moved", [44, 0])
def test_a_button_that_moves_away_while_it_is_pressed_is_clicked_once(page: Page, address: str, moved: int) -> None:
    visit(page, f"{address}?method=siamese")
    more = cards(page).nth(2).get_by_role("button", name="More like this")
    more.hover()
    page.mouse.down()
    # As what arrives above does.
    page.locator(".st-key-cards-0").evaluate("(cards, by) => { cards.style.marginTop = `${by}px` }", moved)
    page.mouse.up()
    clear = page.get_by_role("button", name="Clear 1 mark")
    expect(clear).to_be_visible()
    settle(page)
    # Who leaves a button has thought better of it.
    cards(page).first.get_by_role("button", name="Not like this").hover()
    page.mouse.down()
    page.get_by_role("heading", name="nearest by").hover()
    page.mouse.up()
    settle(page)
    expect(clear).to_be_visible()


def test_settled_page_has_drawn_what_is_in_view(page: Page, address: str) -> None:
    visit(page, f"{address}?method=siamese")
    chart = page.locator(".st-key-all-0")
    chart.evaluate("one => one.scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(60)
    # After a key, what is in view is told later than else.
    page.keyboard.press("Shift")
    settle(page)
    assert chart.locator(".js-plotly-plot").count() == 1
