"""Heat and charts are put off while visitors wait for each other, and come to whoever stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from imgsearch.page.server import crowd
from tests.page.looking import look


def watched_parts(page: AppTest) -> dict[str, Any]:
    """What the browser is told of the parts of the explanation."""
    return next(
        json.loads(own.proto.json) for own in page.get("bidi_component") if own.proto.id.endswith("sight-heat-0")
    )


def test_in_a_crowd_new_matches_come_first_and_the_rest_when_the_visitor_stays(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(page)
    quiet = len(page.get("plotly_chart"))
    wait = watched_parts(page)["wait"]
    assert quiet and all(each["drawn"] for each in watched_parts(page)["parts"])

    monkeypatch.setattr(crowd, "is_large", lambda: True)
    page.radio(key="method").set_value("histogram").run()
    assert any("12 nearest by Euclidean" in each.value for each in page.header)
    assert not page.get("plotly_chart")
    told = watched_parts(page)
    assert told["wait"] > wait and not any(each["drawn"] for each in told["parts"])
    # Matches that are on the screen are stayed with.
    page.run()
    assert page.get("plotly_chart") and watched_parts(page)["wait"] == wait

    monkeypatch.undo()
    page.radio(key="method").set_value("siamese").run()
    assert len(page.get("plotly_chart")) == quiet
    assert not page.exception
