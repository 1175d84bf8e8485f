"""Results in a form that can be taken along: CSV, JSON, and one picture."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import Gallery
from imgsearch.images.transforms import Picture, enlarge, fit
from imgsearch.presentation.kind_names import kind_name
from imgsearch.presentation.safe_text import for_csv, plain
from imgsearch.search.result import Result

_FONT = ASSETS / "fonts" / "figtree-latin-wght-normal.woff2"
_SHOWN = 8  # matches of a ranking on the slide
_PAPER, _INK, _QUIET, _TEAL, _LINE = "#FBFAF6", "#22201B", "#6B665C", "#0B6E69", "#E0DACC"

_DOUBTS = {"none": "", "unsure": " · no confident match", "nothing": " · nothing looks like this"}


def to_csv(found: Sequence[Result]) -> str:
    """One line a match of every ranking; text that a spreadsheet would run as a formula is defused."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(["method", "rank", "index", "label", "file", "score", "closer than", "filter"])
    for result in found:
        for match in result.matches:
            row = [result.method.key, match.rank, match.index, match.label, match.name]
            row += [round(match.score, 6), round(match.closer_than, 6), result.filter.words]
            writer.writerow([for_csv(value) for value in row])
    return stream.getvalue()


def to_json(gallery: Gallery, query: str, found: Sequence[Result]) -> str:
    """All rankings with their numbers, as one JSON object."""
    rankings: list[dict[str, Any]] = [
        {
            "method": result.method.key,
            "metric": result.method.metric.title,
            "doubt": result.doubt,
            "filter": {**result.filter.as_json(), "passing": result.passing},
            "matches": [match.as_json() for match in result.matches],
            "seconds": result.seconds,
        }
        for result in found
    ]
    content = {"gallery": gallery.name, "pictures": gallery.n, "query": query, "rankings": rankings}
    return json.dumps(content, ensure_ascii=False, indent=1)


def to_slide(gallery: Gallery, query: Picture, name: str, found: Sequence[Result]) -> bytes:
    """The query and its best matches, a row or two a ranking, as one PNG of 1600×900, to paste into a slide."""
    from PIL import Image, ImageDraw

    slide = Image.new("RGB", (1600, 900), _PAPER)
    draw = ImageDraw.Draw(slide)
    draw.rectangle((0, 0, 1600, 10), fill=_TEAL)
    _write(draw, (60, 50), "Search pictures with a picture", 40, _INK, 750)
    _write(draw, (60, 108), f"{gallery.n:,} pictures in {plain(gallery.title, longest=60)}", 24, _QUIET)
    if found[0].filter:
        _write(draw, (60, 138), plain(f"Filter: {found[0].filter.words}", longest=110), 22, _QUIET)
    slide.paste(_tile(query, 300), (60, 210))
    _write(draw, (60, 524), "Query", 26, _TEAL, 700)
    _write(draw, (60, 560), plain(name, longest=24), 22, _QUIET)
    rows_of = 2 if len(found) == 1 else 1
    columns = -(-_SHOWN // rows_of)
    side = min((1600 - 440 - 60) // columns - 16, 250)
    height = (900 - 190) // max(len(found) * rows_of, 1)
    for row, result in enumerate(found):
        top = 170 + row * rows_of * height
        _write(draw, (440, top), heading(result, _SHOWN), 26, _INK, 700)
        for place, match in enumerate(result.matches[:_SHOWN]):
            left = 440 + (place % columns) * (side + 16)
            down = top + 44 + (place // columns) * height
            slide.paste(_tile(gallery.picture(match.index), side), (left, down))
            label = plain(kind_name(match.label) or match.name, longest=max(8, side // 12))
            _write(draw, (left, down + side + 6), f"{match.rank}  {label}", 20, _INK, 600)
            _write(draw, (left, down + side + 32), result.method.format_score(match.score), 18, _QUIET)
    file = io.BytesIO()
    slide.save(file, "PNG", compress_level=6)
    return file.getvalue()


def heading(result: Result, most: int) -> str:
    """The method, how many of its matches are shown, and whether they are to be doubted."""
    shown = min(most, len(result.matches))
    return f"{result.method.title}: {shown} of {len(result.matches)} matches{_DOUBTS[result.doubt]}"


def _tile(picture: Picture, side: int) -> Any:
    """A picture, whole, in the middle of a square of `side` pixels."""
    from PIL import Image

    longer = max(picture.shape[:2])
    drawn = enlarge(picture, max(1, side // longer)) if longer <= 96 else fit(picture, side)
    tile = Image.new("RGB", (side, side), _LINE if longer > 96 else "#000000")
    height, width = drawn.shape[:2]
    tile.paste(Image.fromarray(drawn), ((side - width) // 2, (side - height) // 2))
    return tile


def _write(draw: Any, at: tuple[int, int], text: str, size: int, colour: str, weight: int = 400) -> None:
    draw.text(at, text, fill=colour, font=font_of(size, weight))


def font_of(size: int, weight: int) -> Any:
    """The page's font for drawing with Pillow."""
    from PIL import ImageFont

    font = ImageFont.truetype(str(_FONT), size)
    font.set_variation_by_axes([weight])
    return font
