"""The page's server as strangers meet it: its settings, what visitors share, and what stays when they have gone."""

from __future__ import annotations

import base64
import http.client
import io
import json
import socket
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from imgsearch.assets import ASSETS
from imgsearch.gallery import map_geometry
from imgsearch.gallery.persistence import open_gallery
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import encode, fit
from imgsearch.methods.histogram import ColourHistogram
from imgsearch.page.components import data_url
from imgsearch.page.session import thumbnails
from imgsearch.page.views import query_input
from imgsearch.presentation.safe_text import plain
from tests.galleries import gallery_of
from tests.page.looking import EXPLAINED
from tests.page.visitor import Visitor
from tests.serving import ROOT, Server, serve
from tests.soak import load

WATCHED = ROOT / "tests" / "page" / "watched_app.py"
HOSTILE = "<img src=x onerror=alert(1)> **b** [l](http:x) $x$ \u202egpj.png"

pytestmark = pytest.mark.skipif(
    not (ASSETS / "galleries" / "photos").exists(), reason="assets/galleries/photos is missing: make it first"
)


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


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    (folder / "tmp").mkdir()
    options = ["--server.disconnectedSessionTTL=1"]
    asked = {"IMGSEARCH_ASK": str(folder / "ask"), "TMPDIR": str(folder / "tmp")}
    with serve(WATCHED, options=options, may_fail=True, **asked) as server:
        with Visitor(server.address, "gallery=photos"):
            pass  # what the very first visitor has is held for some minutes: see `process`
        yield Watched(server, folder)


def noise(seed: int, side: int = 120) -> np.ndarray:
    """A picture that nobody else has."""
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)


def png(picture: np.ndarray) -> bytes:
    return encode(picture, "png")


# ---- settings


def test_upload_without_the_token_is_refused(watched: Watched) -> None:
    with Visitor(watched.server.address, "gallery=photos") as visitor:
        place = visitor.places()[0].upload_url
        assert visitor.put(place, "a.png", b"x", token="") == 403
        assert visitor.put(place, "a.png", b"x", cookie="") == 403
        assert visitor.put(place, "a.png", b"x", token="2|00000000|" + "0" * 32 + "|1") == 403
        assert visitor.put(place, "a.png", b"x") == 204


def test_upload_for_nobody_is_refused(watched: Watched) -> None:
    with Visitor(watched.server.address, "gallery=photos") as visitor:
        assert visitor.put("/_stcore/upload_file/nobody/1", "a.png", b"x") == 400


def test_upload_that_is_too_large_is_refused_before_it_has_come(watched: Watched) -> None:
    with Visitor(watched.server.address, "gallery=photos") as visitor:
        place = visitor.places()[0].upload_url
        connection = http.client.HTTPConnection(visitor.address.netloc, timeout=20)
        connection.putrequest("PUT", place)
        for name, value in {
            "Content-Type": "multipart/form-data; boundary=x",
            "Content-Length": str(101 << 20),
            "X-Xsrftoken": visitor.token,
            "Cookie": f"_streamlit_xsrf={visitor.token}",
        }.items():
            connection.putheader(name, value)
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()


def test_upload_that_hides_its_length_is_stopped_while_it_comes(watched: Watched) -> None:
    with Visitor(watched.server.address, "gallery=photos") as visitor:
        place = visitor.places()[0].upload_url
        host = visitor.address
        head = (
            f"PUT {place} HTTP/1.1\r\nHost: {host.netloc}\r\nTransfer-Encoding: chunked\r\n"
            f"Content-Type: multipart/form-data; boundary=x\r\nX-Xsrftoken: {visitor.token}\r\n"
            f"Cookie: _streamlit_xsrf={visitor.token}\r\n\r\n"
        )
        part = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n'
        piece = bytes(1 << 20)
        with socket.create_connection((host.hostname, host.port), timeout=60) as connection:
            connection.sendall(head.encode() + b"%x\r\n%s\r\n" % (len(part), part))
            for _ in range(110):
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
            # The file has not ended yet, and is refused already.
            assert connection.recv(1000).startswith(b"HTTP/1.1 413")
        assert watched.inside()["upload_bytes"] < len(piece)


def test_other_sites_cannot_open_a_session(watched: Watched) -> None:
    host = watched.server.address.removeprefix("http://").rstrip("/")
    with pytest.raises(InvalidStatus), connect(f"ws://{host}/_stcore/stream", origin="https://evil.example"):
        pass


