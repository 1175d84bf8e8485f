"""The matched pictures as one zip, with a table that says whose each is."""

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath

from imgsearch.gallery.gallery import Gallery
from imgsearch.images.reading import stored_format
from imgsearch.images.transforms import encode
from imgsearch.presentation.safe_text import for_csv, for_file
from imgsearch.search.result import Match, Result

_COLUMNS = ["file", "method", "rank", "score", "label", "name", "author", "licence", "source"]


def to_zip(gallery: Gallery, found: Sequence[Result]) -> bytes:
    """The pictures of every ranking as the gallery keeps them, and `credits.csv`; every file lies at the top."""
    rows = io.StringIO(newline="")
    writer = csv.writer(rows)
    writer.writerow(_COLUMNS)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for result in found:
            for match in result.matches:
                kind, content = _content(gallery, match.index)
                called = for_file(match.label or PurePosixPath(match.name).stem)
                name = f"{result.method.key}-{match.rank:02d}-{called}.{kind}"
                archive.writestr(zipfile.ZipInfo(name), content)
                writer.writerow([for_csv(value) for value in _row(gallery, result, match, name)])
        # With a mark of its encoding, without which a spreadsheet takes the letters of a name for others.
        archive.writestr(zipfile.ZipInfo("credits.csv"), rows.getvalue().encode("utf-8-sig"))
    return file.getvalue()


def _content(gallery: Gallery, index: int) -> tuple[str, bytes]:
    """The ending of the file that a picture is, and its bytes."""
    kept = gallery.store.encoded(index)
    known = None if kept is None else stored_format(kept)
    if kept is None or known is None:
        return "png", encode(gallery.picture(index), "png")
    return known[0].lower().replace("jpeg", "jpg"), kept


def _row(gallery: Gallery, result: Result, match: Match, name: str) -> list[object]:
    credit = gallery.credit(match.index)
    author, licence, source = ("", "", "") if credit is None else (credit.author, credit.licence, credit.source)
    known = [author, licence or gallery.licence, source or gallery.source]
    return [name, result.method.key, match.rank, round(match.score, 6), match.label, match.name, *known]
