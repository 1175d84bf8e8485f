"""What can be taken along, how good it is, how it works, and the map."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser.chromium import cards, expect, pictures, query, ranking, settle, visit


def test_link_brings_everything_back(page: Page, address: str) -> None:
    visit(page, address)
    page.get_by_text("Euclidean histogram", exact=True).click()
    expect(page.get_by_role("heading", name="nearest by Euclidean histogram")).to_be_visible()
    page.get_by_role("slider", name="Matches").focus()
    page.keyboard.press("ArrowRight")
    expect(cards(page)).to_have_count(13)
    asked = query(page)
    page.locator("#strip button").nth(4).click()
    expect(page.locator("#picture")).not_to_have_attribute("src", asked)
    page.wait_for_url("**sample=**")
    settle(page)
    _open(page, "Export")
    link = page.locator("code", has_text="sample=").inner_text()
    shown = query(page), ranking(page), pictures(page)
    for there in (link, page.url):
        page.goto("about:blank")
        visit(page, there)
        assert (query(page), ranking(page), pictures(page)) == shown


def test_csv_says_what_the_screen_says(page: Page, address: str) -> None:
    visit(page, f"{address}?method=siamese")
    _open(page, "Export")
    with page.expect_download() as download:
        page.get_by_role("button", name="Table (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
    shown = ranking(page)
    assert len(rows) == len(shown) == 12
    for row, text in zip(rows, shown, strict=True):
        assert text.startswith(f"{row['rank']} {row['label']} ")
        assert f"cosine {float(row['score']):.3f}" in text
        assert row["method"] == "siamese"


def test_json_and_picture(page: Page, address: str) -> None:
    visit(page, f"{address}?method=compare")
    _open(page, "Export")
    with page.expect_download() as download:
        page.get_by_role("button", name="Numbers (JSON)").click()
    content = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert [ranking["method"] for ranking in content["rankings"]] == ["histogram", "siamese"]
    assert [match["rank"] for match in content["rankings"][0]["matches"]] == list(range(1, 13))
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture for a slide (PNG)").click()
    with Image.open(download.value.path()) as slide:
        assert slide.size == (1600, 900)
        assert len(slide.getcolors(1 << 24) or []) > 100


def test_files_have_one_extension(page: Page, address: str, shirt: Path) -> None:
    visit(page, f"{address}?method=histogram")
    page.locator("input[type=file]").first.set_input_files(shirt)
    expect(page.get_by_alt_text("Your picture: shirt.jpg")).to_be_visible()
    _open(page, "Export")
    with page.expect_download() as download:
        page.get_by_role("button", name="Table (CSV)").click()
    assert download.value.suggested_filename == "fashion-shirt.csv"


def test_how_it_works_is_short_and_about_this_query(page: Page, address: str) -> None:
    visit(page, f"{address}?method=siamese")
    panel = page.locator(".st-key-below")
    page.get_by_role("radio", name="How it works").scroll_into_view_if_needed()
    expect(panel).to_contain_text("Two copies of one network")
    words = panel.inner_text().replace("arrow_forward", "").replace("compare_arrows", "").split()
    assert len(words) < 150
    label = page.get_by_text("Query ·").first.inner_text().partition("· ")[2]
    assert label.lower() in panel.inner_text()


def test_measured_quality_is_shown(page: Page, address: str) -> None:
    visit(page, address)
    _open(page, "How good is it?")
    panel = page.locator(".st-key-below")
    expect(panel.get_by_text(re.compile(r"first match is of the right kind for \d+ of 100"))).to_be_visible()
    expect(panel.locator(".js-plotly-plot")).to_have_count(1)
    expect(panel.get_by_role("table")).to_contain_text("the first match")
    # Of a weak method it is said here, once, and not over every search.
    expect(
        panel.get_by_text("Euclidean histogram: the first match is wrong for 59 of 100, so no search")
    ).to_be_visible()
    expect(panel.get_by_text(re.compile(r"Siamese network: “No confident match” stands over 2\.0\s%"))).to_be_visible()


def test_map_shows_a_thumbnail_and_what_is_inside_an_outline(page: Page, address: str) -> None:
    visit(page, f"{address}?method=siamese")
    _open(page, "Map of the gallery")
    field = page.locator("#map")
    expect(field).to_be_visible()
    page.mouse.wheel(0, 5000)
    page.wait_for_timeout(500)
    edges = field.bounding_box()
    assert edges is not None
    near = page.locator("#near")
    for step in range(400):
        across, down = 0.1 + 0.8 * (step % 20) / 20, 0.1 + 0.8 * (step // 20) / 20
        page.mouse.move(edges["x"] + across * edges["width"], edges["y"] + down * edges["height"])
        if near.is_visible():
            break
    expect(near).to_be_visible()
    assert near.locator("#name").inner_text()
    corners = [(0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.5, 0.99), (0.02, 0.98)]
    page.mouse.move(edges["x"] + corners[0][0] * edges["width"], edges["y"] + corners[0][1] * edges["height"])
    page.mouse.down()
    for across, down in corners[1:]:
        page.mouse.move(edges["x"] + across * edges["width"], edges["y"] + down * edges["height"], steps=4)
    page.mouse.up()
    # All that is inside is counted, though only some of it is drawn, and that is said.
    expect(page.get_by_text("2,500 of the 60,000 pictures are drawn as dots")).to_be_visible()
    said = page.locator("p", has_text=re.compile(r"[\d,]+ pictures inside")).inner_text()
    inside, dots = (int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", said)[:2])
    assert dots <= 2500 < inside, said
    # A click on one of those that are drawn shows it large.
    page.locator(".st-key-inside-outline button").nth(2).click()
    expect(page.get_by_role("dialog").get_by_text("From the map")).to_be_visible()


def test_dots_of_the_map_are_larger_where_there_are_fewer_and_a_click_shows_one(page: Page, address: str) -> None:
    sizes = []
    for gallery in ("fashion", "photos"):
        visit(page, f"{address}?gallery={gallery}&method=siamese")
        _open(page, "Map of the gallery")
        expect(page.locator("#map")).to_have_attribute("data-dot", re.compile("."))
        sizes.append(float(page.locator("#map").get_attribute("data-dot") or 0))
    assert sizes[1] > 1.5 * sizes[0]
    page.mouse.wheel(0, 5000)
    page.wait_for_timeout(500)
    edges = page.locator("#map").bounding_box()
    assert edges is not None
    for step in range(400):
        across, down = 0.1 + 0.8 * (step % 20) / 20, 0.1 + 0.8 * (step // 20) / 20
        page.mouse.move(edges["x"] + across * edges["width"], edges["y"] + down * edges["height"])
        if page.locator("#near").is_visible():
            page.mouse.down()
            page.mouse.up()
            break
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("button", name="Find similar").last).to_be_visible()


def test_no_two_kinds_share_a_colour_on_the_map(page: Page, address: str) -> None:
    for gallery in ("photos", "fashion"):
        visit(page, f"{address}?gallery={gallery}&method=siamese")
        _open(page, "Map of the gallery")
        chips = page.locator("#legend button")
        expect(chips.first).to_be_visible()
        names = chips.all_inner_texts()
        colours = chips.locator("i").evaluate_all("dots => dots.map((dot) => getComputedStyle(dot).backgroundColor)")
        assert len(set(colours[:10])) == 10
        if gallery == "fashion":
            assert len(names) == 10
            continue
        # The kinds of the matches come first, and all that are left for want of colours are grey.
        kinds = {" ".join(text.split()[1 : text.split().index("cosine")]) for text in ranking(page)}
        assert kinds == set(names[: len(kinds)])
        assert len(names) > 50
        assert len(set(colours[10:])) == 1
        assert colours[10] not in colours[:10]


def _open(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).click()
    expect(page.get_by_role("radio", name=name)).to_have_attribute("aria-checked", "true")
    settle(page)


def test_a_slow_press_on_what_came_into_view_is_heard(page: Page, address: str) -> None:
    visit(page, f"{address}?gallery=photos&method=compare&matches=5")
    # Opened from the keyboard or by a script, it is still below the window.
    page.get_by_role("radio", name="Export").evaluate("one => one.click()")
    button = page.get_by_role("button", name="Matched pictures (ZIP)")
    expect(button).to_be_attached()
    settle(page)
    button.evaluate("button => button.scrollIntoView({ block: 'center' })")
    edges = button.bounding_box()
    assert edges is not None
    page.mouse.move(edges["x"] + edges["width"] / 2, edges["y"] + edges["height"] / 2)
    with page.expect_download():
        page.mouse.down()
        page.wait_for_timeout(1500)
        assert button.bounding_box() == edges
        page.mouse.up()


def test_nothing_is_drawn_while_a_button_is_pressed(page: Page, address: str) -> None:
    visit(page, f"{address}?method=compare")
    charts = page.locator(".js-plotly-plot")
    page.get_by_role("heading", name="Siamese network").hover()
    page.mouse.down()
    page.get_by_role("radio", name="Export").evaluate("one => one.scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(1500)
    assert charts.count() == 0
    page.mouse.up()
    expect(charts.first).to_be_visible()


def test_zip_holds_the_matched_pictures_and_whose_they_are(page: Page, address: str) -> None:
    visit(page, f"{address}?gallery=photos&method=compare&matches=5")
    _open(page, "Export")
    with page.expect_download() as download:
        page.get_by_role("button", name="Matched pictures (ZIP)").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        credits = list(csv.DictReader(io.StringIO(archive.read("credits.csv").decode("utf-8-sig"))))
        assert sorted(archive.namelist()) == sorted(["credits.csv", *(row["file"] for row in credits)])
        for row in credits:
            with Image.open(io.BytesIO(archive.read(row["file"]))) as picture:
                picture.load()
                assert min(picture.size) > 50
            assert row["licence"]
            assert row["author"] or row["source"]
    scores = [re.search(r"(?:cosine|distance) (\S+)", text) for text in ranking(page)]
    assert [f"{float(row['score']):.3f}" for row in credits] == [score[1] for score in scores if score]
    assert [row["method"] for row in credits] == ["histogram"] * 5 + ["siamese"] * 5
