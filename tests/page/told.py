"""What the page tells its component of cards."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any


class _Told(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Any] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if cards := dict(attrs).get("data-cards"):
            self.found = json.loads(cards)


def told_in(body: str) -> dict[str, Any] | None:
    """What a hidden element of the page, given as HTML, tells it; None for any other."""
    parser = _Told()
    parser.feed(body)
    return parser.found
