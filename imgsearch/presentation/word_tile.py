"""A word drawn as a picture, for where a query's picture is shown."""

import numpy as np

from imgsearch.images.transforms import Picture
from imgsearch.presentation.export import font_of
from imgsearch.presentation.safe_text import plain

SIDE = 320
_PAPER, _INK = "#efece4", "#1d2b33"
_MARGIN = 24
_LARGEST, _SMALLEST = 64, 18
_LONGEST = 40


def word_tile(word: str) -> Picture:
    """A word in the middle of a square, as large as it fits, (320, 320, 3) uint8."""
    from PIL import Image, ImageDraw

    text = plain(word, longest=_LONGEST).replace(" ", "\n")
    tile = Image.new("RGB", (SIDE, SIDE), _PAPER)
    draw = ImageDraw.Draw(tile)
    for size in range(_LARGEST, _SMALLEST - 1, -2):
        font = font_of(size, 700)
        left, top, right, bottom = draw.multiline_textbbox((0, 0), text, font=font, align="center")
        if max(right - left, bottom - top) <= SIDE - 2 * _MARGIN:
            break
    middle = ((SIDE - left - right) / 2, (SIDE - top - bottom) / 2)
    draw.multiline_text(middle, text, fill=_INK, font=font, align="center")
    return np.asarray(tile)
