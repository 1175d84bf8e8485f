"""What visitors share, and what stays of one who has gone."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery import map_geometry
from imgsearch.gallery.persistence import open_gallery
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import encode, fit
from imgsearch.methods.histogram import ColourHistogram
from imgsearch.page.components.encoded import data_url
from imgsearch.page.session import thumbnails
from imgsearch.page.views.panel import MAPPED, TAKING
from imgsearch.presentation.safe_text import plain
from tests.galleries import gallery_of
from tests.page.looking import EXPLAINED
from tests.page.visitor import Visitor
from tests.page.watched import HOSTILE, Watched, noise, png
from tests.serving import ROOT
from tests.soak import load

pytestmark = pytest.mark.skipif(
    not (ASSETS / "galleries" / "photos").exists(), reason="assets/galleries/photos is missing: make it first"
)


def needles_of(picture: np.ndarray, name: str, data: bytes) -> dict[str, bytes]:
    """What would betray a picture wherever it is kept: bytes, pixels, name, and every form that the page makes."""
    drawn = read_picture(data)
    return {
        "file": data[100:164],
        "pixels": drawn[7].tobytes()[:96],
        "name": name.encode(),
        "thumbnail": thumbnails.plainly(drawn, thumbnails.THUMBNAIL).encode()[200:280],
        "shown": thumbnails.plainly(drawn, 480).encode()[200:280],
        "kept": encode(fit(drawn, 640), "webp", quality=82)[100:164],
    }


def files_here() -> set[Path]:
    """All files but those that Python, Git and the tests' tools write by themselves."""
    tools = {"__pycache__", ".git", ".hypothesis", ".pytest_cache"}
    return {path for path in ROOT.rglob("*") if not tools & set(path.parts)}


def test_nothing_of_a_visitor_is_in_what_others_share_and_nothing_stays(watched: Watched) -> None:
    before = files_here()
    files = [(f"holiday-of-{number}-secret.png", png(noise(100 + number, 200))) for number in range(3)]
    looked_for = {
        f"{part} {number}": needle
        for number, (name, data) in enumerate(files)
        for part, needle in needles_of(noise(100 + number, 200), name, data).items()
    }
    together = gallery_of([read_picture(data) for _, data in files], [ColourHistogram()], name="own", features=True)
    looked_for["map"] = data_url(encode(map_geometry.sheet(together, [0, 1, 2], 2), "webp", quality=70), "webp")[
        200:280
    ].encode()
    with Visitor(watched.server.address, "gallery=photos") as visitor:
        visitor.upload(*files[0], uploader=0)
        visitor.pick("method", "Siamese network")
        inside = watched.inside(**looked_for)
        # The window works: it sees the query in the visitor's own session, and what others share is looked through.
        assert inside["own"]["pixels 0"]
        assert inside["own"]["name 0"]
        assert any("_remembered" in place for place in inside["places"])
        assert any("_opened" in place for place in inside["places"])
        assert inside["upload_bytes"] == 0  # taken over, and let go of
        assert {name: places for name, places in inside["shared"].items() if places} == {}
    with Visitor(watched.server.address, "gallery=own") as visitor:
        visitor.upload_many(files, uploader=0)
        visitor.make_own()
        assert len(visitor.cards()) == 2  # all but the first, which is searched with
        visitor.upload(*files[1], uploader=-1)
        visitor.on_card("search", 2)
        visitor.choose("panel", MAPPED)
        inside = watched.inside(**looked_for)
        assert inside["own"]["kept 0"]
        assert inside["own"]["thumbnail 1"] or inside["own"]["kept 1"]
        assert inside["galleries"] >= 1
        assert inside["upload_bytes"] == 0
        assert {name: places for name, places in inside["shared"].items() if places} == {}
    time.sleep(1.5)
    inside = watched.inside(**looked_for)
    # Nobody else has come or gone, so that Streamlit has had no reason to tidy up.
    assert inside["galleries"] == inside["queries"] == 0
    assert not any(inside["own"].values())
    with Visitor(watched.server.address, "gallery=photos"):
        pass
    with Visitor(watched.server.address, "gallery=photos"):
        inside = watched.inside(**looked_for)
        assert inside["galleries"] == 0
        # Of the visitor who is there, of the last one, whose tab closed just now, and of the very first.
        assert inside["queries"] <= 3
        assert not any(inside["own"].values())
        assert {name: places for name, places in inside["shared"].items() if places} == {}
        assert inside["spooled"] == 0  # not even while they arrived was a byte on the disk
    assert list((watched.folder / "tmp").iterdir()) == []
    assert files_here() == before
    assert not [name for name in watched.server.open_files() if "secret" in name or "(deleted)" in name]
    assert "secret" not in watched.server.log()


