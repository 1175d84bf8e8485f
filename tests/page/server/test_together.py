"""What begins an answer waits for the first that it shows, and nothing else waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from imgsearch.page.server.together import Together

Send = Callable[[Any], Awaitable[None]]
ACCEPT, CLOSE = {"type": "websocket.accept"}, {"type": "websocket.close", "code": 1000}


def _message(**kinds: Any) -> dict[str, Any]:
    return {"type": "websocket.send", "bytes": ForwardMsg(**kinds).SerializeToString()}


BEGINS = _message(new_session={"name": "page"})
RUNS = _message(session_status_changed={"script_is_running": True})
AGAIN = _message(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN)
SHOWS = _message(delta={"new_element": {"text": {"body": "twelve matches"}}})
KNOWN = _message(ref_hash="1234")
OTHER = _message(parent_message={"message": "hello"})


def _talk(
    says: Callable[[Send, list[Any]], Awaitable[None]],
    *,
    kind: str = "websocket",
    fails: bool = False,
    afterwards: float = 0.0,
) -> list[Any]:
    """What arrives at the browser, some seconds afterwards; `says` is given how to send, and what has arrived."""
    arrived: list[Any] = []

    async def send(message: Any) -> None:
        if fails:
            raise OSError("The browser is gone.")
        arrived.append(message)

    async def app(scope: Any, receive: Any, send: Send) -> None:
        await says(send, arrived)

    async def connect() -> None:
        await Together(app)({"type": kind}, None, send)  # type: ignore[arg-type]
        await asyncio.sleep(afterwards)

    # In a thread of its own: in this one, Playwright's event loop may run already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(connect())).result()
    return arrived


@pytest.mark.parametrize("shows", [SHOWS, KNOWN])
def test_beginning_waits_for_what_is_shown(shows: Any) -> None:
    async def says(send: Send, arrived: list[Any]) -> None:
        for message in (BEGINS, RUNS, AGAIN, RUNS, BEGINS, RUNS):
            await send(message)
            await asyncio.sleep(0)
        assert arrived == []
        await send(shows)
        assert arrived == [BEGINS, RUNS, AGAIN, RUNS, BEGINS, RUNS, shows]
        await send(RUNS)
        assert arrived[-1] is RUNS

    _talk(says)


def test_beginning_of_what_takes_its_time_is_sent_alone() -> None:
    async def says(send: Send, arrived: list[Any]) -> None:
        await send(BEGINS)
        await send(RUNS)
        await asyncio.sleep(0.1)
        assert arrived == [BEGINS, RUNS]
        await send(AGAIN)
        assert arrived == [BEGINS, RUNS, AGAIN]
        # The next one waits anew.
        await send(BEGINS)
        assert arrived == [BEGINS, RUNS, AGAIN]
        await asyncio.sleep(0.1)
        assert arrived == [BEGINS, RUNS, AGAIN, BEGINS]

    _talk(says)


def test_nothing_else_waits() -> None:
    async def says(send: Send, arrived: list[Any]) -> None:
        for message in (ACCEPT, RUNS, OTHER, AGAIN, SHOWS, CLOSE):
            await send(message)
            assert arrived[-1] is message

    assert len(_talk(says)) == 6


@pytest.mark.parametrize("last", [OTHER, CLOSE])
def test_order_is_kept(last: Any) -> None:
    async def says(send: Send, arrived: list[Any]) -> None:
        await asyncio.gather(send(BEGINS), send(RUNS), send(last))

    assert _talk(says) == [BEGINS, RUNS, last]


def test_nothing_is_sent_to_a_browser_that_has_left() -> None:
    async def says(send: Send, arrived: list[Any]) -> None:
        await send(BEGINS)

    assert _talk(says, afterwards=0.1) == []


def test_lost_connection_is_told_to_whoever_sends_next() -> None:
    async def says(send: Send, arrived: list[Any]) -> None:
        await send(BEGINS)
        await asyncio.sleep(0.1)
        with pytest.raises(OSError, match="gone"):
            await send(SHOWS)

    _talk(says, fails=True)


def test_files_are_no_part_of_it() -> None:
    async def says(send: Send, arrived: list[Any]) -> None:
        await send({"type": "http.response.start", "status": 200})
        assert len(arrived) == 1

    _talk(says, kind="http")
