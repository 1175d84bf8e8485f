"""The matches: methods, comparison, explanation, marks, the way on and the way back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import cards, expect, pictures, query, ranking, settle, visit


def test_change_of_method_changes_the_ranking(page: Page, address: str) -> None:
    visit(page, address)
    before = pictures(page)
    page.get_by_text("Euclidean histogram", exact=True).click()
    expect(page.get_by_role("heading", name="nearest by Euclidean histogram")).to_be_visible()
    settle(page)
    assert pictures(page) != before
    assert all("distance" in text for text in ranking(page))
    assert "method=" in page.url
    page.get_by_text("Siamese network", exact=True).click()
    expect(page.get_by_role("heading", name="nearest by Siamese network")).to_be_visible()
    settle(page)
    assert pictures(page) == before


def test_histogram_of_a_grid_ranks_otherwise(page: Page, address: str) -> None:
    visit(page, f"{address}?method=histogram")
    before = pictures(page)
    page.get_by_role("radio", name="By region").click()
    expect(page.get_by_role("heading", name=re.compile("7×7 grid"))).to_be_visible()
    settle(page)
    assert pictures(page) != before
    expect(page.get_by_text("Where they differ")).to_be_visible()


def test_number_of_matches(page: Page, address: str) -> None:
    visit(page, address)
    first = pictures(page)
    page.get_by_role("slider", name="Matches").focus()
    page.keyboard.press("ArrowRight")
    expect(cards(page)).to_have_count(13)
    settle(page)
    assert pictures(page)[:12] == first
    assert "matches=13" in page.url


def test_every_card_has_rank_and_score(page: Page, address: str) -> None:
    visit(page, f"{address}?method=siamese")
    for rank, text in enumerate(ranking(page), start=1):
        assert text.startswith(f"{rank} ")
        assert re.search(r"cosine 0\.\d+", text)
        assert not re.search(r"closer than", text), "only the rank in other words"
    expect(
        page.get_by_text(re.compile(r"60,000 pictures searched in [\d.]+ ms, the query described in [\d.]+ ms\."))
    ).to_be_visible()


def test_selecting_a_match_changes_the_comparison(page: Page, address: str) -> None:
    visit(page, f"{address}?method=histogram")
    expect(page.get_by_role("heading", name="Why is match 1 similar?")).to_be_visible()
    cards(page).nth(3).get_by_role("button", name="Why?").click()
    expect(page.get_by_role("heading", name="Why is match 4 similar?")).to_be_visible()
    for part in ("shades", "bins", "scores", "all"):
        chart = page.locator(f".st-key-{part}-0")
        chart.scroll_into_view_if_needed()
        expect(chart.locator(".js-plotly-plot")).to_be_visible()
    page.locator(".st-key-shades-0").scroll_into_view_if_needed()
    expect(page.locator(".legendtext", has_text="match 4")).to_be_visible()


def test_charts_are_drawn_when_they_come_into_view_and_nothing_moves(page: Page, address: str) -> None:
    visit(page, f"{address}?method=siamese")
    heat = page.get_by_alt_text("Match 1 with heat where it speaks for the match")
    expect(heat).to_be_visible()
    settle(page)
    for part in ("scores", "all"):
        expect(page.locator(f".st-key-{part}-0")).to_have_count(1)
        expect(page.locator(f".st-key-{part}-0 .js-plotly-plot")).to_have_count(0)
    panels = page.get_by_role("radio", name="How it works")
    idea = page.get_by_text("Two copies of one network")
    expect(idea).to_have_count(0)
    places = [page.locator(f".st-key-{part}-0") for part in ("shades", "scores", "all")]
    for place in places:
        place.scroll_into_view_if_needed()
        expect(place.locator(".js-plotly-plot")).to_be_visible()
    panels.evaluate("one => one.scrollIntoView({ block: 'center' })")
    expect(idea).to_be_visible()
    settle(page)
    before = [place.bounding_box() for place in places]
    page.get_by_role("slider", name="Matches").focus()
    page.keyboard.press("ArrowLeft")
    expect(cards(page)).to_have_count(11)
    settle(page)
    after = [place.bounding_box() for place in places]
    for one, other in zip(before, after, strict=True):
        assert one is not None and other is not None
        assert abs(one["height"] - other["height"]) <= 4


def test_siamese_match_is_explained_by_heat_that_sums_to_the_score(page: Page, address: str) -> None:
    visit(page, f"{address}?method=siamese")
    expect(page.get_by_alt_text("Query with heat where it speaks for the match")).to_be_visible()
    expect(page.get_by_alt_text("Match 1 with heat where it speaks for the match")).to_be_visible()
    said = page.get_by_text("together they give").inner_text()
    total = float(re.search(r"the score, ([\d.]+)\.", said)[1])  # type: ignore[index]
    score = float(re.search(r"cosine ([\d.]+)", ranking(page)[0])[1])  # type: ignore[index]
    assert total == score


def test_comparison_shows_both_rankings_and_what_they_share(page: Page, address: str) -> None:
    visit(page, f"{address}?method=compare")
    for column in ("0", "1"):
        expect(cards(page, column)).to_have_count(12)
    shared = set(pictures(page, "0")) & set(pictures(page, "1"))
    said = page.get_by_text(re.compile("The two (share|have)")).inner_text()
    assert (f"{len(shared)} of 12" in said) if shared else ("no match" in said)
    expect(page.get_by_text(re.compile(r"\d+ of 12 are the right kind"))).to_have_count(2)
    label = page.get_by_text(re.compile(r"\d+ of 12 are the right kind")).first.inner_text()
    label = label.partition(": ")[2].partition(" ·")[0]
    right = sum(f" {label} " in text for text in ranking(page, "0"))
    expect(page.get_by_text(re.compile(r"\d+ of 12 are the right kind")).first).to_have_text(
        re.compile(f"^{right} of 12")
    )


def test_search_with_a_match_and_the_way_back(page: Page, address: str) -> None:
    visit(page, f"{address}?method=siamese")
    asked, before = query(page), pictures(page)
    cards(page).nth(2).get_by_role("button", name="Find similar").click()
    expect(page.locator("#picture")).not_to_have_attribute("src", asked)
    page.wait_for_url("**sample=g**")
    settle(page)
    # The query and the way back are in view, and nobody is shown the query as its own best match.
    expect(page.locator("#picture")).to_be_in_viewport()
    expect(page.locator(".st-key-back-0")).to_be_in_viewport()
    expect(cards(page).get_by_text("exact copy")).to_have_count(0)
    page.locator(".st-key-back-0").get_by_role("button").click()
    expect(page.locator("#picture")).to_have_attribute("src", asked)
    settle(page)
    assert pictures(page) == before


def test_marks_change_the_ranking_until_they_are_forgotten(page: Page, address: str) -> None:
    visit(page, f"{address}?method=siamese")
    before = ranking(page)
    cards(page).nth(4).get_by_role("button", name="More like this").click()
    forget = page.get_by_role("button", name=re.compile("Clear 1 mark"))
    expect(forget).to_be_visible()
    settle(page)
    assert ranking(page) != before
    cards(page).nth(8).get_by_role("button", name="Not like this").click()
    expect(page.get_by_role("button", name="Clear 2 marks")).to_be_visible()
    page.get_by_role("button", name="Clear 2 marks").click()
    expect(page.get_by_role("button", name=re.compile("Clear"))).to_have_count(0)
    settle(page)
    assert ranking(page) == before


def test_click_on_a_kind_shows_only_that_kind_until_the_filter_is_cleared(page: Page, address: str) -> None:
    visit(page, f"{address}?gallery=photos&method=histogram")
    before = ranking(page)
    kind = cards(page).nth(2).get_by_role("button", name="Show only Big cat: match 3")
    kind.click()
    clear = page.get_by_role("button", name="Clear filter")
    expect(clear).to_be_in_viewport()
    expect(page.get_by_text(re.compile("Only Big cat:.* 6 of 691 pictures"))).to_be_in_viewport()
    settle(page)
    assert ranking(page) and all("Big cat" in text for text in ranking(page))
    # A picture of the gallery was described when that was made.
    expect(page.get_by_text(re.compile(r"691 pictures searched in [\d.]+ ms\."))).to_be_visible()
    assert "only=big+cat" in page.url
    # There is nothing left to filter by.
    expect(cards(page).first.get_by_text("Big cat")).to_be_disabled()
    page.get_by_text("Filter", exact=True).click()
    expect(page.get_by_test_id("stSidebar").get_by_text("Big cat")).to_be_visible()
    clear.click()
    expect(clear).to_have_count(0)
    settle(page)
    assert ranking(page) == before
    page.go_back()
    expect(clear).to_be_visible()


def test_picture_that_is_like_nothing_here_is_called_so(page: Page, address: str, tmp_path: Path) -> None:
    import numpy as np
    from PIL import Image

    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    path = tmp_path / "noise.png"
    Image.fromarray(noise).save(path)
    visit(page, f"{address}?gallery=fashion&method=siamese")
    page.locator("input[type=file]").first.set_input_files(path)
    expect(page.get_by_alt_text("Your picture: noise.png")).to_be_visible()
    said = page.get_by_text("This does not look like a garment")
    expect(said).to_be_visible()
    # The classic histogram is too weak to tell.
    page.get_by_text("Euclidean histogram", exact=True).click()
    expect(said).to_have_count(0)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("gallery=photos&sample=g60", "No confident match."),
        ("gallery=photos&sample=g229", "Nothing here looks like this."),
        ("gallery=fashion&sample=q42", "No confident match."),
        ("gallery=fashion&sample=q25", "Nothing here looks like this."),
    ],
)
def test_doubt_has_degrees_and_a_method_that_cannot_tell_says_nothing(
    page: Page, address: str, query: str, said: str
) -> None:
    visit(page, f"{address}?method=siamese&{query}")
    doubts = page.get_by_text(re.compile(r"No confident match\.|Nothing here looks like this\."))
    expect(doubts).to_have_count(1)
    expect(doubts).to_contain_text(said)
    page.get_by_text("Euclidean histogram", exact=True).click()
    expect(page.get_by_role("heading", name="nearest by Euclidean histogram")).to_be_visible()
    settle(page)
    expect(doubts).to_have_count(0)


def test_what_is_no_garment_is_searched_among_photographs_in_one_click(
    page: Page, address: str, photograph: Path
) -> None:
    visit(page, f"{address}?gallery=fashion&method=siamese")
    page.locator("input[type=file]").first.set_input_files(photograph)
    expect(page.get_by_text("This does not look like a garment")).to_be_visible()
    page.get_by_role("button", name="Search it in Photos").click()
    page.wait_for_url("**gallery=photos**")
    expect(page.get_by_role("combobox", name="Search in")).to_have_value("Photos")
    expect(page.get_by_alt_text("Your picture: photograph.jpg")).to_be_visible()
    expect(page.get_by_text("This does not look like a garment")).to_have_count(0)
    settle(page)
    assert len(pictures(page)) == 12


def test_only_the_results_are_drawn_again_for_a_selection(page: Page, address: str) -> None:
    visit(page, address)
    page.evaluate("document.querySelector('h1').dataset.same = 'yes'")
    page.evaluate("document.querySelector('.st-key-webcam').dataset.same = 'yes'")
    stale = page.evaluate_handle(
        """() => {
            const seen = new Set()
            new MutationObserver((changes) => changes.forEach((change) => {
                for (const key of ['st-key-webcam', 'st-key-random']) {
                    if (change.target.closest?.(`.${key}`)) seen.add(key)
                }
            })).observe(document.body, { subtree: true, childList: true, characterData: true })
            return seen
        }"""
    )
    cards(page).nth(1).get_by_role("button", name="Why?").click()
    expect(page.get_by_role("heading", name="Why is match 2 similar?")).to_be_visible()
    settle(page)
    assert page.evaluate("seen => [...seen]", stale) == []
    assert page.evaluate("document.querySelector('h1').dataset.same") == "yes"


def test_photographs_show_their_author_and_licence(page: Page, address: str, photograph: Path) -> None:
    visit(page, f"{address}?gallery=photos&method=siamese")
    expect(page.get_by_role("heading", name="Why is match 1 similar?")).to_be_visible()
    cards(page).nth(2).get_by_role("button", name="Why?").click()
    expect(page.get_by_role("heading", name="Why is match 3 similar?")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Match 3: .+ · .+"))).to_be_visible()
    page.locator("input[type=file]").first.set_input_files(photograph)
    expect(page.get_by_alt_text("Your picture: photograph.jpg")).to_be_visible()
    expect(page.get_by_alt_text("The query in the form that the network takes")).to_be_visible()
    settle(page)
    assert "cosine" in ranking(page)[0]


def test_other_gallery_keeps_the_visitors_picture(page: Page, address: str, photograph: Path) -> None:
    visit(page, address)
    page.locator("input[type=file]").first.set_input_files(photograph)
    expect(page.get_by_alt_text("Your picture: photograph.jpg")).to_be_visible()
    settle(page)
    page.get_by_role("combobox", name="Search in").click()
    page.get_by_role("option", name="Photos").click()
    expect(
        page.get_by_text("691 pictures searched").or_(page.get_by_text(re.compile("pictures searched"))).first
    ).to_be_visible()
    page.wait_for_url("**gallery=photos**")
    expect(page.get_by_alt_text("Your picture: photograph.jpg")).to_be_visible()
