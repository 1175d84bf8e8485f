"""A folder of pictures → a gallery folder: in parallel, going on after an interruption, doing only what is new.

What is finished is kept beside the gallery, in parts that are small galleries themselves, until the whole is
written. So a run that was killed loses at most the part that it was working on.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch import Progress
from imgsearch.gallery.builder import DescribedPhoto, GalleryBuilder, describe_photo
from imgsearch.gallery.folders import Unreadable, label_of, list_pictures, read_credits
from imgsearch.gallery.persistence import (
    GALLERY_SIDE,
    UNLABELLED,
    Gallery,
    GalleryError,
    MethodVectors,
    Origin,
    is_gallery,
    open_gallery,
    save_gallery,
)
from imgsearch.gallery.picture_store import FileStore
from imgsearch.gallery.projection import tsne
from imgsearch.images.reading import PictureError, read_bytes, read_picture
from imgsearch.methods.registry import Method

try:
    import fcntl
except ImportError:  # not a POSIX system: two runs at once are not kept apart there
    fcntl = None  # type: ignore[assignment]

_PART = 128
_WORKERS = 2


@dataclass(frozen=True)
class Report:
    """What an indexing did.

    Attributes
    ----------
    gallery : Gallery, as it is now
    added, kept, dropped : int
        Pictures that were described, that were known already, and that are gone.
    unreadable : tuple of (name, reason)
    """

    gallery: Gallery
    added: int
    kept: int
    dropped: int
    unreadable: Unreadable


def index(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    methods: Sequence[Method],
    *,
    title: str = "",
    source: str = "",
    licence: str = "",
    workers: int = _WORKERS,
    progress: Progress | None = None,
) -> Report:
    """Bring the gallery in `out` up to date with the pictures in `folder`; make it if it is not there.

    Pictures are known again by name, size and time of change, else by their bytes. The folder in which a
    picture lies is its label.

    Parameters
    ----------
    folder : path
        Pictures, in subfolders or not; see `folders` for what is read of it.
    out : path
        The gallery.
    methods : sequence of Method
    title, source, licence : str
        Of the gallery; by default the title is the name of `out`.
    workers : int
        Pictures that are read at once.
    progress : callable, optional

    Returns
    -------
    Report

    Raises
    ------
    GalleryError
        If no picture can be read, `out` cannot be written, or another run is writing it. The old gallery is
        then as it was.
    """
    root, out = Path(folder), Path(out)
    names = list_pictures(root)
    if out.is_dir() and any(out.iterdir()) and not is_gallery(out):
        raise GalleryError(f"{out} is a folder with other files in it: name a new folder for the gallery.")
    with _Parts(out, methods) as parts:
        places: dict[str, _Place] = {}
        unreadable: list[tuple[str, str]] = []
        fresh: list[_Fresh] = []
        added = 0
        with ThreadPoolExecutor(workers) as pool:
            for start in range(0, len(names), _PART):
                some = names[start : start + _PART]
                found = pool.map(lambda name: _look(root, name, methods, parts), some)
                for done, (name, one) in enumerate(zip(some, found, strict=True), start=start + 1):
                    if isinstance(one, _Place):
                        places[name] = one
                    elif isinstance(one, _Fresh):
                        fresh.append(one)
                    else:
                        unreadable.append((name, one))
                    if progress:
                        progress(done, len(names), name)
                if len(fresh) >= _PART or start + _PART >= len(names):
                    places.update(parts.keep(fresh))
                    added += len(fresh)
                    fresh = []
        ordered = {name: places[name] for name in names if name in places}
        if not ordered:
            raise GalleryError(f"{root} has no picture that can be read: name a folder of pictures.")
        before = parts.old.names if parts.old is not None and parts.old.names is not None else []
        gallery = _merged(ordered, methods, root, out.name, title, source, licence)
        save_gallery(gallery, out)
        parts.remove()
    return Report(
        gallery=open_gallery(out),
        added=added,
        kept=len(places) - added,
        dropped=len(set(before) - set(places)),
        unreadable=tuple(unreadable),
    )


@dataclass(frozen=True)
class _Place:
    """Where the file and the vectors of a picture are kept."""

    gallery: Gallery
    row: int
    origin: Origin


@dataclass(frozen=True)
class _Fresh:
    """A picture that was described just now."""

    name: str
    origin: Origin
    described: DescribedPhoto


class _Parts:
    """What is known already: the old gallery, and the parts that an interrupted run has finished.

    Parameters
    ----------
    out : path
        The gallery; the parts are in a hidden folder beside it.
    methods : sequence of Method
        What was described otherwise is not known.
    """

    def __init__(self, out: Path, methods: Sequence[Method]) -> None:
        self._out = out
        self._folder = out.parent / f".{out.name}.parts"
        self._methods = methods
        self._by_file: dict[tuple[str, int, int], _Place] = {}
        self._by_content: dict[str, _Place] = {}
        self.old: Gallery | None = None

    def __enter__(self) -> _Parts:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self._folder / "lock")
            self._lock.__enter__()
        except BlockingIOError:
            raise GalleryError(f"Another run is writing {self._out}: wait until it has ended.") from None
        except OSError as error:
            raise GalleryError(f"{self._out} cannot be written: {error.strerror}.") from error
        self.old = self._open(self._out)
        for path in sorted(self._folder.glob("[0-9]*")):
            part = self._open(path)
            if part is None:
                shutil.rmtree(path, ignore_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.__exit__(None, None, None)

    def known(self, name: str, size: int, changed_ns: int) -> _Place | None:
        """A picture by its file."""
        return self._by_file.get((name, size, changed_ns))

    def same(self, origin: Origin) -> _Place | None:
        """A picture by its bytes."""
        place = self._by_content.get(origin.sha256)
        return None if place is None else _Place(place.gallery, place.row, origin)

    def keep(self, fresh: Sequence[_Fresh]) -> dict[str, _Place]:
        """Write pictures down as one more part."""
        if not fresh:
            return {}
        builder = GalleryBuilder(self._methods)
        for one in fresh:
            builder.add_described(one.described, name=one.name, origin=one.origin)
        number = max((int(path.name) for path in self._folder.glob("[0-9]*")), default=0) + 1
        path = self._folder / f"{number:06d}"
        save_gallery(builder.finish(name=path.name), path)
        part = self._open(path)
        assert part is not None
        return {one.name: _Place(part, row, one.origin) for row, one in enumerate(fresh)}

    def remove(self) -> None:
        """Forget the parts: the whole is written."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _open(self, path: Path) -> Gallery | None:
        try:
            gallery = open_gallery(path)
        except GalleryError:
            return None
        fingerprints = {key: method.fingerprint for key, method in gallery.methods.items()}
        wanted = {method.key: method.fingerprint for method in self._methods}
        usable = fingerprints == wanted and isinstance(gallery.store, FileStore)
        if not usable or gallery.origins is None or gallery.names is None:
            return None
        for row, (name, origin) in enumerate(zip(gallery.names, gallery.origins, strict=True)):
            place = _Place(gallery, row, origin)
            self._by_file[name, origin.size, origin.changed_ns] = place
            self._by_content[origin.sha256] = place
        return gallery


