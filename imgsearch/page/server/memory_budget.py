"""How much memory the own galleries of all visitors may take together."""

import gc
import threading
import weakref

from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.gallery.picture_store import ArrayStore, PictureStore

MOST_BYTES = 300_000_000  # of kept pictures and vectors, of all visitors who are there
FULL = "Many visitors keep pictures here just now: try again in a few minutes, or with fewer pictures."


class Budget:
    """Counts the bytes that living galleries take; what one took comes back when its pictures are freed."""

    def __init__(self, most: int) -> None:
        self._most = most
        # By the pictures and not by the gallery: the same ones are in its copy with a map.
        self._sizes: weakref.WeakKeyDictionary[PictureStore, int] = weakref.WeakKeyDictionary()
        self._lock = threading.RLock()

    def used(self) -> int:
        """Bytes that are taken."""
        with self._lock:
            return sum(self._sizes.values())

    def check(self, size: int, *, instead_of: Gallery | None = None) -> None:
        """GalleryError, one sentence, if so many bytes would not fit, even when `instead_of` has gone."""
        going = 0 if instead_of is None else self._sizes.get(instead_of.store, 0)
        if self.used() - going + size > self._most:
            # Galleries refer to themselves: of those that are gone, some are still to be freed.
            gc.collect()
            if self.used() - going + size > self._most:
                raise GalleryError(FULL)

    def take(self, gallery: Gallery, *, instead_of: Gallery | None = None, at_least: int = 0) -> None:
        """Count a gallery, or `at_least` its file's bytes, while its pictures live; GalleryError if it does not fit."""
        size = max(size_of(gallery), at_least)
        with self._lock:
            self.check(size, instead_of=instead_of)
            self._sizes[gallery.store] = size


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
