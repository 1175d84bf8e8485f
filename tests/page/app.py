"""The page as a test opens it without a browser, and what it says."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from tests.page.told import told_in

APP = Path(__file__).resolve().parents[2] / "app.py"


def headings(app: AppTest) -> list[str]:
    return [heading.value for heading in app.header]


def matches(app: AppTest) -> list[str]:
    """What is written on the cards."""
    shown = filter(None, (told_in(one.proto.body) for one in app.get("html")))
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
