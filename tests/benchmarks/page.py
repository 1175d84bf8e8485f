"""The page as visitors meet it: in a browser, and as a server of many."""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.images.transforms import encode
from tests.benchmarks.measure import Row
from tests.page.visitor import Visitor
from tests.serving import ROOT, Server, serve

PAGE = ROOT / "app.py"
METHODS = ("Euclidean histogram", "Siamese network")
GALLERIES = ("fashion", "photos")
# What is in memory of a gallery that is searched, and of the networks that describe and explain.
SEARCHED = ("galleries/fashion", "galleries/photos")
MODELS = ("fashion.tflite", "fashion.npz", "photos.tflite", "photos.npz", "garment_head.npz")
# What a laptop shows below the matches.
LOOKED_AT = ("why-0", "shades-0")
QUICK_LEAVE = "--server.disconnectedSessionTTL=1"


def rows() -> Iterator[Row]:
    """Cold start and a change of method in the browser; memory and many visitors at the server."""
    with tempfile.TemporaryDirectory() as folder:
        line, toggle = Path(folder) / "line.py", Path(folder) / "toggle.py"
        line.write_text('import streamlit as st\n\nst.write("Ready")\n', encoding="utf-8")
        yield from _in_the_browser(line, toggle)
        yield from _memory(line)
    yield from _many()


def _in_the_browser(line: Path, toggle: Path) -> Iterator[Row]:
    try:
        from playwright.sync_api import sync_playwright

        from tests.browser import chromium, timing
    except ImportError as error:
        print(f"no browser rows: {error}", file=sys.stderr)
        return
    if chromium.find() is None:
        print("no browser rows: there is no Chromium on this machine", file=sys.stderr)
        return
    toggle.write_text(timing.EMPTY_PAGE, encoding="utf-8")

    def cold(script: Path, wanted: str) -> float:
        """Seconds from starting the server to what is wanted on the screen of a fresh profile."""
        context = browser.new_context(viewport=chromium.LAPTOP)
        page = context.new_page()
        started = time.perf_counter()
        with serve(script) as server:
            page.goto(server.address, wait_until="commit")
            # Looked for at every frame; a selector is only looked for every half a second.
            page.wait_for_function(wanted.replace("\n", " "), polling="raf", timeout=chromium.PATIENCE)
            took = time.perf_counter() - started
            context.close()
        return took

    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        pictures = "[...card.querySelectorAll('img')].some((one) => one.complete && one.naturalWidth)"
        ways = (
            (PAGE, f"{timing.CARDS}.filter((card) => card.checkVisibility() && {pictures}).length === 12"),
            (line, "[...document.querySelectorAll('p')].some((one) => one.innerText === 'Ready')"),
        )
        for script, wanted in ways:  # what the system and Python keep between starts
            cold(script, wanted)
        times = [[cold(script, wanted) for script, wanted in ways] for _ in range(7)]
        ours, theirs = (statistics.median(column) for column in zip(*times, strict=True))
        note = "twelve pictures on the screen, fresh browser profile, median of seven"
        yield Row("cold start to the first matches", "empty page", ours, theirs, "s", 2.0, 1.3, note)

        with serve(PAGE) as server, serve(toggle) as empty:
            page = browser.new_page(viewport=chromium.LAPTOP)
            page.set_default_timeout(chromium.PATIENCE)
            found = timing.measure(page, server.address, empty.address, 30)
        ours, theirs = (found[name] / 1000 for name in ("change of method", "smallest round trip"))
        yield Row("change of method, click to new matches", "a toggle of one line", ours, theirs, "s", 2.0, 1.5)
        browser.close()


def _memory(line: Path) -> Iterator[Row]:
    with serve(line, options=[QUICK_LEAVE]) as server:
        with Visitor(server.address):
            pass
        empty = server.memory("VmHWM")
    files = [path for name in SEARCHED for path in (ASSETS / name).iterdir()]
    files += [ASSETS / "models" / name for name in MODELS]
    expected = empty * 1e6 + sum(path.stat().st_size for path in files)
    uploads = [encode(open_gallery(ASSETS / "galleries" / "photos").picture(index), "jpeg") for index in (11, 300)]

    with serve(PAGE, options=[QUICK_LEAVE]) as server:
        visitors = [Visitor(server.address, f"gallery={name}") for name in GALLERIES]
        for visitor in visitors:
            visitor.open()
        _query(visitors, uploads, 50)
        peak = server.memory("VmHWM")
        note = "both methods, both galleries, uploads; pages of mapped files count"
        yield Row(
            "memory after 50 queries, at most", "empty page + its files", peak * 1e6, expected, "bytes", 2.0, 1.4, note
        )
        before = _rest(server)
        _query(visitors, uploads, 300)
        for number in range(20):
            with Visitor(server.address, f"gallery={GALLERIES[number % 2]}"):
                pass
        after = _rest(server)
        note = "resident then, over resident after the first 50"
        yield Row("memory after 300 more, 20 visitors gone", "before them", after, before, "bytes", 1.05, 1.01, note)
        for visitor in visitors:
            visitor.leave()


