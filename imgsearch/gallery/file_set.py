"""A set of named files with one JSON header, on disk or in one zip: whole or not at all.

The header is written last and names every file with its size and sha256. A file whose content changes
gets a new name, so a reader or a crash meets the old set or the new one, never a mixture.
"""

from __future__ import annotations

import hashlib
import io
import json
import mmap
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from imgsearch import ImgsearchError

HEADER = "gallery.json"
FORMAT = 1

Content = NDArray[Any] | bytes | Sequence[bytes | memoryview]
"""What a file holds: an array (stored as .npy), bytes as they are, or bytes in parts."""

_MAX_HEADER = 64 << 20
_ONE_DATE = (1980, 1, 1, 0, 0, 0)


class StorageError(ImgsearchError):
    """Files that are missing, damaged or not what they say; the text is one sentence with a remedy."""


@dataclass(frozen=True)
class Entry:
    """One file of a set: its name, its size in bytes, and the sha256 of its content in hex."""

    file: str
    bytes: int
    sha256: str


class Files(Protocol):
    """A set that is open for reading."""

    label: str
    header: dict[str, Any]
    entries: dict[str, Entry]

    def buffer(self, role: str) -> memoryview:
        """The content of the file in that role, without copying where that is possible."""
        ...


def read_array(files: Files, role: str, *, dtype: tuple[str, ...], shape: tuple[int | None, ...]) -> NDArray[Any]:
    """An array of a set, mapped and read-only; nothing in it is ever unpickled.

    Parameters
    ----------
    files : Files
    role : str
        Which file of the set.
    dtype : names of the types that are allowed
    shape : the lengths that are required, None where any is right

    Raises
    ------
    StorageError
        If it is not an array in NumPy's format, of another type or shape, or shorter than it says.
    """
    content = files.buffer(role)
    name = f"{files.entries[role].file} in {files.label}"
    stream = io.BytesIO(content[: 64 << 10])
    try:
        version = npy.read_magic(stream)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        found_shape, fortran, found_dtype = read_header(stream)
    except (ValueError, EOFError) as error:
        raise StorageError(f"{name} is not an array file: make the gallery again.") from error
    if found_dtype.hasobject or found_dtype.name not in dtype or fortran:
        raise StorageError(f"{name} holds {found_dtype} where {' or '.join(dtype)} belongs: make the gallery again.")
    fits = len(found_shape) == len(shape) and all(
        wanted is None or wanted == found for wanted, found in zip(shape, found_shape, strict=True)
    )
    if not fits:
        wanted_text = "×".join("any" if length is None else str(length) for length in shape)
        found_text = "×".join(map(str, found_shape))
        raise StorageError(f"{name} has the shape {found_text} where {wanted_text} belongs: make the gallery again.")
    count = int(np.prod(found_shape, dtype=object))
    if len(content) - stream.tell() != count * found_dtype.itemsize:
        raise StorageError(f"{name} is cut short or too long: make the gallery again.")
    return np.frombuffer(content, found_dtype, count, stream.tell()).reshape(found_shape)


def read_json(files: Files, role: str) -> Any:
    """A JSON file of a set; StorageError if it is none."""
    try:
        return json.loads(bytes(files.buffer(role)))
    except ValueError as error:
        raise StorageError(
            f"{files.entries[role].file} in {files.label} is not JSON: make the gallery again."
        ) from error


def verify(files: Files) -> None:
    """Compare every file with its sha256; StorageError names the first that differs."""
    for role, entry in files.entries.items():
        if hashlib.sha256(files.buffer(role)).hexdigest() != entry.sha256:
            raise StorageError(f"{entry.file} in {files.label} was altered: make the gallery again.")


# ---- a folder


