"""How much memory the own galleries of all visitors may take together."""

import gc
import threading
import weakref
from collections import deque

from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.gallery.picture_store import ArrayStore, PictureStore

MOST_BYTES = 300_000_000  # of kept pictures and vectors, of all visitors who are there
FULL = "Many visitors keep pictures here just now: try again in a few minutes, or with fewer pictures."


class Budget:
    """Counts the bytes that living galleries take; what one took comes back when its pictures are freed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._sizes: weakref.WeakKeyDictionary[PictureStore, int] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()
        # Pictures may be freed at any moment, even in the thread that has the lock, so freeing them takes no lock.
        self._freed: deque[int] = deque()

    def used(self) -> int:
        """Bytes that are taken."""
        with self._lock:
            return self._count()

    def check(self, size: int, *, instead_of: Gallery | None = None) -> None:
        """GalleryError, one sentence, if so many bytes would not fit, even when `instead_of` has gone."""
        with self._lock:
            self._check(size, instead_of)

    def take(self, gallery: Gallery, *, instead_of: Gallery | None = None, at_least: int = 0) -> None:
        """Count a gallery for as long as its pictures are there; GalleryError, and no change, if it does not fit.

        `at_least` are bytes of the file that it was opened from, which may hold more than pictures and vectors.
        """
        size = max(size_of(gallery), at_least)
        with self._lock:
            self._check(size, instead_of)
            self._used += size
            self._sizes[gallery.store] = size
        # The pictures and not the gallery: the same ones are in its copy with a map.
        weakref.finalize(gallery.store, self._freed.append, size).atexit = False

    def _check(self, size: int, instead_of: Gallery | None) -> None:
        going = 0 if instead_of is None else self._sizes.get(instead_of.store, 0)
        if self._count() - going + size > self._most:
            # Galleries refer to themselves: of those that are gone, some are still to be freed.
            gc.collect()
            if self._count() - going + size > self._most:
                raise GalleryError(FULL)

    def _count(self) -> int:
        while self._freed:
            self._used -= self._freed.popleft()
        return self._used


def size_of(gallery: Gallery) -> int:
    """Bytes of a gallery's pictures, vectors, names and examples."""
    stores = [gallery.store] if gallery.queries is None else [gallery.store, gallery.queries.store]
    size = sum(described.stored.nbytes for described in gallery.method_vectors.values())
    size += sum(len(name) for name in gallery.names or ())
    for store in stores:
        if isinstance(store, ArrayStore):
            size += store.array.nbytes
        else:
            size += sum(len(store.encoded(index) or b"") for index in range(len(store)))
    return size


everybody = Budget(MOST_BYTES)
