"""A set of files in a folder, whole or not at all: what changes gets a new name, and the header is written last."""

import filecmp
import mmap
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imgsearch.gallery.file_set import HEADER, Content, Entry, file_name, header_bytes, parse_header, write_content
from imgsearch.gallery.gallery import GalleryError


class Folder:
    """A set in a folder, its files mapped into memory when first asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.label = path.name or str(path)
        try:
            raw = (self.path / HEADER).read_bytes()
        except FileNotFoundError:
            raise GalleryError(f"{self.path} is not a gallery: it has no {HEADER}.") from None
        except OSError as error:
            raise GalleryError(f"{self.path} cannot be read: {error.strerror}.") from None
        self.header, self.entries = parse_header(raw, self.label)
        for entry in self.entries.values():
            try:
                size = (self.path / entry.file).stat().st_size
            except OSError:
                raise GalleryError(f"{entry.file} is missing in {self.label}: make the gallery again.") from None
            if size != entry.bytes:
                raise GalleryError(f"{entry.file} in {self.label} is cut short or too long: make the gallery again.")

    def buffer(self, role: str) -> memoryview:
        path = self.path / self.entries[role].file
        try:
            with path.open("rb") as file:
                empty = not os.fstat(file.fileno()).st_size
                return memoryview(b"" if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except OSError as error:
            raise GalleryError(f"{path.name} in {self.label} cannot be read: {error.strerror}.") from None


def write_folder(path: Path, header: Mapping[str, Any], contents: Mapping[str, Content | Entry]) -> None:
    """Write a set to a folder, as a whole or, with GalleryError, not at all; an `Entry` keeps a file that is there."""
    fresh = not path.exists()
    target = path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if fresh:
            target = Path(tempfile.mkdtemp(prefix=f".{path.name}-", suffix=".new", dir=path.parent))
            target.chmod(0o755)
        entries: dict[str, Entry] = {}
        for role, content in contents.items():
            entries[role] = content if isinstance(content, Entry) else _write_file(target, role, content)
        with (target / f"{HEADER}.new").open("wb") as file:
            file.write(header_bytes(header, entries))
            file.flush()
            os.fsync(file.fileno())
        (target / f"{HEADER}.new").replace(target / HEADER)
        _sync_folder(target)
        if fresh:
            target.rename(path)
            _sync_folder(path.parent)
    except OSError as error:
        if fresh and target != path:
            shutil.rmtree(target, ignore_errors=True)
        else:
            _remove_strays(path)
        raise GalleryError(f"{path} could not be written: {error.strerror or error}.") from error
    _remove_strays(path)


def _remove_strays(path: Path) -> None:
    """Remove what an older or an interrupted write left: files named as here, which the header does not name."""
    try:
        _, entries = parse_header((path / HEADER).read_bytes(), path.name)
    except (OSError, GalleryError):
        return
    named = {entry.file for entry in entries.values()}
    stems = {_stem(file) for file in named}
    for file in path.iterdir():
        ours = file.name.endswith(".new") or "@" in file.name or _stem(file.name) in stems
        if ours and file.name not in named and file.name != HEADER:
            file.unlink(missing_ok=True)


def _stem(name: str) -> str:
    """The name without version: `siamese@0a1b2c3d.npy` → `siamese.npy`."""
    base, dot, extension = name.rpartition(".")
    return f"{base.partition('@')[0]}{dot}{extension}"


def _write_file(folder: Path, role: str, content: Content) -> Entry:
    name = file_name(role, content)
    temporary = folder / f"{name}.new"
    with temporary.open("wb") as file:
        entry = write_content(file, name, content)
        file.flush()
        os.fsync(file.fileno())
    base, dot, extension = name.rpartition(".")
    while (folder / name).exists() and not filecmp.cmp(temporary, folder / name, shallow=False):
        # Never over a file that the header on disk may name.
        version = entry.sha256 if "@" in name else entry.sha256[:8]
        name = f"{base}@{version}{dot}{extension}"
    temporary.replace(folder / name)
    return Entry(name, entry.bytes, entry.sha256)


def _sync_folder(path: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
