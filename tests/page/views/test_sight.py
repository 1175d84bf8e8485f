"""Heat and charts are put off while visitors wait for each other, and come to whoever stays."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from imgsearch.page.server import crowd
from tests.page.looking import PANEL, look


def watched(page: AppTest) -> tuple[int, list[bool]]:
    """How long the browser waits, and which parts of the explanation it is told to be drawn."""
    told = next(json.loads(own.proto.json) for own in page.get("bidi_component") if own.proto.id.endswith("-sight"))
    return told["wait"], [each["drawn"] for each in told["parts"] if each["part"] != PANEL]


def test_in_a_crowd_new_matches_come_first_and_the_rest_when_the_visitor_stays(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(page)
    quiet = len(page.get("plotly_chart"))
    wait, drawn = watched(page)
    assert quiet and all(drawn)

    monkeypatch.setattr(crowd, "is_large", lambda: True)
    page.radio(key="method").set_value("histogram").run()
    assert any("12 nearest by Euclidean" in each.value for each in page.header)
    assert not page.get("plotly_chart")
    longer, drawn = watched(page)
    assert longer > wait and drawn and not any(drawn)
    # Matches that are on the screen are stayed with.
    page.run()
    assert page.get("plotly_chart") and watched(page)[0] == wait

    monkeypatch.undo()
    page.radio(key="method").set_value("siamese").run()
    assert len(page.get("plotly_chart")) == quiet
    assert not page.exception
