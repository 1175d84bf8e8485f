"""Many visitors at once, each with large uploads: no error, no wrong answer, bounded memory.

    python -m tests.soak.load --visitors 30 --seconds 120 [--seed 1]

Every visitor speaks the page's own protocol, uploads photographs of 5 to 10 MB, changes the method, and compares what
the page shows, picture by picture, with the ranking that was computed here before, without the page. Every tenth makes
a gallery of pictures of their own instead. The last line is one JSON object; the exit status is 1 if anything failed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import GALLERY_SIDE, Gallery
from imgsearch.gallery.persistence import open_gallery
from imgsearch.images.reading import read_picture
from imgsearch.page.session import galleries, thumbnails
from imgsearch.page.views.sidebar import USUAL
from imgsearch.presentation.safe_text import plain
from imgsearch.search.search import search
from tests.page.visitor import Visitor
from tests.serving import Server, serve

GALLERIES = ("photos", "fashion")
METHODS = ("histogram", "siamese")
MEGABYTES = 600.0
"""What the whole process may use: Streamlit Community Cloud guarantees 690."""

Cards = list[tuple[str, str]]


@dataclass
class Tally:
    """What all visitors together have seen."""

    answers: int = 0
    uploads: int = 0
    megabytes: float = 0.0
    own_galleries: int = 0
    notices: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def photographs(count: int, *, seed: int, megabytes: tuple[float, float] = (5.0, 10.0)) -> list[bytes]:
    """JPEG files of real scenes with the grain of a camera, each between the two sizes."""
    gallery = open_gallery(ASSETS / "galleries" / "photos")
    random = np.random.default_rng(seed)
    made = []
    for index in random.choice(gallery.n, count, replace=False).tolist():
        wanted = random.uniform(*megabytes) * 1e6
        picture = gallery.picture(index)
        # A pixel with this much noise takes about 0.9 bytes at this quality.
        side = (wanted / 0.9 / (picture.shape[0] * picture.shape[1])) ** 0.5
        size = (round(picture.shape[1] * side), round(picture.shape[0] * side))
        large = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC)).astype(np.int16)
        noise = random.integers(-40, 41, large.shape, np.int16)
        file = io.BytesIO()
        Image.fromarray(np.clip(large + noise, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=95)
        made.append(file.getvalue())
    return made


def right_answers(gallery: Gallery, method: str, files: Sequence[bytes]) -> list[Cards]:
    """What the cards must show for each file: label, score, and the picture itself."""
    answers = []
    for data in files:
        result = search(gallery, method, read_picture(data, longest=GALLERY_SIDE), k=USUAL)
        answers.append(
            [
                (
                    f"{plain(galleries.display_name(match), longest=40)} {result.method.format_score(match.score)}",
                    (thumbnails.as_stored(gallery, match.index) or thumbnails.drawn(gallery, match.index))[0],
                )
                for match in result.matches
            ]
        )
    return answers


def differs(shown: Cards, right: Cards) -> str:
    """What is wrong with the cards; empty if nothing is."""
    if len(shown) != len(right):
        return f"{len(shown)} cards where {len(right)} belong"
    for place, ((text, address), (wanted, picture)) in enumerate(zip(shown, right, strict=True), start=1):
        if wanted not in text:
            return f"card {place} says {text!r} where {wanted!r} belongs"
        if address != picture:
            return f"card {place} shows another picture"
    return ""


class Load:
    """Visitors who search and compare until the time is over.

    Parameters
    ----------
    server : Server
    files : sequence of bytes
        What they upload.
    answers : mapping of (gallery, method) to the right cards of each file
    """

    def __init__(self, server: Server, files: Sequence[bytes], answers: dict[tuple[str, str], list[Cards]]) -> None:
        self.server = server
        self.files = files
        self.answers = answers
        self.tally = Tally()
        self.samples: list[tuple[float, float]] = []
        self.until = 0.0

    def run(self, visitors: int, seconds: float, *, seed: int = 0) -> Tally:
        """Let them all come at once, and go when the time is over."""
        self.until = time.monotonic() + seconds
        threads = [threading.Thread(target=self._visit, args=(number, seed)) for number in range(visitors)]
        watch = threading.Thread(target=self._watch, daemon=True)
        watch.start()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.tally

    def _watch(self) -> None:
        started = time.monotonic()
        with contextlib.suppress(StopIteration, OSError):  # until the server has ended
            while self.server.process.poll() is None:
                self.samples.append((time.monotonic() - started, self.server.memory()))
                time.sleep(0.25)

    def _visit(self, number: int, seed: int) -> None:
        random = np.random.default_rng((seed, number))
        try:
            if number % 10 == 1:
                self._make_own(random)
            else:
                self._search(GALLERIES[number % len(GALLERIES)], random)
        except Exception as error:  # a visitor's failure is a finding; the others go on
            self._fail(f"visitor {number}: {type(error).__name__}: {error}")

    def _search(self, gallery: str, random: np.random.Generator) -> None:
        titles = {"histogram": "Euclidean histogram", "siamese": "Siamese network"}
        method = METHODS[0]
        with Visitor(self.server.address, f"gallery={gallery}&method={method}") as visitor:
            while time.monotonic() < self.until:
                which = int(random.integers(len(self.files)))
                data = self.files[which]
                self._measured(lambda v=visitor, d=data, w=which: v.upload(f"{w}.jpg", d, uploader=0))
                self._count(visitor, uploads=1, megabytes=len(data) / 1e6)
                self._compare(visitor, (gallery, method), which)
                method = METHODS[(METHODS.index(method) + 1) % len(METHODS)]
                self._measured(lambda v=visitor, m=method: v.pick("method", titles[m]))
                self._count(visitor)
                self._compare(visitor, (gallery, method), which)
                time.sleep(float(random.uniform(0.2, 1.0)))

    def _make_own(self, random: np.random.Generator) -> None:
        """Make a gallery of a few pictures, and find each of them again with itself."""
        with Visitor(self.server.address, "gallery=own") as visitor:
            while time.monotonic() < self.until:
                some = random.choice(len(self.files), min(4, len(self.files)), replace=False).tolist()
                visitor.upload_many([(f"{which}.jpg", self.files[which]) for which in some], uploader=0)
                visitor.make_own()
                self._count(visitor, own_galleries=1, megabytes=sum(len(self.files[which]) for which in some) / 1e6)
                for which in some:
                    self._measured(lambda v=visitor, w=which: v.upload(f"{w}.jpg", self.files[w], uploader=-1))
                    self._count(visitor, uploads=1, megabytes=len(self.files[which]) / 1e6)
                    best = visitor.cards()[0][0] if visitor.cards() else "nothing"
                    if f"{which}.jpg" not in best:
                        self._fail(f"own picture {which}.jpg found {best!r} first; {visitor.errors()}")
                visitor.click("own-forget")
                time.sleep(float(random.uniform(0.2, 1.0)))

    def _measured(self, step: object) -> None:
        started = time.monotonic()
        step()  # type: ignore[operator]
        with self.tally.lock:
            self.tally.seconds.append(time.monotonic() - started)

    def _compare(self, visitor: Visitor, key: tuple[str, str], which: int) -> None:
        problem = "; ".join(visitor.errors()) or differs(visitor.cards(), self.answers[key][which])
        if problem:
            self._fail(f"{key[0]}, {key[1]}, file {which}: {problem}")

    def _count(self, visitor: Visitor, *, uploads: int = 0, megabytes: float = 0.0, own_galleries: int = 0) -> None:
        with self.tally.lock:
            self.tally.answers += 1
            self.tally.uploads += uploads
            self.tally.megabytes += megabytes
            self.tally.own_galleries += own_galleries
            self.tally.notices += sum("first" in text for text in visitor.seen)
        visitor.seen.clear()

    def _fail(self, what: str) -> None:
        with self.tally.lock:
            self.tally.failures.append(what)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--files", type=int, default=8, help="how many different photographs")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    files = photographs(given.files, seed=given.seed)
    opened = {name: open_gallery(ASSETS / "galleries" / name) for name in GALLERIES}
    answers = {
        (name, method): right_answers(gallery, method, files) for name, gallery in opened.items() for method in METHODS
    }
    print("files of", [round(len(data) / 1e6, 1) for data in files], "MB; the right answers are known", flush=True)
    with serve(options=["--server.disconnectedSessionTTL=2"]) as server:
        for name in GALLERIES:  # what is loaded once for all visitors is no visitor's memory
            with Visitor(server.address, f"gallery={name}&method=Compare+both") as first:
                first.upload("first.jpg", files[0], uploader=0)
        idle = server.memory()
        load = Load(server, files, answers)
        started = time.monotonic()
        tally = load.run(given.visitors, given.seconds, seed=given.seed)
        took = time.monotonic() - started
        time.sleep(4)
        with Visitor(server.address):  # a new visitor is when the server lets go of those who have left
            pass
        time.sleep(4)
        after = server.memory()
    used = [memory - idle for _, memory in load.samples]
    half = len(used) // 2
    took_sorted = np.sort(tally.seconds)
    report = {
        "visitors": given.visitors,
        "seconds": round(took, 1),
        "uploads": tally.uploads,
        "megabytes": round(tally.megabytes),
        "answers": tally.answers,
        "own_galleries": tally.own_galleries,
        "failures": len(tally.failures),
        "waited_with_a_notice": tally.notices,
        "answer_seconds": {
            "median": round(float(np.median(took_sorted)), 2),
            "p95": round(float(np.quantile(took_sorted, 0.95)), 2),
            "most": round(float(took_sorted[-1]), 2),
        },
        "memory_megabytes": {
            "idle": round(idle),
            "most": round(idle + max(used)),
            "most_above_idle_first_half": round(max(used[:half])),
            "most_above_idle_second_half": round(max(used[half:])),
            "after_all_have_left": round(after),
        },
    }
    for failure in tally.failures[:20]:
        print(failure)
    print(json.dumps(report))
    return int(bool(tally.failures) or report["memory_megabytes"]["most"] > MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
