"""What begins an answer, and what it shows, sent at once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BEGINS = "new_session"
_MORE = (_BEGINS, "session_status_changed", "script_finished")
"""What comes before anything is shown; where a callback asks for other parts of the page, all of it comes twice."""
_LONGEST = 0.012
"""Seconds that a beginning waits for something to show."""


class Together:
    """Sends the beginning of an answer together with the first that it shows.

    Streamlit tells the browser at once that an answer begins, and the browser goes over all that is on the page. A few
    milliseconds later comes what has changed, and it goes over everything again. Sent together, an explanation is on
    the screen 37 ms after "Why?", and without this after 44 (medians of eighty in turns, "selected match" in
    `tests.browser.timing`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, in its order."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        browser = _Browser(send)
        try:
            await self._app(scope, receive, browser.send)
        finally:
            browser.send_nothing_later()


class _Browser:
    """The browser at the other end of a connection."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._held: list[Message] = []
        self._in_order = asyncio.Lock()
        self._at_the_latest: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        kind = _kind(message)
        async with self._in_order:
            if kind == _BEGINS or (self._held and kind in _MORE):
                self._held.append(message)
                if self._at_the_latest is None:
                    self._at_the_latest = asyncio.create_task(self._release_later())
                return
            await self._release()
            await self._send(message)

    def send_nothing_later(self) -> None:
        """Let go of what waits."""
        if self._at_the_latest is not None:
            self._at_the_latest.cancel()
            self._at_the_latest = None

    async def _release(self) -> None:
        self.send_nothing_later()
        messages, self._held = self._held, []
        for message in messages:
            await self._send(message)

    async def _release_later(self) -> None:
        await asyncio.sleep(_LONGEST)
        # Not to be cancelled by what it does itself.
        self._at_the_latest = None
        # That the connection is lost, whoever sends next is told.
        with suppress(OSError):
            async with self._in_order:
                await self._release()


def _kind(message: Message) -> str | None:
    """What a message of Streamlit's is about; "" for any other."""
    data = message.get("bytes")
    return ForwardMsg.FromString(data).WhichOneof("type") if data else ""