def _query(visitors: list[Visitor], uploads: list[bytes], count: int) -> None:
    """Queries in both galleries, by turns another picture and another method."""
    for number in range(count):
        visitor = visitors[number % 2]
        step = number // 2 % 5
        if step == 0:
            visitor.upload(f"{number}.jpg", uploads[number % len(uploads)], uploader=0)
        elif step in (1, 3):
            visitor.pick("method", METHODS[step == 3])
        else:
            visitor.on_card("search", 2 + number % 4)
        if visitor.errors():
            raise RuntimeError(f"The page complains: {visitor.errors()[0]}")


def _rest(server: Server) -> float:
    """Bytes in memory when those who have left are forgotten."""
    time.sleep(4)
    return server.memory("VmRSS") * 1e6


def _many(visitors: int = 20, seconds: int = 60) -> Iterator[Row]:
    """Visitors without browsers, which would only measure themselves; each sees the heat and the shades."""
    with serve(PAGE) as server:
        with Visitor(server.address) as one:
            _look(one)
            _searches(one, 6)
            before = server.processor_seconds()
            alone = [seconds for seconds, _ in _searches(one, 20)]
            each = (server.processor_seconds() - before) / len(alone)
        found: list[tuple[float, bool]] = []
        failures: list[str] = []
        started: list[float] = []
        together = threading.Barrier(visitors, lambda: started.append(time.perf_counter()))

        def visit(number: int) -> None:
            try:
                with Visitor(server.address) as visitor:
                    _look(visitor)
                    together.wait()
                    time.sleep(number / visitors)
                    found.extend(_searches(visitor, seconds))
                    failures.extend(visitor.errors())
            except Exception as error:  # of one visitor; the others go on to their end
                failures.append(f"{type(error).__name__}: {error}")
                together.abort()

        threads = [threading.Thread(target=visit, args=(number,)) for number in range(visitors)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ended = time.perf_counter()
    if failures:
        raise RuntimeError(f"A visitor was not served: {failures[0]}")
    crowded = statistics.quantiles([seconds for seconds, _ in found], n=20)[-1]
    later = sum(put_off for _, put_off in found)
    note = f"95th percentile of {len(found):,} searches, the visitors' work included; heat put off in {later:,} of them"
    yield Row(
        "20 visitors, each a query a second", "one visitor's median", crowded, statistics.median(alone), "s", 8, 4, note
    )
    note = f"{len(found) / (ended - started[0]):.1f} searches a second were done for {visitors} visitors"
    yield Row(
        "processor time of a search",
        f"two cores' for each of {visitors} a second",
        each,
        2 / visitors,
        "s",
        1,
        0.5,
        note,
    )


def _look(visitor: Visitor, until: float = math.inf) -> None:
    """Have on the screen what a laptop shows, until a time at the most: a browser asks for what was left out of it."""
    for watching, missing, wait in visitor.left_out(*LOOKED_AT):
        if time.perf_counter() + wait < until:
            time.sleep(wait)
            visitor.trigger(watching, "seen", missing)


def _searches(visitor: Visitor, count: int) -> list[tuple[float, bool]]:
    """Seconds of each search, one a second, and whether heat and shades were put off; fewer if they take longer.

    Two of three are with another picture, the third is by the other method.
    """
    found: list[tuple[float, bool]] = []
    began = time.perf_counter()
    for number in range(count):
        _look(visitor, began + number)
        time.sleep(max(0.0, began + number - time.perf_counter()))
        if number and time.perf_counter() > began + count:
            break
        started = time.perf_counter()
        if number % 3 == 2:
            visitor.pick("method", METHODS[number // 3 % 2])
        else:
            visitor.click("random")
        found.append((time.perf_counter() - started, bool(visitor.left_out(*LOOKED_AT))))
    return found
