"""The page's server as strangers meet it: its settings, and what it refuses."""

from __future__ import annotations

import base64
import http.client
import socket
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from imgsearch.assets import ASSETS
from imgsearch.page.views import query_input
from tests.page.visitor import Visitor
from tests.page.watched import Watched, noise, png
from tests.serving import serve

pytestmark = pytest.mark.skipif(
    not (ASSETS / "galleries" / "photos").exists(), reason="assets/galleries/photos is missing: make it first"
)


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
