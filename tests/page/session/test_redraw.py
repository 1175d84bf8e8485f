"""What is drawn again when several things are told to the page at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.page.app import shirt
from tests.page.looking import PANEL
from tests.page.visitor import Visitor
from tests.page.watched import Watched
from tests.serving import ROOT, serve


def test_a_click_that_comes_with_what_came_into_view_is_heard(watched: Watched) -> None:
    with Visitor(watched.server.address) as visitor:
        more = next(e.bidi_component for e in visitor.of("bidi_component") if e.bidi_component.id.endswith("-sight"))
        events = json.dumps([{"event": "seen", "value": {PANEL: True}}])
        came = WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{more.id}__events", json_trigger_value=events)
        webcam = next(e.button for e in visitor.of("button") if e.button.id.endswith("-webcam"))
        visitor.rerun(came, WidgetState(id=webcam.id, trigger_value=True), fragment=visitor.fragment_of(more.id))
        assert visitor.of("camera_input")
        assert any("network" in text and len(text) > 120 for text in visitor.texts()), (
            "what came into view is drawn, too"
        )


def test_files_that_are_chosen_as_something_comes_into_view_are_counted(watched: Watched) -> None:
    with Visitor(watched.server.address, "gallery=own") as visitor:
        visitor.upload_many([("one.jpg", shirt()), ("two.jpg", shirt("green"))])
        visitor.make_own()
        fragment = next(
            e.bidi_component.id for e in visitor.of("bidi_component") if e.bidi_component.id.endswith("-sight")
        )
        # The browser names the part of the page that was told of first.
        named = visitor.fragment_of(fragment)
        visitor.fragment_of = lambda _: named  # type: ignore[method-assign]
        visitor.upload_many([("three.jpg", shirt("blue"))], uploader=0)
        assert any("1 file chosen" in text for text in visitor.texts())
        visitor.click("own-add")
        while visitor.of("progress"):
            visitor.rerun()
        assert any("3 pictures searched" in text for text in visitor.texts())


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server that holds back what it has to send, as soon as the file is there; its address and the file."""
    hold = tmp_path_factory.mktemp("held") / "hold"
    with serve(ROOT / "tests" / "page" / "held_app.py", IMGSEARCH_HOLD=str(hold)) as server:
        yield server.address, hold


@pytest.mark.parametrize("query", ["", "method=compare", "gallery=photos"])
def test_a_picture_handed_in_while_the_page_is_still_drawn_finds_its_matches(
    held: tuple[str, Path], query: str
) -> None:
    address, hold = held
    visitor = Visitor(address, query)
    visitor.connect()
    hold.touch()
    visitor.ask()
    next(message for message in visitor.messages() if visitor.of("file_uploader"))
    visitor.hand_in([("shirt.jpg", shirt())])
    # The first answer is that of the page, the second that of the upload.
    while "**Your picture**" not in visitor.texts():
        visitor.wait()
    assert len(visitor.cards()) == 12 and not visitor.errors() and not hold.exists()
    visitor.leave()