class Folder:
    """A set in a folder, its files mapped into memory when first asked for."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.label = self.path.name or str(self.path)
        try:
            raw = (self.path / HEADER).read_bytes()
        except FileNotFoundError:
            raise StorageError(f"{self.path} is not a gallery: it has no {HEADER}.") from None
        except OSError as error:
            raise StorageError(f"{self.path} cannot be read: {error.strerror}.") from None
        self.header, self.entries = _parsed(raw, self.label)
        for entry in self.entries.values():
            try:
                size = (self.path / entry.file).stat().st_size
            except OSError:
                raise StorageError(f"{entry.file} is missing in {self.label}: make the gallery again.") from None
            if size != entry.bytes:
                raise StorageError(f"{entry.file} in {self.label} is cut short or too long: make the gallery again.")
        self._buffers: dict[str, memoryview] = {}

    def buffer(self, role: str) -> memoryview:
        if role not in self._buffers:
            path = self.path / self.entries[role].file
            try:
                self._buffers[role] = _mapped(path)
            except OSError as error:
                raise StorageError(f"{path.name} in {self.label} cannot be read: {error.strerror}.") from None
        return self._buffers[role]


def _mapped(path: Path) -> memoryview:
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return memoryview(b"")
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def write_folder(
    path: str | os.PathLike[str],
    header: Mapping[str, Any],
    contents: Mapping[str, Content | Entry],
) -> None:
    """Write a set to a folder; what was there before is whole until the new set is.

    Parameters
    ----------
    path : path
        The folder. It may hold an older set, which is replaced.
    header : mapping
        What the JSON header says beside the files.
    contents : mapping of role to content
        An `Entry` keeps the file that is there already.

    Raises
    ------
    StorageError
        If the disk is full, the folder read-only, or the like; nothing has changed then.
    """
    path = Path(path)
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
        _write_synced(target / f"{HEADER}.new", _header_bytes(header, entries))
        (target / f"{HEADER}.new").replace(target / HEADER)
        _sync_folder(target)
        if fresh:
            target.rename(path)
            _sync_folder(path.parent)
    except OSError as error:
        if fresh and target != path:
            shutil.rmtree(target, ignore_errors=True)
        else:
            remove_strays(path)
        raise StorageError(f"{path} could not be written: {error.strerror or error}.") from error
    remove_strays(path)


def remove_strays(path: str | os.PathLike[str]) -> None:
    """Remove from a set's folder what its header does not name, left by an interrupted or an older write.

    Only names that this module gives are touched.
    """
    path = Path(path)
    try:
        _, entries = _parsed((path / HEADER).read_bytes(), path.name)
    except (OSError, StorageError):
        return
    named = {entry.file for entry in entries.values()}
    stems = {_stem(file) for file in named}
    for file in path.iterdir():
        ours = file.name.endswith(".new") or (_is_versioned(file.name) or _stem(file.name) in stems)
        if ours and file.name not in named and file.name != HEADER:
            file.unlink(missing_ok=True)


# ---- one zip


class Archive:
    """A set in one zip, held in memory.

    Parameters
    ----------
    data : bytes
    label : str
        What sentences call it.
    max_bytes : int
        The most that all its files may come to.
    """

    def __init__(self, data: bytes, *, label: str, max_bytes: int) -> None:
        self.label = label
        self._data = memoryview(data)
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = {info.filename: info for info in archive.infolist()}
                if HEADER not in members:
                    raise StorageError(f"{label} is not a saved gallery: choose a file that this page saved.")
                # Only stored members: nothing can then be larger than the file that was sent.
                if any(info.compress_type != zipfile.ZIP_STORED for info in members.values()):
                    raise StorageError(f"{label} is not a saved gallery: choose a file that this page saved.")
                if sum(info.file_size for info in members.values()) > max_bytes:
                    raise StorageError(f"{label} is larger than {max_bytes >> 20} MB: make a smaller gallery.")
                self.header, self.entries = _parsed(archive.read(HEADER), label)
                for entry in self.entries.values():
                    if entry.file not in members or members[entry.file].file_size != entry.bytes:
                        raise StorageError(f"{label} is incomplete: save the gallery again.")
                self._contents = {role: memoryview(archive.read(entry.file)) for role, entry in self.entries.items()}
        except StorageError:
            raise
        except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, ValueError) as error:
            raise StorageError(f"{label} is cut short or altered: save the gallery again.") from error

    def buffer(self, role: str) -> memoryview:
        return self._contents[role]


def write_archive(header: Mapping[str, Any], contents: Mapping[str, Content]) -> bytes:
    """The set as one zip, the same bytes for the same contents."""
    stream = io.BytesIO()
    entries: dict[str, Entry] = {}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for role, content in contents.items():
            raw = _content_bytes(content)
            name = _file_name(role, content)
            entries[role] = Entry(name, len(raw), hashlib.sha256(raw).hexdigest())
            archive.writestr(zipfile.ZipInfo(name, _ONE_DATE), raw)
        archive.writestr(zipfile.ZipInfo(HEADER, _ONE_DATE), _header_bytes(header, entries))
    return stream.getvalue()


# ---- details


def _parsed(raw: bytes, label: str) -> tuple[dict[str, Any], dict[str, Entry]]:
    if len(raw) > _MAX_HEADER:
        raise StorageError(f"{HEADER} in {label} is too large: make the gallery again.")
    try:
        header = json.loads(raw)
        version = header["format"]
        files = header["files"]
        entries = {
            str(role): Entry(str(file["file"]), int(file["bytes"]), str(file["sha256"])) for role, file in files.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise StorageError(f"{HEADER} in {label} is damaged: make the gallery again.") from error
    if version != FORMAT:
        raise StorageError(
            f"{label} is a gallery of format {version!r} and this program reads format {FORMAT}: make it again."
        )
    for entry in entries.values():
        if Path(entry.file).name != entry.file or entry.file in ("", ".", "..", HEADER) or "\\" in entry.file:
            raise StorageError(f"{HEADER} in {label} names a file outside the gallery: make the gallery again.")
    return header, entries


def _header_bytes(header: Mapping[str, Any], entries: Mapping[str, Entry]) -> bytes:
    files = {role: vars(entry) for role, entry in entries.items()}
    return json.dumps({"format": FORMAT, **header, "files": files}, indent=1).encode()


def _file_name(role: str, content: Content) -> str:
    return f"{role}.npy" if isinstance(content, np.ndarray) else role


def _stem(name: str) -> str:
    """The name without version: `siamese@0a1b2c3d.npy` → `siamese.npy`."""
    base, dot, extension = name.rpartition(".")
    return f"{base.partition('@')[0]}{dot}{extension}"


def _is_versioned(name: str) -> bool:
    return "@" in name


def _content_bytes(content: Content) -> bytes:
    stream = io.BytesIO()
    _write_content(stream, content)
    return stream.getvalue()


def _write_content(file: BinaryIO | _Hashing, content: Content) -> None:
    if isinstance(content, np.ndarray):
        npy.write_array(file, np.ascontiguousarray(content), allow_pickle=False)
    elif isinstance(content, bytes):
        file.write(content)
    else:
        for part in content:
            file.write(part)


class _Hashing:
    """A file that knows the sha256 and the size of what was written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.sha256 = hashlib.sha256()
        self.bytes = 0

    def write(self, data: bytes | memoryview) -> int:
        self.sha256.update(data)
        self.bytes += len(data)
        return self.file.write(data)


def _write_file(folder: Path, role: str, content: Content) -> Entry:
    name = _file_name(role, content)
    temporary = folder / f"{name}.new"
    with temporary.open("wb") as file:
        hashing = _Hashing(file)
        _write_content(hashing, content)
        file.flush()
        os.fsync(file.fileno())
    sha256 = hashing.sha256.hexdigest()
    base, dot, extension = name.rpartition(".")
    while (folder / name).exists() and _sha256(folder / name) != sha256:
        # Never over a file that the header on disk may name.
        version = sha256 if "@" in name else sha256[:8]
        name = f"{base}@{version}{dot}{extension}"
    temporary.replace(folder / name)
    return Entry(name, hashing.bytes, sha256)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
