"""Where a query comes from: sample, upload, webcam, clipboard, chance."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.browser import chromium
from tests.browser.chromium import cards, expect, pictures, query, settle, visit


def test_page_opens_with_the_matches_of_a_sample(page: Page, address: str) -> None:
    visit(page, address)
    expect(cards(page)).to_have_count(12)
    expect(page.locator("#strip button[aria-pressed=true]")).to_have_count(1)
    assert page.locator("#strip button").count() >= 10
    expect(page.get_by_text("Find pictures like yours among 60,000, and see why.")).to_be_in_viewport()


def test_click_on_another_sample_gives_its_matches(page: Page, address: str) -> None:
    visit(page, address)
    before, asked = pictures(page), query(page)
    page.locator("#strip button").nth(2).click()
    expect(page.locator("#picture")).not_to_have_attribute("src", asked)
    settle(page)
    assert pictures(page) != before
    page.wait_for_url("**sample=**")
    expect(page.locator("#strip button").nth(2)).to_have_attribute("aria-pressed", "true")


def test_samples_are_reached_by_keyboard(page: Page, address: str) -> None:
    visit(page, address)
    asked = query(page)
    page.locator("#strip button").nth(3).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#picture")).not_to_have_attribute("src", asked)


def test_upload_is_searched_and_what_was_done_is_shown(page: Page, address: str, shirt: Path) -> None:
    visit(page, address)
    before = pictures(page)
    page.locator("input[type=file]").first.set_input_files(shirt)
    expect(page.get_by_alt_text("Your picture: shirt.jpg")).to_be_visible()
    settle(page)
    assert pictures(page) != before
    assert "sample=" not in page.url
    page.get_by_role("button", name="Steps").click()
    expect(page.get_by_text("What was done to your photograph")).to_be_visible()
    assert page.get_by_alt_text("Step 1").count() == 1


def test_file_that_is_no_picture_gets_one_sentence(page: Page, address: str, tmp_path: Path) -> None:
    visit(page, address)
    before = pictures(page)
    path = tmp_path / "letter.jpg"
    path.write_text("Dear reader")
    page.locator("input[type=file]").first.set_input_files(path)
    expect(page.get_by_text("This is not a picture that can be read here")).to_be_visible()
    assert pictures(page) == before
    expect(page.get_by_text("Traceback")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("IMG_1.HEIC", b"\0\0\0\x18ftypheic" + bytes(40), "This is a HEIC picture"),
        ("letter.pdf", b"%PDF-1.7 " + bytes(4000), "This is a PDF document, not a picture"),
    ],
)
def test_refused_file_is_told_what_it_is_until_the_next_one(
    page: Page, address: str, shirt: Path, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    visit(page, address)
    before = pictures(page)
    path = tmp_path / name
    path.write_bytes(content)
    page.locator("input[type=file]").first.set_input_files(path)
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_text("files are not allowed")).to_have_count(0)
    assert pictures(page) == before
    page.locator("input[type=file]").first.set_input_files(shirt)
    expect(page.get_by_alt_text("Your picture: shirt.jpg")).to_be_visible()
    expect(page.get_by_text(sentence)).to_have_count(0)


def test_steps_of_a_conversion_fit_the_place_that_they_are_shown_in(page: Page, address: str, shirt: Path) -> None:
    for size in (chromium.LAPTOP, chromium.PHONE):
        page.set_viewport_size(size)
        visit(page, address)
        page.locator("input[type=file]").first.set_input_files(shirt)
        page.get_by_role("button", name="Steps").click()
        body = page.get_by_test_id("stPopoverBody")
        expect(body.get_by_alt_text("Step 5")).to_be_visible()
        page.wait_for_timeout(500)
        frame = body.bounding_box()
        assert frame is not None
        assert frame["x"] >= 0
        assert frame["x"] + frame["width"] <= size["width"] + 1
        for one in body.locator("img").all():
            edges = one.bounding_box()
            assert edges is not None
            assert edges["x"] >= frame["x"]
            assert edges["x"] + edges["width"] <= frame["x"] + frame["width"] + 1
            assert edges["y"] + edges["height"] <= frame["y"] + frame["height"] + 1
            assert edges["width"] >= 60


def test_random_test_picture(page: Page, address: str) -> None:
    visit(page, address)
    asked = query(page)
    page.get_by_role("button", name="Random test picture").click()
    expect(page.locator("#picture")).not_to_have_attribute("src", asked)
    page.wait_for_url("**sample=q**")


def test_clipboard_picture_is_pasted_with_the_keyboard(page: Page, address: str, shirt: Path) -> None:
    visit(page, address)
    before = pictures(page)
    _copy(page, shirt)
    page.locator("h1").click()
    page.keyboard.press("Control+V")
    expect(page.get_by_alt_text("Your picture: Pasted picture")).to_be_visible()
    settle(page)
    assert pictures(page) != before


def test_clipboard_picture_is_pasted_with_the_button(page: Page, address: str, shirt: Path) -> None:
    visit(page, address)
    _copy(page, shirt)
    page.get_by_role("button", name="Paste").click()
    expect(page.get_by_alt_text("Your picture: Pasted picture")).to_be_visible()


def test_clipboard_without_a_picture_says_so(page: Page, address: str) -> None:
    visit(page, address)
    page.evaluate("navigator.clipboard.writeText('no picture')")
    page.locator("h1").click()
    page.keyboard.press("Control+V")
    expect(page.get_by_text("There is no picture in the clipboard")).to_be_visible()


@pytest.fixture(scope="module")
def with_camera(
    playwright: Playwright, photograph: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """Another Chromium, which plays a file of JPEGs one after the other as if a camera had taken them."""
    film = tmp_path_factory.mktemp("camera") / "film.mjpeg"
    film.write_bytes(photograph.read_bytes() * 30)
    browser = chromium.launch(
        playwright, "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"
    )
    yield browser
    browser.close()


def test_webcam_is_asked_for_only_when_chosen_and_its_picture_is_searched(with_camera: Browser, address: str) -> None:
    page = with_camera.new_page(viewport=chromium.LAPTOP, permissions=["camera"])
    page.set_default_timeout(chromium.PATIENCE)
    visit(page, address)
    expect(page.locator("video")).to_have_count(0)
    before = pictures(page)
    page.get_by_role("button", name="Webcam").click()
    expect(page.locator("video")).to_be_visible()
    page.wait_for_function("document.querySelector('video')?.videoWidth > 0")
    page.get_by_role("button", name="Take Photo").click()
    expect(page.get_by_alt_text("Your picture: Webcam")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    settle(page)
    assert pictures(page) != before
    page.context.close()


def test_missing_camera_gets_a_kind_answer(page: Page, address: str) -> None:
    page.context.grant_permissions([*chromium.GRANTED, "camera"])
    _no_camera(page, address, "NotFoundError")
    page.context.grant_permissions(chromium.GRANTED)


def test_refused_camera_gets_a_kind_answer(with_camera: Browser, address: str) -> None:
    page = with_camera.new_page(viewport=chromium.LAPTOP, permissions=chromium.GRANTED)
    page.set_default_timeout(chromium.PATIENCE)
    _no_camera(page, address, "NotAllowedError")
    page.context.close()


def _no_camera(page: Page, address: str, why: str) -> None:
    visit(page, address)
    assert why == page.evaluate("navigator.mediaDevices.getUserMedia({ video: true }).catch((error) => error.name)")
    page.get_by_role("button", name="Webcam").click()
    expect(page.get_by_text("No camera, or not allowed to use it?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(cards(page)).to_have_count(12)


def test_dragging_a_box_searches_with_that_part(page: Page, address: str, shirt: Path) -> None:
    visit(page, address)
    page.locator("input[type=file]").first.set_input_files(shirt)
    picture = page.get_by_alt_text("Your picture: shirt.jpg")
    expect(picture).to_be_visible()
    settle(page)
    before = pictures(page)
    _drag(page)
    expect(page.get_by_role("button", name="Whole picture")).to_be_visible()
    settle(page)
    assert pictures(page) != before
    expect(page.locator("#box")).to_be_visible()
    page.get_by_role("button", name="Whole picture").click()
    expect(page.locator("#box")).to_be_hidden()
    settle(page)
    assert pictures(page) == before


def test_part_that_is_suggested_of_a_photograph_of_a_garment_is_the_garment(
    page: Page, address: str, shirt: Path
) -> None:
    visit(page, address)
    page.locator("input[type=file]").first.set_input_files(shirt)
    expect(page.get_by_alt_text("Your picture: shirt.jpg")).to_be_visible()
    page.get_by_role("button", name="Suggest a part").click()
    expect(page.get_by_role("button", name="Whole picture")).to_be_visible()
    frame, box = (page.locator(name).bounding_box() for name in ("#frame", "#box"))
    assert frame is not None
    assert box is not None
    # The shirt is drawn from 110 to 530 across, of 640, and from 80 to 420 down, of 480.
    sides = (box["x"] - frame["x"]) / frame["width"], (box["y"] - frame["y"]) / frame["height"]
    sides += box["width"] / frame["width"], box["height"] / frame["height"]
    assert sides == pytest.approx((110 / 640, 80 / 480, 420 / 640, 340 / 480), abs=0.06)


def test_box_is_moved_with_the_keyboard(page: Page, address: str) -> None:
    visit(page, address)
    page.locator("#frame").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Whole picture")).to_be_visible()
    page.locator("#frame").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#box")).to_be_hidden()


def _drag(page: Page) -> None:
    """From a fifth to a half of the picture."""
    edges = page.locator("#frame").bounding_box()
    assert edges is not None
    start = edges["x"] + 0.2 * edges["width"], edges["y"] + 0.2 * edges["height"]
    end = edges["x"] + 0.5 * edges["width"], edges["y"] + 0.6 * edges["height"]
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()


def _copy(page: Page, path: Path) -> None:
    """Put a picture into the real clipboard of the browser, as a screenshot tool does."""
    page.evaluate(
        """async (data) => {
            const jpeg = await (await fetch(`data:image/jpeg;base64,${data}`)).blob()
            const picture = await createImageBitmap(jpeg)
            const canvas = new OffscreenCanvas(picture.width, picture.height)
            canvas.getContext('2d').drawImage(picture, 0, 0)
            const png = await canvas.convertToBlob({ type: 'image/png' })
            await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })])
        }""",
        base64.b64encode(path.read_bytes()).decode(),
    )
