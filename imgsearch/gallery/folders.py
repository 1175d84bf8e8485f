"""Folders of pictures: what is in them, and what it is called."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imgsearch import Progress
from imgsearch.gallery.builder import GalleryBuilder, label_of
from imgsearch.gallery.gallery import GALLERY_SIDE, Gallery, GalleryError, Queries
from imgsearch.images.formats import PictureError
from imgsearch.images.reading import read_bytes, read_picture
from imgsearch.methods.method import Method

SUFFIXES = frozenset((".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"))

Unreadable = tuple[tuple[str, str], ...]  # names of files that are no pictures, each with the reason


def list_pictures(folder: Path) -> list[str]:
    """Names of the picture files in a folder and its subfolders, with "/", sorted, without what is hidden."""
    if not folder.is_dir():
        raise GalleryError(f"{folder} is not a folder: name a folder of pictures.")
    names = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                names.append((Path(parent) / name).relative_to(folder).as_posix())
    return sorted(names)


class FolderStore:
    """The pictures of a folder, read when they are asked for."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._root = folder
        self._names = names

    def __len__(self) -> int:
        return len(self._names)

    def picture(self, index: int) -> NDArray[np.uint8]:
        return read_picture(self._root / self._names[index], longest=GALLERY_SIDE)

    def encoded(self, index: int) -> bytes | None:
        return (self._root / self._names[index]).read_bytes()


def folder_queries(folder: Path) -> Queries:
    """The pictures in the subfolders of a folder, which are their labels, to try a gallery with."""
    names = [name for name in list_pictures(folder) if label_of(name)]
    if not names:
        raise GalleryError(f"{folder} has no pictures in subfolders: the subfolders are the labels.")
    label_names, labels = np.unique([label_of(name) or "" for name in names], return_inverse=True)
    return Queries(FolderStore(folder, names), labels.astype(np.int16), tuple(label_names.tolist()))


def read_files(folder: Path, names: Iterable[str], skipped: Callable[[str, str], None]) -> Iterator[tuple[str, bytes]]:
    """Name and content of the files of a folder; `skipped` is called with the name of each other, and the reason."""
    for name in names:
        try:
            yield name, read_bytes(folder / name)
        except PictureError as error:
            skipped(name, str(error))


def gallery_of_folder(
    folder: Path, methods: Sequence[Method], *, progress: Progress | None = None
) -> tuple[Gallery, Unreadable]:
    """Make a gallery of a folder's pictures in memory, to be searched once; it has no map."""
    names = list_pictures(folder)
    builder = GalleryBuilder(methods)
    unreadable: dict[str, str] = {}
    skip = unreadable.__setitem__
    builder.add_files(read_files(folder, names, skip), skipped=skip, total=len(names), progress=progress)
    return builder.finish(name=folder.resolve().name, mapped=False), tuple(unreadable.items())
