"""The matched pictures leave the page with their credits, under names that do no harm."""

import csv
import io
import zipfile

import numpy as np

from imgsearch.gallery.gallery import Credit
from imgsearch.images.reading import read_picture
from imgsearch.methods.histogram import ColourHistogram
from imgsearch.presentation.picture_zip import to_zip
from imgsearch.search.search import search
from tests.galleries import gallery_of, garment_gallery, photographs

NAMES = ["../../up/../a.png", "=cmd.png", "c:\\windows\\x.png", "kind/\u202egnp.d.png", ".hidden.png"]


def unpacked(gallery, found):
    content = to_zip(gallery, found)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    table = files.pop("credits.csv").decode("utf-8-sig")
    return files, list(csv.DictReader(io.StringIO(table)))


def test_every_match_is_a_file_with_its_credits():
    pictures = photographs(5)
    methods = [ColourHistogram(), ColourHistogram(bins=(4, 4, 4), grid=2)]
    credits = {"00.png": Credit("=A. Author", "CC0-1.0", "https://example.org")}
    gallery = gallery_of(pictures, methods, name="g", labels=["x", "x", "@y", "x", "x"], credits=credits)
    found = [search(gallery, key, pictures[0], k=3) for key in gallery.methods]
    files, rows = unpacked(gallery, found)
    assert [row["file"] for row in rows] == list(files)
    assert len(rows) == 6
    for row, match in zip(rows, (match for result in found for match in result.matches), strict=True):
        assert (read_picture(files[row["file"]]) == gallery.picture(match.index)).all()
        assert row["name"] == match.name
        assert int(row["rank"]) == match.rank
    first = next(row for row in rows if row["name"] == "00.png")
    assert (first["author"], first["licence"], first["source"]) == ("'=A. Author", "CC0-1.0", "https://example.org")
    assert not [value for row in rows for value in row.values() if value.startswith(("=", "@", "+"))]


def test_names_do_no_harm():
    gallery = gallery_of(photographs(5), [ColourHistogram()], name="g", names=NAMES)
    files, _ = unpacked(gallery, [search(gallery, "histogram", photographs(5)[0], k=5)])
    assert len(files) == 5
    for name in files:
        assert not set(name) & set("/\\:\u202e")
        assert not name.startswith(".")
        assert ".." not in name


def test_pictures_that_are_no_files_become_some():
    gallery = garment_gallery(6)
    files, rows = unpacked(gallery, [search(gallery, "histogram", gallery.picture(2), k=2)])
    assert all(name.endswith(".png") for name in files)
    assert np.array_equal(read_picture(files[rows[0]["file"]]), gallery.picture(2))
