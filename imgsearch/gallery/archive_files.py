"""A set of files in one zip, as a visitor saves it and a stranger may have altered it."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from imgsearch.gallery.file_set import HEADER, Content, Entry, file_name, header_bytes, parse_header, write_content
from imgsearch.gallery.gallery import GalleryError

MAX_BYTES = 300_000_000
_ONE_DATE = (1980, 1, 1, 0, 0, 0)


class Archive:
    """A set in one zip, held in memory; GalleryError if it is no such zip or larger than `MAX_BYTES`."""

    label = "This file"

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            members = {info.filename: info for info in self._archive.infolist()}
        except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, ValueError) as error:
            raise self._damaged() from error
        # Only stored members: nothing can then be larger than the file that was sent.
        if HEADER not in members or any(info.compress_type != zipfile.ZIP_STORED for info in members.values()):
            raise GalleryError(f"{self.label} is not a saved gallery: choose a file that this page saved.")
        if sum(info.file_size for info in members.values()) > MAX_BYTES:
            raise GalleryError(f"{self.label} is larger than {MAX_BYTES // 1_000_000} MB: make a smaller gallery.")
        self.header, self.entries = parse_header(self._read(HEADER), self.label)
        for entry in self.entries.values():
            if entry.file not in members or members[entry.file].file_size != entry.bytes:
                raise GalleryError(f"{self.label} is incomplete: save the gallery again.")

    def buffer(self, role: str) -> memoryview:
        return memoryview(self._read(self.entries[role].file))

    def _read(self, name: str) -> bytes:
        try:
            return self._archive.read(name)
        except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, ValueError) as error:
            raise self._damaged() from error

    def _damaged(self) -> GalleryError:
        return GalleryError(f"{self.label} is cut short or altered: save the gallery again.")


def write_archive(header: Mapping[str, Any], contents: Mapping[str, Content]) -> bytes:
    """Write the set as one zip, the same bytes for the same contents."""
    stream = io.BytesIO()
    entries: dict[str, Entry] = {}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for role, content in contents.items():
            name = file_name(role, content)
            with archive.open(zipfile.ZipInfo(name, _ONE_DATE), "w") as file:
                entries[role] = write_content(file, name, content)
        archive.writestr(zipfile.ZipInfo(HEADER, _ONE_DATE), header_bytes(header, entries))
    return stream.getvalue()
