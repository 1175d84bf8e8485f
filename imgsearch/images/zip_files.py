"""Read the files inside a zip archive one by one, within bounds."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from imgsearch import ImgsearchError
from imgsearch.images.reading import MAX_BYTES

MAX_MEMBERS = 20_000
MAX_TOTAL = 300_000_000  # bytes of all members together, unpacked
MAX_RATIO = 100  # unpacked bytes for one packed byte; text reaches 20, a bomb 1,000
FREE = 1_000_000  # unpacked bytes that a member may have at any ratio: a blank picture packs very well
MAX_DIRECTORY = 4_000_000  # bytes of the list of members

_END = struct.Struct("<4s4H2IH")  # end of central directory record, APPNOTE.TXT 4.3.16
_HIDDEN = re.compile(r"\A__MACOSX(/|\Z)|(\A|/)(\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini)\Z")
_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".bz2", ".xz", ".zst", ".jar")

BROKEN = "The archive is damaged or cut short: pack it again, or send the pictures themselves."
NOT_ZIP = "This is not a zip archive: pack the pictures as .zip, or send the pictures themselves."
TOO_MANY = f"The archive has too many files: pack at most {MAX_MEMBERS:,} pictures into one."
BOMB = "The archive unpacks to far more than it should: send the pictures themselves."


class ArchiveError(ImgsearchError):
    """Why an archive cannot be used: one sentence that says what is wrong and what to do."""


def read_members(
    data: bytes | BinaryIO, *, skipped: Callable[[str, str], None] = lambda name, reason: None
) -> Iterator[tuple[str, bytes]]:
    """Unpack an archive into memory, one member at a time, without folders, hidden files and what a Mac adds.

    Yields names, with forward slashes, and contents. `skipped` is called with the name of each member that is left out,
    and the reason. ArchiveError, after which what came before stays good, if it is damaged or beyond the bounds.
    """
    total = packed = 0
    with _opened(io.BytesIO(data) if isinstance(data, bytes) else data) as archive:
        for name, member in _usable(archive, skipped):
            packed += member.compress_size
            # The sizes in the directory are claims; what counts is what comes out.
            allowed = min(MAX_BYTES, MAX_TOTAL - total, FREE + MAX_RATIO * member.compress_size)
            try:
                with archive.open(member) as stream:
                    content = stream.read(allowed + 1)
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, struct.error):
                skipped(name, "This file is damaged inside the archive: pack it again.")
                continue
            total += len(content)
            if total > MAX_TOTAL:
                raise ArchiveError(f"The archive holds more than {MAX_TOTAL // 1_000_000} MB: send it in parts.")
            if len(content) > allowed or total > 10 * FREE + MAX_RATIO * packed:
                raise ArchiveError(BOMB)
            yield name, content


def _usable(archive: zipfile.ZipFile, skipped: Callable[[str, str], None]) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """Name and entry of each member to unpack, in the order of the file."""
    members = sorted(archive.infolist(), key=lambda member: member.header_offset)
    if len(members) > MAX_MEMBERS:
        raise ArchiveError(TOO_MANY)
    seen: set[str] = set()
    end = 0
    for member in members:
        if member.header_offset < end:  # one packed body under many names
            raise ArchiveError(BOMB)
        end = member.header_offset + 30 + member.compress_size
        name = member.filename.replace("\\", "/")
        if member.is_dir() or _HIDDEN.search(name):
            continue
        if reason := _why_not(member, name, seen):
            skipped(name, reason)
            continue
        seen.add(name)
        yield name, member


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    """Open an archive after bounding its list of members: `zipfile` builds an object for each."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END.size - 65_535))
    tail = file.read()
    start = tail.rfind(b"PK\5\6")
    file.seek(0)
    if start < 0 or len(tail) - start < _END.size:
        raise ArchiveError(BROKEN if file.read(4) == b"PK\3\4" else NOT_ZIP)
    _, _, _, _, members, directory, _, _ = _END.unpack_from(tail, start)
    # The zip64 form is for more than 65,535 members or 4 GB; its own record stands before this one, and would
    # be believed instead of it. The number of members may be a lie, so the bytes of their list count as well.
    zip64 = tail[max(0, start - 20) : start].startswith(b"PK\6\7") or members == 0xFFFF or directory == 0xFFFFFFFF
    if zip64 or members > MAX_MEMBERS or directory > MAX_DIRECTORY:
        raise ArchiveError(TOO_MANY)
    file.seek(0)
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error, IndexError):
        raise ArchiveError(BROKEN) from None


def _why_not(member: zipfile.ZipInfo, name: str, seen: set[str]) -> str | None:
    """Why a member is left out, or None."""
    parts = name.split("/")
    if not name or "\0" in name or name.startswith("/") or ".." in parts or (len(name) > 1 and name[1] == ":"):
        return "Its name points outside the archive: pack it again under a plain name."
    if member.create_system == 3 and (member.external_attr >> 28) not in (0, 8):  # Unix: not a regular file
        return "This is a link, not a file: pack the file itself."
    if name in seen:
        return "A file of the same name came before it: rename one of them."
    if member.flag_bits & 0x1:
        return "It is locked with a password: pack it without one."
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # LZMA may ask for gigabytes
        return "It is packed in an unusual way: pack it again as an ordinary zip archive."
    if name.lower().endswith(_ARCHIVES):
        return "This is an archive inside the archive: send it by itself."
    if member.file_size > MAX_BYTES:
        return f"It is larger than {MAX_BYTES // 1_000_000} MB: send a smaller copy."
    return None
