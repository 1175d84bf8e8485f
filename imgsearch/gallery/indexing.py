"""A folder of pictures → a gallery folder: in parallel, going on after an interruption, doing only what is new.

What is finished is kept beside the gallery, in parts that are small galleries themselves, until the whole is
written. So a run that was killed loses at most the part that it was working on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from imgsearch import Progress
from imgsearch.gallery.builder import Described, GalleryBuilder, describe_file, described_in, origin_of
from imgsearch.gallery.folders import Unreadable, list_pictures, read_credits
from imgsearch.gallery.gallery import Gallery, GalleryError, Origin
from imgsearch.gallery.persistence import is_gallery, open_gallery, save_gallery
from imgsearch.images.formats import PictureError
from imgsearch.images.reading import read_bytes, read_picture
from imgsearch.local_features.features import describe_kept
from imgsearch.methods.method import Method

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

    Pictures are known again by name, size and time of change, else by their bytes.

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
    progress : Progress, optional

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
        found = _gather(root, names, parts, workers, progress)
        if not found.described:
            raise GalleryError(f"{root} has no picture that can be read: name a folder of pictures.")
        builder = GalleryBuilder(methods)
        for name in names:
            if name in found.described:
                builder.add(name, found.described[name])
        gallery = builder.finish(name=out.name, title=title, source=source, licence=licence, credits=read_credits(root))
        save_gallery(gallery, out)
        parts.remove()
    return Report(
        gallery=open_gallery(out),
        added=found.added,
        kept=len(found.described) - found.added,
        dropped=len(parts.old_names - set(found.described)),
        unreadable=tuple(found.unreadable),
    )


@dataclass
class _Found:
    """The pictures of a folder, by name, and what could not be read."""

    described: dict[str, Described] = field(default_factory=dict)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    added: int = 0


def _gather(root: Path, names: Sequence[str], parts: _Parts, workers: int, progress: Progress | None) -> _Found:
    """Describe what is not known yet, several pictures at a time; each `_PART` of them are kept on the disk."""
    found = _Found()
    fresh: dict[str, Described] = {}
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(names), _PART):
            some = names[start : start + _PART]
            looked = pool.map(lambda name: _look(root, name, parts), some)
            for done, (name, (one, is_new)) in enumerate(zip(some, looked, strict=True), start=start + 1):
                if isinstance(one, str):
                    found.unreadable.append((name, one))
                elif is_new:
                    fresh[name] = one
                else:
                    found.described[name] = one
                if progress:
                    progress(done, len(names), name)
            if len(fresh) >= _PART or start + _PART >= len(names):
                found.described.update(parts.keep(fresh))
                found.added += len(fresh)
                fresh = {}
    return found


def _look(root: Path, name: str, parts: _Parts) -> tuple[Described | str, bool]:
    """Find out what is known of a picture, else describe it; the reason if it cannot be read. And whether it is new."""
    path = root / name
    try:
        status = path.stat()
        known = parts.known(name, status.st_size, status.st_mtime_ns)
        if known is not None:
            return _with_features(known), False
        content = read_bytes(path)
        origin = origin_of(content, status.st_mtime_ns)
        same = parts.same(origin)
        if same is not None:
            return _with_features(same), False
        return describe_file(content, parts.methods, origin), True
    except PictureError as error:
        return str(error), False
    except OSError as error:
        return f"The file cannot be read: {error.strerror}.", False


def _with_features(known: Described) -> Described:
    """What is known of a picture, with the local features that an older version did not make."""
    return known if known.features is not None else replace(known, features=describe_kept(read_picture(known.kept)))


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
        self.methods = methods
        self.old_names: set[str] = set()
        self._out = out
        self._folder = out.parent / f".{out.name}.parts"
        self._by_file: dict[tuple[str, int, int], Described] = {}
        self._by_content: dict[str, Described] = {}

    def __enter__(self) -> _Parts:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self._folder / "lock")
            self._lock.__enter__()
        except BlockingIOError:
            raise GalleryError(f"Another run is writing {self._out}: wait until it has ended.") from None
        except OSError as error:
            raise GalleryError(f"{self._out} cannot be written: {error.strerror}.") from error
        self.old_names = set(self._open(self._out) or ())
        for path in sorted(self._folder.glob("[0-9]*")):
            if self._open(path) is None:
                shutil.rmtree(path, ignore_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.__exit__(None, None, None)

    def known(self, name: str, size: int, changed_ns: int) -> Described | None:
        """A picture by its file."""
        return self._by_file.get((name, size, changed_ns))

    def same(self, origin: Origin) -> Described | None:
        """A picture by its bytes."""
        known = self._by_content.get(origin.sha256)
        return None if known is None else replace(known, origin=origin)

    def keep(self, fresh: dict[str, Described]) -> dict[str, Described]:
        """Write pictures down as one more part; returns them as they can be read from it."""
        if not fresh:
            return {}
        builder = GalleryBuilder(self.methods)
        for name, one in fresh.items():
            builder.add(name, one)
        number = max((int(path.name) for path in self._folder.glob("[0-9]*")), default=0) + 1
        path = self._folder / f"{number:06d}"
        save_gallery(builder.finish(name=path.name, mapped=False), path)
        kept = self._open(path)
        if kept is None:
            raise GalleryError(f"{path} was altered while it was written: start again.")
        return kept

    def remove(self) -> None:
        """Forget the parts: the whole is written."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _open(self, path: Path) -> dict[str, Described] | None:
        """The pictures of a gallery by name, which are known from then on; None if they cannot be used."""
        try:
            gallery = open_gallery(path)
        except GalleryError:
            return None
        known = described_in(gallery, self.methods)
        if known is None:
            return None
        for name, one in known:
            self._by_file[name, one.origin.size, one.origin.changed_ns] = self._by_content[one.origin.sha256] = one
        return dict(known)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that the system gives back when the process ends, however it ends."""
    with path.open("w") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
