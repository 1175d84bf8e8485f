"""What a browser has to fetch before it can show anything, made smaller."""

from __future__ import annotations

import gzip
import re
from html import escape
from typing import TYPE_CHECKING

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_DOCUMENT = "/"
_SCRIPT = re.compile(r"/static/(js|css)/[\w.-]+\.(js|css)")
_KINDS = ("text/html", "text/css", "text/javascript", "application/javascript")
# The page brings its own typeface; Streamlit's would be fetched before the first matches, and shown nowhere: a document
# asks for it, and so does a style sheet, before the theme is there.
_TYPEFACE = re.compile(r'<link\s+rel="preload"[^>]*SourceSans[^>]*>|@font-face\{[^}]*SourceSans[^}]*\}')
_ROOT = '<div id="root"></div>'
# The backgrounds and text colours of the themes in .streamlit/config.toml.
_LOOK = (
    "position:fixed;inset:0;box-sizing:border-box;padding:4.5rem 1rem;text-align:center;color-scheme:light dark;"
    "background:light-dark(#FBFAF6,#14171A);color:light-dark(#14120E,#EDE9E0);font:700 1.5rem/1.3 sans-serif"
)


class FirstVisit:
    """Compresses Streamlit's own scripts and style sheets, and shows the page's title while they are fetched.

    Streamlit leaves compressing to a server in front of it. Where there is none, its scripts are most of what a first
    visit fetches before the first match: 2.3 MB without this, 0.5 with it. Each file is compressed once.
    """

    def __init__(self, app: ASGIApp, title: str) -> None:
        self._app = app
        self._title = title
        self._kept: dict[str, Response] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what is kept, or as the server would."""
        if not _asked(scope):
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        answer = self._kept.get(path)
        if answer is None:
            answer = await _answer(self._app, scope, receive)
            # What there is no file for gets the document, under whatever name; a cookie is one visitor's own.
            is_own = answer.status_code == 200 and (answer.media_type == "text/html") == (path == _DOCUMENT)
            if is_own and "set-cookie" not in answer.headers:
                answer = self._kept[path] = await self._smaller(answer)
        await answer(scope, receive, send)

    async def _smaller(self, answer: Response) -> Response:
        if answer.media_type not in _KINDS:
            return answer
        content = bytes(answer.body)
        if answer.media_type in ("text/html", "text/css"):
            content = _TYPEFACE.sub("", content.decode()).encode()
        if answer.media_type == "text/html":
            content = self._with_title(content.decode()).encode()
        headers = {name: value for name, value in answer.headers.items() if name not in ("content-length", "etag")}
        packed = await anyio.to_thread.run_sync(gzip.compress, content)
        return Response(packed, headers={**headers, "content-encoding": "gzip", "vary": "accept-encoding"})

    def _with_title(self, document: str) -> str:
        # Streamlit takes out what is in its place as soon as it draws.
        title = f'<div id="root"><div style="{_LOOK}">{escape(self._title)}</div></div>'
        return document.replace(_ROOT, title)


def _asked(scope: Scope) -> bool:
    """Whether somebody asks for the document, a script or a style sheet, and takes it compressed and whole."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    headers = Headers(scope=scope)
    if "gzip" not in headers.get("accept-encoding", "") or "range" in headers:
        return False
    return scope["path"] == _DOCUMENT or _SCRIPT.fullmatch(scope["path"]) is not None


async def _answer(app: ASGIApp, scope: Scope, receive: Receive) -> Response:
    """All of what an application answers."""
    status, raw, parts = 500, [], []

    async def take(message: Message) -> None:
        nonlocal status, raw
        if message["type"] == "http.response.start":
            status, raw = message["status"], message["headers"]
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    # A server that can send files by their path would be told the path only.
    await app({**scope, "extensions": {}}, receive, take)
    headers = Headers(raw=raw)
    kind = headers.get("content-type", "").partition(";")[0]
    answer = Response(b"".join(parts), status_code=status, headers=dict(headers))
    answer.media_type = kind
    return answer
