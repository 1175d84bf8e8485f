"""What an indexing has finished: parts of a gallery beside it, which are small galleries themselves."""

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from imgsearch.gallery.builder import Described, GalleryBuilder, describe_file, described_in, origin_of
from imgsearch.gallery.gallery import GalleryError
from imgsearch.gallery.persistence import is_gallery, open_gallery, save_gallery
from imgsearch.images.formats import PictureError
from imgsearch.images.reading import read_bytes
from imgsearch.methods.method import Method

try:
    import fcntl
    import resource
except ImportError:  # not a POSIX system: two runs at once are not kept apart there
    fcntl = resource = None  # type: ignore[assignment]

_MOST_PARTS = 256
# A part that is read from keeps 13 files open, and many systems allow 1,024 where nobody asks for more.
_OPEN_FILES = 16 * _MOST_PARTS


def part_size(n: int, least: int) -> int:
    """How many of n pictures make a part: few, so that little is lost, but no more parts than can be open."""
    return max(least, -(-n // _MOST_PARTS))


def describe_path(root: Path, name: str, methods: Sequence[Method]) -> Described | str:
    """Describe a picture file of a folder; the reason if it cannot be read, a sentence."""
    path = root / name
    try:
        changed_ns = path.stat().st_mtime_ns
        content = read_bytes(path)
        return describe_file(content, methods, origin_of(content, changed_ns))
    except PictureError as error:
        return str(error)
    except OSError as error:
        return f"The file cannot be read: {error.strerror}."


def write_part(folder: Path, methods: Sequence[Method], pictures: Mapping[str, Described]) -> str:
    """Write pictures down as one more part, named by what is in it; GalleryError if it cannot be written.

    So of two machines that describe the same pictures, whoever is second finds that the part is there.
    """
    contents = hashlib.sha256(" ".join(method.fingerprint for method in methods).encode())
    builder = GalleryBuilder(methods)
    for name, one in pictures.items():
        contents.update(repr((name, one.origin)).encode())
        builder.add(name, one)
    part = contents.hexdigest()[:32]
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".") as own:
            save_gallery(builder.finish(name=part, mapped=False), Path(own) / part)
            if not is_gallery(folder / part):
                (Path(own) / part).rename(folder / part)
    except OSError as error:
        if not is_gallery(folder / part):
            raise GalleryError(f"{folder / part} could not be written: {error.strerror or error}.") from error
    return part


class Parts:
    """What is known already, by these methods: the gallery in `out`, and the parts of an interrupted run beside it."""

    def __init__(self, out: Path, methods: Sequence[Method]) -> None:
        self.methods = methods
        self.old_names: set[str] = set()  # of the pictures in the old gallery
        self.folder = out.parent / f".{out.name}.parts"
        self._out = out
        self._by_file: dict[tuple[str, int, int], Described] = {}
        self._by_content: dict[str, Described] = {}
        self._sizes: set[int] = set()

    def __enter__(self) -> "Parts":
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # The system gives the lock back when the process ends, however it ends.
            self._lock = (self.folder / "lock").open("w")
            if fcntl is not None:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise GalleryError(f"Another run is writing {self._out}: wait until it has ended.") from None
        except OSError as error:
            raise GalleryError(f"{self._out} cannot be written: {error.strerror}.") from error
        _allow_open_files()
        self.old_names = set(self._open(self._out) or ())
        for path in sorted(path for path in self.folder.iterdir() if path.is_dir()):
            if self._open(path) is None:
                shutil.rmtree(path, ignore_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.close()

    def find(self, root: Path, name: str) -> Described | None:
        """A picture that is known: by name, size and time of change, else by its bytes; None if it is not there."""
        path = root / name
        try:
            status = path.stat()
            known = self._by_file.get((name, status.st_size, status.st_mtime_ns))
            if known is not None or status.st_size not in self._sizes:
                return known
            origin = origin_of(read_bytes(path), status.st_mtime_ns)
        except (OSError, PictureError):
            return None
        same = self._by_content.get(origin.sha256)
        return None if same is None else replace(same, origin=origin)

    def keep(self, fresh: Mapping[str, Described]) -> dict[str, Described]:
        """Write pictures down as one more part; returns them as they can be read from it."""
        return self.read(write_part(self.folder, self.methods, fresh)) if fresh else {}

    def read(self, part: str) -> dict[str, Described]:
        """The pictures of a part that was written, by name."""
        found = self._open(self.folder / part)
        if found is None:
            raise GalleryError(f"{self.folder / part} was altered while it was written: start again.")
        return found

    def remove(self) -> None:
        """Forget the parts: the whole is written."""
        shutil.rmtree(self.folder, ignore_errors=True)

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
            self._sizes.add(one.origin.size)
        return dict(known)


def _allow_open_files() -> None:
    """Let this process have as many files open as all parts need, where the system lets it."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
