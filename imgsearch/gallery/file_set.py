"""A set of named files, in a folder or in one zip, with a JSON header that says how long each is, and its sha256."""

import hashlib
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import GalleryError

HEADER = "gallery.json"
FORMAT = 1

Content = NDArray[Any] | bytes | Sequence[bytes | memoryview]
"""What a file holds: an array (stored as .npy), bytes as they are, or bytes in parts."""

_MAX_HEADER = 64 << 20  # bytes of `HEADER`
_NPY_HEADER = 10_240  # bytes, more than NumPy reads of an array's


@dataclass(frozen=True)
class Entry:
    """One file of a set, with its size and the sha256 of its content in hex."""

    file: str
    bytes: int
    sha256: str


class Files(Protocol):
    """A set that is open for reading. Its methods raise GalleryError for a file that cannot be read."""

    label: str
    header: dict[str, Any]
    entries: dict[str, Entry]

    def buffer(self, role: str) -> memoryview:
        """The content of the file in that role."""


def read_array(files: Files, role: str, *, dtype: tuple[str, ...], shape: tuple[int | None, ...]) -> NDArray[Any]:
    """An array of a set, read-only, nothing unpickled; GalleryError for another type or shape, in which None is any."""
    name = f"{files.entries[role].file} in {files.label}"
    content = files.buffer(role)
    head = io.BytesIO(content[:_NPY_HEADER])
    try:
        np.lib.format.read_magic(head)
        lengths, fortran, kind = np.lib.format.read_array_header_1_0(head)
        values: NDArray[Any] = np.frombuffer(content, kind, max(0, math.prod(lengths)), head.tell())
        array = values.reshape(lengths, order="F" if fortran else "C")
    except Exception as error:  # a damaged header makes NumPy raise whatever its parts raise
        raise GalleryError(f"{name} is not an array file: make the gallery again.") from error
    if head.tell() + array.nbytes != len(content):
        raise GalleryError(f"{name} is cut short or too long: make the gallery again.")
    if array.dtype.name not in dtype or not array.flags.c_contiguous:
        raise GalleryError(f"{name} holds {array.dtype} where {' or '.join(dtype)} belongs: make the gallery again.")
    if len(array.shape) != len(shape) or any(w not in (None, f) for w, f in zip(shape, array.shape, strict=True)):
        wanted = "×".join("any" if length is None else str(length) for length in shape)
        found = "×".join(map(str, array.shape))
        raise GalleryError(f"{name} has the shape {found} where {wanted} belongs: make the gallery again.")
    return array


def read_json(files: Files, role: str) -> Any:
    """Read a JSON file of a set; GalleryError if it is none."""
    try:
        return json.loads(bytes(files.buffer(role)))
    except (ValueError, RecursionError) as error:
        if isinstance(error, GalleryError):
            raise
        raise GalleryError(
            f"{files.entries[role].file} in {files.label} is not JSON: make the gallery again."
        ) from error


def verify(files: Files) -> None:
    """Compare every file with its sha256; GalleryError names the first that differs."""
    for role, entry in files.entries.items():
        if hashlib.sha256(files.buffer(role)).hexdigest() != entry.sha256:
            raise GalleryError(f"{entry.file} in {files.label} was altered: make the gallery again.")


def parse_header(raw: bytes, label: str) -> tuple[dict[str, Any], dict[str, Entry]]:
    if len(raw) > _MAX_HEADER:
        raise GalleryError(f"{HEADER} in {label} is too large: make the gallery again.")
    try:
        header = json.loads(raw)
        version = header["format"]
        entries = {
            str(role): Entry(str(file["file"]), int(file["bytes"]), str(file["sha256"]))
            for role, file in header["files"].items()
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise GalleryError(f"{HEADER} in {label} is damaged: make the gallery again.") from error
    if version != FORMAT:
        raise GalleryError(
            f"{label} is a gallery of format {version!r} and this program reads format {FORMAT}: make it again."
        )
    for entry in entries.values():
        if Path(entry.file).name != entry.file or entry.file in ("", ".", "..", HEADER) or "\\" in entry.file:
            raise GalleryError(f"{HEADER} in {label} names a file outside the gallery: make the gallery again.")
    return header, entries


def header_bytes(header: Mapping[str, Any], entries: Mapping[str, Entry]) -> bytes:
    files = {role: vars(entry) for role, entry in entries.items()}
    return json.dumps({"format": FORMAT, **header, "files": files}, indent=1).encode()


def file_name(role: str, content: Content) -> str:
    return f"{role}.npy" if isinstance(content, np.ndarray) else role


def write_content(file: IO[bytes], name: str, content: Content) -> Entry:
    if isinstance(content, np.ndarray):
        head = io.BytesIO()
        content = np.ascontiguousarray(content)
        np.lib.format.write_array_header_1_0(head, np.lib.format.header_data_from_array_1_0(content))
        content = [head.getvalue(), content.reshape(-1).view(np.uint8).data]
    sha256, size = hashlib.sha256(), 0
    for part in [content] if isinstance(content, bytes) else content:
        sha256.update(part)
        size += file.write(part)
    return Entry(name, size, sha256.hexdigest())
