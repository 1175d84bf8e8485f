"""A picture of typical mistakes: queries whose best match is of another kind, by how often the two are confused.

``python -m imgsearch.training.fashion.mistakes OUT.png`` searches the gallery of Fashion-MNIST with its 10,000 test
pictures.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import Gallery
from imgsearch.gallery.persistence import open_gallery

ZOOM = 3
CELL = 28 * ZOOM
GAP = 12
TEXT = 34
PAIRS, EXAMPLES = 5, 2


def nearest(gallery: Gallery, key: str) -> tuple[np.ndarray, np.ndarray]:
    """Index of the best match of every query, and whether it is of the same kind: ``(q,)`` each."""
    queries = gallery.queries
    if queries is None or gallery.labels is None:
        raise SystemExit("This gallery has no labelled queries.")
    vectors = np.stack([gallery.describe(key, queries.picture(i)) for i in range(queries.n)])
    best = np.concatenate([np.argmax(part @ gallery.vectors(key).T, axis=1) for part in np.array_split(vectors, 40)])
    return best, gallery.labels[best] == queries.labels


def confusions(gallery: Gallery, best: np.ndarray, right: np.ndarray) -> list[tuple[str, str, int, list[int]]]:
    """Label of the query, label found, how often, and the queries; the most frequent first."""
    assert gallery.queries is not None
    pairs: dict[tuple[str, str], list[int]] = {}
    for i in np.flatnonzero(~right).tolist():
        pairs.setdefault((gallery.queries.label(i), gallery.label(int(best[i]))), []).append(i)
    return [
        (*labels, len(members), members) for labels, members in sorted(pairs.items(), key=lambda p: (-len(p[1]), p[0]))
    ]


def draw(gallery: Gallery, best: np.ndarray, right: np.ndarray) -> Image.Image:
    """Each column a confusion: its name and count, and under it examples, the query beside its best match."""
    assert gallery.queries is not None
    column = 2 * CELL + 4
    rows = EXAMPLES * (CELL + GAP)
    sheet = Image.new("RGB", (PAIRS * (column + GAP) + GAP, TEXT + rows + GAP), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(12)
    for place, (asked, found, count, queries) in enumerate(confusions(gallery, best, right)[:PAIRS]):
        left = GAP + place * (column + GAP)
        pen.text((left, 6), f"{asked}, found: {found}\n{count} of {gallery.queries.n:,}", "black", font)
        for row, query in enumerate(queries[:EXAMPLES]):
            top = TEXT + GAP + row * (CELL + GAP)
            for side, picture in enumerate((gallery.queries.picture(query), gallery.picture(int(best[query])))):
                enlarged = Image.fromarray(picture).resize((CELL, CELL), Image.Resampling.NEAREST)
                sheet.paste(enlarged, (left + side * (CELL + 4), top))
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m imgsearch.training.fashion.mistakes", description=__doc__)
    parser.add_argument("out", type=Path)
    gallery = open_gallery(ASSETS / "galleries" / "fashion")
    best, right = nearest(gallery, "siamese")
    draw(gallery, best, right).save(parser.parse_args().out)


if __name__ == "__main__":
    main()