@pytest.mark.parametrize("name", ["program.exe", "page.html", "picture.svg", "document.pdf", "a.png\0.exe"])
def test_kind_of_file_that_is_not_wanted_is_refused_by_the_server(watched: Watched, name: str) -> None:
    with Visitor(watched.server.address, "gallery=photos") as visitor:
        visitor.upload(name, png(noise(1)), uploader=0)
        assert "redacted" in " ".join(visitor.errors())
        assert not any("\\.".join(name.split(".")) in text for text in visitor.texts())
        with Visitor(watched.server.address, "gallery=photos") as other:
            assert len(other.cards()) == 12


def test_answers_have_headers_that_keep_browsers_from_guessing(watched: Watched) -> None:
    host = watched.server.address.removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request("GET", "/", headers={"Origin": "https://evil.example"})
    answer = connection.getresponse()
    body = answer.read().decode()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    connection.close()
    assert headers.get("access-control-allow-origin") is None
    assert headers["cache-control"] == "no-cache"
    assert "x-powered-by" not in headers
    assert "python" not in headers.get("server", "").lower()
    # The page asks no other server for anything.
    assert "https://" not in body.replace("https://www.w3.org", "")


def test_agents_and_static_files_and_statistics_are_off(watched: Watched) -> None:
    host = watched.server.address.removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(host, timeout=20)
    for path in ("/_stcore/agent/interact", "/_stcore/agent/mcp"):
        connection.request("POST", path, b"{}", {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status >= 400
    connection.request("GET", "/app/static/../.streamlit/config.toml")
    answer = connection.getresponse()
    said = answer.read()
    assert answer.status >= 400 or b"maxUploadSize" not in said
    connection.close()
    with Visitor(watched.server.address, "gallery=photos") as visitor:
        assert visitor.settings is not None
        assert not visitor.settings.gather_usage_stats


def test_visitors_get_no_details_of_an_error_and_the_host_does(tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text("import streamlit as st\nst.write('here')\nraise ValueError('what only the host may read')\n")
    with serve(script, may_fail=True) as server:
        with Visitor(server.address) as visitor:
            shown = " ".join(
                element.SerializeToString().decode(errors="replace") for element in visitor.of("exception")
            )
            assert shown
            assert "only the host" not in shown
            assert "ValueError" not in shown
            assert str(tmp_path) not in shown
        assert "what only the host may read" in server.log()


def test_a_message_that_is_too_large_or_no_message_ends_only_that_visit(watched: Watched) -> None:
    for data in (bytes(26 << 20), b"\xff\xff not a message"):
        visitor = Visitor(watched.server.address, "gallery=photos")
        visitor.connect()
        message = BackMsg()
        visitor.send(message)
        assert visitor._socket is not None
        visitor._socket.send(data)
        assert list(visitor.messages()) == [] or visitor._socket.close_code in (1002, 1009)
    with Visitor(watched.server.address, "gallery=photos") as visitor:
        assert len(visitor.cards()) == 12


def test_the_largest_picture_that_can_be_pasted_gets_through(watched: Watched) -> None:
    data = (png(noise(2)) + bytes(query_input._LARGEST_PASTED))[: query_input._LARGEST_PASTED]
    with Visitor(watched.server.address, "gallery=photos") as visitor:
        visitor.trigger("paste", "picture", ["Pasted picture", base64.b64encode(data).decode()])
        assert not visitor.errors()
        assert visitor.cards()


# ---- what visitors share


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


def test_nothing_of_a_visitor_is_in_what_others_share_and_nothing_stays(watched: Watched) -> None:
    before = {path.name for path in ROOT.rglob("*") if "__pycache__" not in path.parts and ".git" not in path.parts}
    files = [(f"holiday-of-{number}-secret.png", png(noise(100 + number, 200))) for number in range(3)]
    looked_for = {
        f"{part} {number}": needle
        for number, (name, data) in enumerate(files)
        for part, needle in needles_of(noise(100 + number, 200), name, data).items()
    }
    together = gallery_of([read_picture(data) for _, data in files], [ColourHistogram()], name="own")
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
        visitor.open_tab(":material/map: Map of the gallery")
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
    after = {path.name for path in ROOT.rglob("*") if "__pycache__" not in path.parts and ".git" not in path.parts}
    assert after == before
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


# ---- load, and those who leave


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
        visitor.trigger("sight-heat-0", "seen", dict.fromkeys(EXPLAINED, True))
        assert visitor.of("plotly_chart")
        for chart in visitor.of("plotly_chart"):
            assert "<img" not in chart.plotly_chart.spec
        # The same for the name of a query, wherever it is: nothing that turns the direction of writing gets out.
        visitor.upload(HOSTILE, png(noise(9)), uploader=-1)
        visitor.open_tab(":material/download: Export")
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