def _look(root: Path, name: str, methods: Sequence[Method], parts: _Parts) -> _Place | _Fresh | str:
    """Find out what is known of a picture, else describe it; the reason if it cannot be read."""
    path = root / name
    try:
        status = path.stat()
        known = parts.known(name, status.st_size, status.st_mtime_ns)
        if known is not None:
            return known
        content = read_bytes(path)
        origin = Origin(status.st_size, status.st_mtime_ns, hashlib.sha256(content).hexdigest())
        same = parts.same(origin)
        if same is not None:
            return same
        return _Fresh(name, origin, describe_photo(read_picture(content, longest=GALLERY_SIDE), methods))
    except PictureError as error:
        return str(error)
    except OSError as error:
        return f"The file cannot be read: {error.strerror}."


def _merged(
    places: dict[str, _Place],
    methods: Sequence[Method],
    root: Path,
    name: str,
    title: str,
    source: str,
    licence: str,
) -> Gallery:
    labels = [label_of(file) for file in places]
    label_names = sorted({label for label in labels if label is not None})
    number = {label: index for index, label in enumerate(label_names)}
    known = read_credits(root)
    described = [MethodVectors(method, _stacked(places, method.key)) for method in methods]
    files = []
    for place in places.values():
        assert isinstance(place.gallery.store, FileStore)
        files.append(place.gallery.store.files[place.row])
    return Gallery(
        name=name,
        title=title,
        store=FileStore(files),
        methods=described,
        labels=np.array([number.get(label or "", UNLABELLED) for label in labels], np.int16) if label_names else None,
        label_names=label_names,
        names=list(places),
        credits=[known.get(file) for file in places] if known else None,
        origins=[place.origin for place in places.values()],
        source=source,
        licence=licence,
        map_positions=tsne(described[-1].vectors),
    )


def _stacked(places: dict[str, _Place], key: str) -> NDArray[Any]:
    """The vectors of a method for all places, in the narrowest type that holds them."""
    stored = [place.gallery.method_vectors[key].stored for place in places.values()]
    matrix = np.empty((len(stored), stored[0].shape[1]), np.result_type(*{part.dtype for part in stored}))
    for row, (place, part) in enumerate(zip(places.values(), stored, strict=True)):
        matrix[row] = part[place.row]
    return matrix


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that the system gives back when the process ends, however it ends."""
    with path.open("w") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
