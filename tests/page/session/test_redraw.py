"""What is drawn again when several things are told to the page at once."""

from __future__ import annotations

import json

from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.page.visitor import Visitor
from tests.page.watched import Watched


def test_a_click_that_comes_with_what_came_into_view_is_heard(watched: Watched) -> None:
    with Visitor(watched.server.address) as visitor:
        more = next(
            e.bidi_component for e in visitor.of("bidi_component") if e.bidi_component.id.endswith("sight-tabs")
        )
        events = json.dumps([{"event": "seen", "value": {"tabs": True}}])
        came = WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{more.id}__events", json_trigger_value=events)
        webcam = next(e.button for e in visitor.of("button") if e.button.id.endswith("-webcam"))
        visitor.rerun(came, WidgetState(id=webcam.id, trigger_value=True), fragment=visitor.fragment_of(more.id))
        assert visitor.of("camera_input")
        assert any("network" in text and len(text) > 120 for text in visitor.texts()), (
            "what came into view is drawn, too"
        )
