"""A picture large; walking among the cards; marks one by one; every width."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser import chromium
from tests.browser.chromium import cards, expect, settle, visit

WIDTHS = [320, 390, 768, 1024, 1093, 1200, 1366, 1920]
PHONES = [320, 360, 390, 430, 844]

CUT_OR_OVERLAPPING = """() => {
  const seen = []
  const collect = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) collect(element.shadowRoot)
      if (element.matches('button, img, h1, h2, h3, figcaption')) seen.push(element)
    }
  }
  collect(document.querySelector('[data-testid=stMain]'))
  const above = (one) => one.parentElement ?? one.getRootNode().host
  const wrong = []
  const shown = seen.map((element) => [element, element.getBoundingClientRect()]).filter(
    ([element, box]) => box.width > 1 && box.height > 1 && getComputedStyle(element).visibility === 'visible')
  for (const [element, box] of shown) {
    const label = element.getAttribute('aria-label') || element.alt
    const says = (label || element.textContent || element.className).slice(0, 60)
    for (let one = above(element), scrolls = false; one && !scrolls; one = above(one)) {
      const style = getComputedStyle(one)
      scrolls = style.overflowX === 'auto' || style.overflowX === 'scroll'
      const edges = one.getBoundingClientRect()
      if (!scrolls && style.overflowX !== 'visible' && (box.right > edges.right + 1 || box.left < edges.left - 1)) {
        wrong.push(`cut: ${says}`)
      }
    }
    if (box.left < -1 || (box.right > innerWidth + 1 && !element.closest('#strip'))) wrong.push(`outside: ${says}`)
  }
  const acts = shown.filter(([element]) => element.matches('button') && !element.closest('#strip, [role=tablist]'))
  acts.forEach(([one, a], number) => acts.slice(number + 1).forEach(([other, b]) => {
    if (one.contains(other) || other.contains(one)) return
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left)
    if (across > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1
        && ![one, other].some((each) => getComputedStyle(each).position === 'absolute')) {
      wrong.push(`over another: ${[one, other].map((each) => each.ariaLabel || each.textContent).join(' / ')}`)
    }
  }))
  for (const [name] of shown.filter(([element]) => element.matches('.kind'))) {
    const fits = name.scrollWidth <= name.clientWidth + 1 && name.scrollHeight <= name.clientHeight + 2
    if (!fits) wrong.push(`cut: ${name.textContent}`)
  }
  for (const chart of document.querySelectorAll('.js-plotly-plot')) {
    const edges = chart.querySelector('.main-svg').getBoundingClientRect()
    // Boxes of slanted names lie over each other, and the names do not.
    const texts = [...chart.querySelectorAll('text')].filter((one) => one.textContent.trim()
      && !one.closest('.hoverlayer') && !one.getAttribute('transform')?.includes('rotate(-40'))
    const boxes = texts.map((one) => [one.textContent, one.getBoundingClientRect()]).filter(([, box]) => box.width > 1)
    boxes.forEach(([text, a], number) => {
      const aside = a.left < edges.left - 1 || a.right > edges.right + 1
      if (aside || a.top < edges.top - 1 || a.bottom > edges.bottom + 1) wrong.push(`outside its chart: ${text}`)
      for (const [other, b] of boxes.slice(number + 1)) {
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left)
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
        if (across > 1 && down > 2) wrong.push(`over another: ${text} / ${other}`)
      }
    })
  }
  const main = document.querySelector('[data-testid=stMain]')
  if (main.scrollWidth > main.clientWidth + 1) wrong.push(`scrolls sideways: ${main.scrollWidth} > ${main.clientWidth}`)
  return wrong
}"""


@pytest.mark.parametrize(
    "query",
    [
        "?method=siamese",
        "?method=compare",
        "?gallery=photos&word=musical+instrument",
        "?gallery=photos&method=histogram&histogram=by+region&sample=g40&more=3+7&less=9",
    ],
)
def test_nothing_is_cut_or_covered_at_any_width(page: Page, address: str, query: str) -> None:
    visit(page, address + query)
    _nothing_is_cut_or_covered(page, WIDTHS)


@pytest.mark.parametrize("settings", ["", "?gallery=photos&method=histogram", "?gallery=photos&word=boat"])
def test_nothing_is_cut_or_covered_on_any_phone(phone: Page, address: str, settings: str) -> None:
    visit(phone, address + settings)
    _nothing_is_cut_or_covered(phone, PHONES)


def _nothing_is_cut_or_covered(page: Page, widths: list[int]) -> None:
    wrong = {}
    for width in widths:
        # So high that charts are drawn.
        page.set_viewport_size({"width": width, "height": 2600})
        page.wait_for_timeout(500)
        settle(page)
        wrong[width] = page.evaluate(CUT_OR_OVERLAPPING)
    assert not any(wrong.values()), wrong


def test_click_on_a_picture_shows_it_large_beside_the_query(page: Page, address: str) -> None:
    visit(page, f"{address}?gallery=photos&method=siamese")
    cards(page).nth(2).locator(".picture").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Match 3 · cosine")).to_be_visible()
    expect(dialog.get_by_text(re.compile("Match: .+ · .+"))).to_be_visible()
    sizes = dialog.locator("figure img").evaluate_all("all => all.map((one) => one.getBoundingClientRect().width)")
    assert len(sizes) == 2
    assert min(sizes) > 350
    expect(dialog.get_by_role("button", name="Find similar")).to_be_in_viewport(ratio=1)
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_text("Match 4 · cosine")).to_be_visible()
    page.keyboard.press("+")
    moved = dialog.locator("figure img").evaluate_all("all => all.map((one) => one.style.transform)")
    assert moved[0] == moved[1]
    assert "scale(1.5)" in moved[0]
    frame = dialog.locator(".frame").first.bounding_box()
    assert frame is not None
    page.mouse.move(frame["x"] + 200, frame["y"] + 100)
    page.mouse.down()
    page.mouse.move(frame["x"] + 150, frame["y"] + 80, steps=3)
    page.mouse.up()
    dragged = dialog.locator("figure img").evaluate_all("all => all.map((one) => one.style.transform)")
    assert dragged[0] == dragged[1] != moved[0]
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_click_on_the_query_shows_it_large(page: Page, address: str) -> None:
    page.set_viewport_size(chromium.PHONE)
    visit(page, address)
    page.locator("#frame").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("figure img:visible")).to_have_count(1)
    page.keyboard.press("Escape")
    # On a telephone, what is below the pictures is in one row.
    cards(page).first.locator(".picture").click()
    buttons = dialog.locator("#bar button:visible")
    expect(buttons).to_have_count(5)
    places = buttons.evaluate_all("all => all.map((one) => one.getBoundingClientRect().y)")
    assert len(set(places)) == 1


def test_one_tab_stop_leads_to_a_card_and_arrows_walk(page: Page, address: str) -> None:
    visit(page, address)
    assert cards(page).locator("button[tabindex='0']").count() == cards(page).first.locator("button").count()
    cards(page).first.locator(".picture").focus()
    page.keyboard.press("ArrowRight")
    expect(cards(page).nth(1).locator(".picture")).to_be_focused()
    page.keyboard.press("End")
    expect(cards(page).last.locator(".picture")).to_be_focused()
    for name in ("Show only", "Why?"):
        page.keyboard.press("Tab")
        expect(cards(page).last.get_by_role("button", name=name)).to_be_focused()


def test_screen_readers_hear_of_new_matches(page: Page, address: str) -> None:
    visit(page, f"{address}?method=siamese")
    said = page.locator(".st-key-cards-0 #said")
    expect(said).to_have_text("")
    page.get_by_text("Euclidean histogram", exact=True).click()
    expect(said).to_have_text(re.compile("^12 matches by Euclidean histogram; the first: "))


@pytest.mark.parametrize(("viewport", "column"), [(chromium.LAPTOP, "0"), (chromium.PHONE, "0"), (chromium.PHONE, "1")])
def test_answer_to_why_is_in_view(page: Page, address: str, viewport: dict[str, int], column: str) -> None:
    page.set_viewport_size(viewport)
    visit(page, f"{address}?method={'siamese' if column == '0' else 'compare'}")
    cards(page, column).nth(10).get_by_role("button", name="Why?").click()
    heading = page.locator(f".st-key-why-{column}").get_by_role("heading", name="Why is match 11 similar?")
    expect(heading).to_be_in_viewport()
    settle(page)
    page.wait_for_timeout(500)
    expect(heading).to_be_in_viewport()


def test_marks_are_seen_in_the_comparison_and_taken_back_one_by_one(page: Page, address: str) -> None:
    visit(page, f"{address}?method=compare")
    cards(page, "0").nth(4).get_by_role("button", name="More like this").click()
    expect(page.get_by_role("button", name="Clear 1 mark")).to_be_visible()
    settle(page)
    cards(page, "1").nth(6).get_by_role("button", name="Not like this").click()
    expect(page.get_by_role("button", name="Clear 2 marks")).to_be_visible()
    page.locator("#marked").get_by_role("button", name=re.compile("^More like this")).click()
    expect(page.get_by_role("button", name="Clear 1 mark")).to_be_visible()
    expect(page.locator("#marked button")).to_have_text(["Not like this ×"])