def test_a_large_upload_is_never_on_the_disk(watched: Watched) -> None:
    with Visitor(watched.server.address, "gallery=photos") as visitor:
        visitor.upload("large.png", png(noise(3)) + bytes(8_000_000), uploader=0)
        assert watched.inside()["spooled"] == 0


def test_settings_of_one_visitor_are_not_those_of_another(watched: Watched) -> None:
    address = watched.server.address
    with Visitor(address, "gallery=photos") as one, Visitor(address, "gallery=photos") as other:
        one.pick("method", "Euclidean histogram")
        one.upload("one.png", png(noise(4)), uploader=0)
        other.rerun()
        assert ["cosine" in text for text, _ in other.cards()] == [True] * 12
        assert not any("one" in text for text in other.texts() if "png" in text)
        assert ["distance" in text for text, _ in one.cards()] == [True] * 12
        # Nor does a name of a session that was made up lead anywhere but to a new one.
        stranger = Visitor(address, "gallery=photos")
        stranger.connect(session="00000000-0000-4000-8000-000000000000")
        stranger.rerun()
        assert len({stranger.session, one.session, other.session}) == 3
        assert ["cosine" in text for text, _ in stranger.cards()] == [True] * 12
        stranger.leave()


def test_a_visitor_who_leaves_while_their_pictures_are_made_a_gallery_stops_it(watched: Watched) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(150):
            archive.writestr(f"{number}.jpg", encode(noise(number, 400), "jpeg"))
    gone = Visitor(watched.server.address, "gallery=own")
    gone.open()
    gone.upload("many.zip", stream.getvalue(), uploader=0)
    gone.click("own-make")
    while not any(" of 150" in text for text in gone.seen):
        gone.rerun()
    gone.leave()
    # Were it still going on, the next would have to wait until all 150 were done.
    with Visitor(watched.server.address, "gallery=own") as visitor:
        visitor.upload_many([(f"{number}.png", png(noise(number))) for number in range(2)], uploader=0)
        visitor.make_own()
        assert len(visitor.cards()) == 1  # the other one
        assert sum("Waiting for" in text for text in visitor.seen) <= 3
        assert watched.inside()["galleries"] == 1


def test_hostile_names_are_text_on_every_card_and_in_every_alternative_text(watched: Watched) -> None:
    with Visitor(watched.server.address, "gallery=own") as visitor:
        visitor.upload_many([(HOSTILE, png(noise(number))) for number in range(4)], uploader=0)
        visitor.make_own()
        assert not visitor.errors()
        assert all(plain(HOSTILE, longest=40) in text for text, _ in visitor.cards())
        for text in visitor.texts():
            assert "<img" not in text.replace("\\<", "")
            assert "\u202e" not in text
        visitor.trigger("sight", "seen", dict.fromkeys(EXPLAINED, True))
        assert visitor.of("plotly_chart")
        for chart in visitor.of("plotly_chart"):
            assert "<img" not in chart.plotly_chart.spec
        # The same for the name of a query, wherever it is: nothing that turns the direction of writing gets out.
        visitor.upload(HOSTILE, png(noise(9)), uploader=-1)
        visitor.choose("panel", TAKING)
        assert not visitor.errors()
        everything = b" ".join(element.SerializeToString() for element in visitor.all())
        assert "‹U+202E›".encode() in everything or b"\\u2039U+202E" in everything
        assert "\u202e".encode() not in everything
        assert b"\\u202e" not in everything.lower()


def test_visitors_at_once_each_get_their_own_right_answers(watched: Watched) -> None:
    files = load.photographs(2, seed=3, megabytes=(1.0, 2.0))
    opened = {name: open_gallery(ASSETS / "galleries" / name) for name in load.GALLERIES}
    answers = {
        (name, method): load.right_answers(gallery, method, files)
        for name, gallery in opened.items()
        for method in load.METHODS
    }
    crowd = load.Load(watched.server, files, answers)
    tally = crowd.run(4, 4)
    assert tally.failures == []
    assert tally.answers >= 8
    assert max(memory for _, memory in crowd.samples) < load.MEGABYTES
