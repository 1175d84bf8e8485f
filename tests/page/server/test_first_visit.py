"""Scripts are compressed once, and the title is in the document that asks for them."""

from __future__ import annotations

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import FileResponse, Response

from imgsearch.page.server.first_visit import FirstVisit

DOCUMENT = """<html><head><link
  rel="preload" href="./static/media/SourceSansVF.woff2" as="font" /><link rel="icon" href="x" /></head>
<body><div id="root"></div></body></html>"""
STYLES = "@font-face{src:url(SourceSansVF.woff2)}@font-face{src:url(Symbols.woff2)}p{color:red}"
SCRIPT = "export const answer = 42\n" * 200


class Server:
    """A folder with a script and a document, which is also what there is for everything unknown."""

    def __init__(self, folder: Path) -> None:
        (folder / "a.js").write_text(SCRIPT)
        (folder / "a.css").write_text(STYLES)
        (folder / "index.html").write_text(DOCUMENT)
        self.folder = folder
        self.headers: dict[str, str] = {}
        self.asked: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope["path"])
        name = next((name for name in ("a.js", "a.css") if scope["path"].endswith(f"/{name}")), "index.html")
        await FileResponse(self.folder / name, headers=self.headers)(scope, receive, send)


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def get(app: Any, path: str, *, accept: str = "gzip, br", method: str = "GET", **headers: str) -> Response:
    """What an application answers."""
    sent: list[Any] = []

    async def receive() -> Any:
        # Nobody hangs up.
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    raw = [(name.encode(), value.encode()) for name, value in {"accept-encoding": accept, **headers}.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw, "extensions": {}}
    # In a thread of its own: in this one, Playwright's event loop may run already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(app(scope, receive, send))).result()
    body = b"".join(message.get("body", b"") for message in sent[1:])
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Response(body, status_code=sent[0]["status"], headers=headers)


def test_script_is_compressed_once_and_is_the_same(server: Server) -> None:
    app = FirstVisit(server, "Title")
    first, second = (get(app, "/static/js/a.js") for _ in range(2))
    assert server.asked == ["/static/js/a.js"]
    for answer in (first, second):
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["vary"] == "accept-encoding"
        assert answer.headers["content-length"] == str(len(answer.body)) != str(len(SCRIPT))
        assert gzip.decompress(bytes(answer.body)).decode() == SCRIPT


def test_who_takes_nothing_compressed_or_a_part_only_gets_the_file(server: Server) -> None:
    app = FirstVisit(server, "Title")
    assert bytes(get(app, "/static/js/a.js", accept="identity").body).decode() == SCRIPT
    assert get(app, "/static/js/a.js", range="bytes=0-3").body == b"expo"
    assert get(app, "/static/js/a.js", method="HEAD").headers["content-length"] == str(len(SCRIPT))


def test_what_there_is_no_file_for_is_not_kept(server: Server) -> None:
    app = FirstVisit(server, "Title")
    for path in ("/static/js/b.js", "/static/js/b.js", "/static/js//a.js", "/static/js//a.js", "/elsewhere"):
        assert "content-encoding" not in get(app, path).headers
    assert len(server.asked) == 5


def test_document_shows_the_title_and_asks_for_no_typeface(server: Server) -> None:
    document = gzip.decompress(bytes(get(FirstVisit(server, "A & B"), "/").body)).decode()
    assert "A &amp; B</div></div>" in document
    assert "SourceSans" not in document
    assert '<link rel="icon" href="x" />' in document


def test_style_sheet_asks_for_no_typeface_that_is_not_shown(server: Server) -> None:
    styles = gzip.decompress(bytes(get(FirstVisit(server, "Title"), "/static/css/a.css").body)).decode()
    assert styles == "@font-face{src:url(Symbols.woff2)}p{color:red}"


def test_what_comes_with_a_visitors_cookie_is_kept_for_nobody(server: Server) -> None:
    server.headers = {"set-cookie": "token=secret"}
    app = FirstVisit(server, "Title")
    for _ in range(2):
        get(app, "/")
    assert len(server.asked) == 2
