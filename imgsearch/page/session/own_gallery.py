"""A visitor's own gallery comes and goes."""

import gc
from collections.abc import Collection

from imgsearch.gallery.builder import without_pictures
from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.page.server import memory_budget
from imgsearch.page.session import queries
from imgsearch.page.session.visitor import visitor


def take(gallery: Gallery, skipped: list[tuple[str, str]]) -> None:
    """Let a gallery be the visitor's own from now on; `skipped` was left out of it."""
    own = visitor().own
    own.gallery, own.skipped, own.problem = gallery, skipped, ""
    own.version += 1
    queries.forget_gallery()


def remove(gone: Collection[int]) -> None:
    """Take pictures out of it."""
    own = visitor().own
    if own.gallery is None or not gone:
        return
    if len(gone) == own.gallery.n:
        forget()
        return
    try:
        gallery = without_pictures(own.gallery, gone)
        memory_budget.everybody.take(gallery, instead_of=own.gallery)
    except GalleryError as error:
        own.problem = str(error)
        return
    take(gallery, [])


def forget() -> None:
    """Let go of it, and of one that is being made."""
    own = visitor().own
    if own.building is not None:
        own.building.cancel()
    own.gallery, own.building, own.skipped, own.problem = None, None, [], ""
    queries.forget_gallery()
    # It refers to itself, so it is not freed before.
    gc.collect()
