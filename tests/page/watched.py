"""A server of the page whose inside can be asked about, and pictures that nobody else has."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np

from imgsearch.images.transforms import encode
from tests.serving import ROOT, Server

WATCHED = ROOT / "tests" / "page" / "watched_app.py"


HOSTILE = "<img src=x onerror=alert(1)> **b** [l](http:x) $x$ \u202egpj.png"


class Watched:
    """A server whose inside can be asked about."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder

    def inside(self, **needles: bytes) -> dict:
        ask = self.folder / "ask"
        answer = ask.with_suffix(".answer")
        answer.unlink(missing_ok=True)
        ask.with_suffix(".new").write_text(json.dumps({name: needle.hex() for name, needle in needles.items()}))
        ask.with_suffix(".new").rename(ask)
        for _ in range(600):
            if answer.exists():
                said = json.loads(answer.read_text())
                assert "error" not in said, said
                return said
            time.sleep(0.1)
        raise AssertionError("The server did not answer about its inside.")


def noise(seed: int, side: int = 120) -> np.ndarray:
    """A picture that nobody else has."""
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)


def png(picture: np.ndarray) -> bytes:
    return encode(picture, "png")
