"""A gallery of a visitor's own pictures in the making: picture by picture, in turn with everybody else's work."""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import Any

from imgsearch.gallery.builder import GalleryBuilder, described_in, origin_of
from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.images.formats import PictureError
from imgsearch.images.zip_files import ArchiveError, read_members
from imgsearch.methods.method import Method
from imgsearch.page.server import memory_budget, work_queue

NAME, TITLE = "own", "Your own pictures"  # of the gallery that a visitor makes
MOST_PICTURES = 2_000


class Building:
    """Describes pictures in the work queue while the page shows how far it is.

    The work touches neither the page nor the visitor: whoever draws the page looks at it, and takes the gallery over
    when it is over. Every picture is a piece of work of its own, so that nobody waits for all of them.

    The files are pictures and zip archives; each is let go of when it has been read. `present` is the visitor's gallery
    so far, which goes when the new one is there; `adding` says whether its pictures are part of the new one.
    """

    def __init__(
        self, files: Sequence[Any], methods: Sequence[Method], present: Gallery | None, *, adding: bool
    ) -> None:
        self.done = self.total = 0  # files that were looked at, and that there are; 0 until they are counted
        self.name = ""  # of the last one
        self.skipped: list[tuple[str, str]] = []  # names and reasons
        self.is_over = False
        self.gallery: Gallery | None = None  # what was made; None if it was cancelled before anything was done
        self.error: Exception | None = None  # why nothing was made
        self._files = deque(files)
        self._methods = methods
        self._present = present
        self._adding = adding
        self._started = monotonic()
        self.is_cancelled = False  # whether it was asked to end early
        self._paused = self._going = False
        self._lock = threading.Lock()
        self._pieces = self._work()

    def go_on(self) -> None:
        """Begin, or go on after a pause."""
        with self._lock:
            self._paused = False
            if self._going or self.is_over:
                return
            self._going = True
        work_queue.submit(self._piece)

    def pause(self) -> None:
        """Do nothing more after the picture at hand, until it is to go on."""
        with self._lock:
            self._paused = True

    def cancel(self) -> None:
        """End after the picture at hand; what is done is kept."""
        self.is_cancelled = True

    @property
    def seconds_left(self) -> float | None:
        """About how long it will still take; None while nobody can tell."""
        if self.done < 3:
            return None
        return (monotonic() - self._started) / self.done * (self.total - self.done)

    def _piece(self) -> None:
        try:
            next(self._pieces)
        except StopIteration:
            self._end()
        except Exception as error:  # whoever draws the page says it, or raises it again
            self.error = error
            self._end()
        with self._lock:
            self._going = not (self.is_over or self._paused)
        if self._going:
            work_queue.submit(self._piece)

    def _end(self) -> None:
        self._files.clear()
        self._present = None
        self.is_over = True

    def _work(self) -> Iterator[None]:
        """All of it; it is interrupted after each piece."""
        self.total = sum(_count(file) for file in self._files)
        yield
        builder = GalleryBuilder(self._methods)
        known = self._add_present(builder) if self._adding else set()
        before = len(builder)
        self._started = monotonic()
        for name, data in self._pictures():
            if self.is_cancelled:
                break
            if len(builder) >= MOST_PICTURES:
                self.skipped.append((name, f"Only {MOST_PICTURES:,} pictures fit: make two galleries."))
                break
            self.done, self.name = self.done + 1, name
            self._add(builder, name, data, known)
            # Said now where it is certain already, and not after minutes of work.
            memory_budget.everybody.check(builder.kept_bytes, instead_of=self._present)
            yield
        if len(builder) == before and (self.is_cancelled or before):
            if not self.is_cancelled:
                raise GalleryError("None of these files was added: see below why.")
            return
        gallery = builder.finish(name=NAME, title=TITLE, uploaded=True, mapped=False)
        memory_budget.everybody.take(gallery, instead_of=self._present)
        self.gallery = gallery

    def _add_present(self, builder: GalleryBuilder) -> set[str]:
        """Begin with the pictures that are there; the sha256 of each."""
        assert self._present is not None
        pictures = described_in(self._present, self._methods)
        if pictures is None:
            raise GalleryError("This gallery was made in another way, so nothing can be added to it: build a new one.")
        for name, described in pictures:
            builder.add(name, described)
        builder.settle_names()
        return {described.origin.sha256 for _, described in pictures}

    def _add(self, builder: GalleryBuilder, name: str, data: bytes, known: set[str]) -> None:
        try:
            if known and origin_of(data).sha256 in known:
                raise PictureError("It is in your gallery already.")
            builder.add_file(name, data)
        except PictureError as error:
            self.skipped.append((name, str(error)))

    def _pictures(self) -> Iterator[tuple[str, bytes]]:
        while self._files:
            file = self._files.popleft()
            if not _is_archive(file):
                yield file.name, file.getvalue()
                continue
            try:
                yield from read_members(file, skipped=lambda name, reason: self.skipped.append((name, reason)))
            except ArchiveError as error:
                # What came out of it before stays good.
                self.skipped.append((file.name, str(error)))


def _count(file: Any) -> int:
    if not _is_archive(file):
        return 1
    return sum(1 for _ in read_members(file))


def _is_archive(file: Any) -> bool:
    return str(file.name).lower().endswith(".zip")
