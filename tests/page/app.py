"""The page as a test opens it without a browser, and what it says."""

from __future__ import annotations

import io
import json
from pathlib import Path

from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "app.py"


def headings(app: AppTest) -> list[str]:
    return [heading.value for heading in app.header]


def matches(app: AppTest) -> list[str]:
    """What is written on the cards."""
    shown = [json.loads(own.proto.json) for own in app.get("bidi_component") if own.key.startswith("cards-")]
    return [
        f"{card['rank']} {card['name']} {card['score']} {card['place']}" for part in shown for card in part["cards"]
    ]


def shirt(colour: str = "red") -> bytes:
    """A T-shirt on white, as a JPEG file."""
    image = Image.new("RGB", (320, 240), "white")
    ImageDraw.Draw(image).polygon(
        [(110, 40), (210, 40), (250, 90), (215, 110), (215, 210), (105, 210), (70, 90)], colour
    )
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()
