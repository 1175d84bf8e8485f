"""Galleries on disk and in one file: open, save, change, list."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.assets import ASSETS
from imgsearch.gallery.archive_files import Archive, write_archive
from imgsearch.gallery.file_set import HEADER, Content, Entry, read_json, verify
from imgsearch.gallery.folder_files import Folder, write_folder
from imgsearch.gallery.gallery import (
    BY_METHOD,
    Gallery,
    GalleryError,
)
from imgsearch.gallery.records import contents_of, header_of, json_bytes, method_header, read_gallery
from imgsearch.local_features.codebook import codebook
from imgsearch.local_features.features import PARTS, FeatureTable
from imgsearch.methods.registry import Method
from imgsearch.ranking.engine import Engine
from imgsearch.ranking.vectors import pack

MAX_FILE_BYTES = 1 << 30


def open_gallery(path: str | os.PathLike[str], *, without: Collection[str] = ()) -> Gallery:
    """Open the gallery in a folder, in milliseconds: its arrays are mapped, not read.

    Parameters
    ----------
    path : path
        The folder; its name is the name of the gallery.
    without : keys
        Methods to leave out, for one that is about to be made anew.

    Raises
    ------
    GalleryError
        One sentence that says what is missing, damaged, of another version or from another model.
    """
    files = Folder(path)
    return read_gallery(files, files.label, without)


def is_gallery(path: str | os.PathLike[str]) -> bool:
    """Whether a folder says that it is a gallery."""
    return (Path(path) / HEADER).is_file()


def verify_gallery(path: str | os.PathLike[str]) -> Gallery:
    """`open_gallery`, and every byte compared with its checksum, and every vector with what a number is."""
    files = Folder(path)
    verify(files)
    return _checked(read_gallery(files, files.label))


def save_gallery(gallery: Gallery, path: str | os.PathLike[str]) -> None:
    """Write a gallery to a folder: what was there before is whole until the new one is.

    Raises
    ------
    GalleryError
        If it cannot be written; nothing has changed then.
    """
    header = header_of(gallery)
    if gallery.engine is not None:
        header["engine"] = gallery.engine.header()
    write_folder(path, header, contents_of(gallery))


def update_gallery(
    path: str | os.PathLike[str],
    *,
    vectors: Mapping[str, tuple[Method, NDArray[np.float32]]] | None = None,
    evaluation: dict[str, Any] | None = None,
    map_positions: NDArray[np.float32] | None = None,
    features: FeatureTable | None = None,
) -> None:
    """Add to the gallery in a folder, or replace in it, without touching its other files.

    Figures that were measured with vectors that are replaced are dropped.

    Parameters
    ----------
    path : path
    vectors : mapping of key to (method, (n, d) float32), optional
    evaluation : dict, optional
    map_positions : (n, 2) float32, optional
    features : FeatureTable, optional

    Raises
    ------
    GalleryError
        If the gallery cannot be read or written, or what is given does not fit it; nothing has changed then.
    """
    files = Folder(path)
    header = {key: value for key, value in files.header.items() if key not in ("format", "files")}
    contents: dict[str, Content | Entry] = dict(files.entries)
    methods = dict(header["methods"])
    for key, (method, matrix) in (vectors or {}).items():
        if matrix.shape != (header["n"], method.dimensions) or matrix.dtype != np.float32:
            raise GalleryError(
                f"The vectors of {method.title} are {matrix.dtype} {matrix.shape} where float32 "
                f"{(header['n'], method.dimensions)} belongs."
            )
        stored, count_scale = pack(matrix)
        methods[key] = method_header(method, count_scale)
        contents[key] = stored
    header["methods"] = methods
    if evaluation is None and vectors and "evaluation.json" in files.entries:
        evaluation = _without(read_json(files, "evaluation.json"), vectors)
    if evaluation is not None:
        contents["evaluation.json"] = json_bytes(evaluation)
    if map_positions is not None:
        contents["map"] = map_positions
    if features is not None:
        header["codebook"] = codebook().fingerprint
        contents |= zip(PARTS, features.arrays, strict=True)
    write_folder(path, header, contents)


def set_engine(path: str | os.PathLike[str], engine: Engine | None) -> None:
    """Write into the gallery in a folder which engine searches its vectors; None for none. GalleryError as above."""
    files = Folder(path)
    header = {key: value for key, value in files.header.items() if key not in ("format", "files", "engine")}
    if engine is not None:
        header["engine"] = engine.header()
    write_folder(path, header, dict(files.entries))


def add_method(path: str | os.PathLike[str], method: Method, vectors: NDArray[np.float32]) -> None:
    """Add a method's vectors, (n, d) float32 in the order of the pictures, to the gallery in a folder."""
    update_gallery(path, vectors={method.key: (method, vectors)})


def to_file(gallery: Gallery) -> bytes:
    """The whole gallery as one file, which `from_file` opens."""
    return write_archive(header_of(gallery), contents_of(gallery))


def from_file(data: bytes, *, label: str = "This file", max_bytes: int = MAX_FILE_BYTES) -> Gallery:
    """Open what `to_file` gave, as a stranger may have altered it: everything is checked, nothing unpickled.

    Parameters
    ----------
    data : bytes
    label : str
        What a sentence calls the file.
    max_bytes : int
        The most that the contents may come to.

    Raises
    ------
    GalleryError
        One sentence if it is not such a file, cut short, altered, too large, or from another model.
    """
    files = Archive(data, label=label, max_bytes=max_bytes)
    if "engine" in files.header:
        # A search engine is an address on a network: a stranger's file may not send the server there.
        raise GalleryError(f"{label} names a search engine, which only a gallery in a folder may: save it without one.")
    verify(files)
    return _checked(read_gallery(files))


def list_galleries() -> dict[str, Path]:
    """Name → folder of every gallery in `assets/galleries` and in `$IMGSEARCH_GALLERIES`, by name.

    Where both have a name, the visitor's own folder wins.
    """
    parents = [ASSETS / "galleries"]
    own = os.environ.get("IMGSEARCH_GALLERIES")
    if own:
        parents.append(Path(own))
    found: dict[str, Path] = {}
    for parent in parents:
        for header in sorted(parent.glob(f"*/{HEADER}")):
            if not header.parent.name.startswith("."):
                found[header.parent.name] = header.parent
    return found


def _without(evaluation: dict[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """An evaluation without the figures of some methods."""
    kept = {
        part: {key: figures for key, figures in evaluation.get(part, {}).items() if key not in keys}
        for part in BY_METHOD
    }
    return {**evaluation, **kept}


def _checked(gallery: Gallery) -> Gallery:
    for key in gallery.methods:
        gallery.search_vectors(key)
    return gallery
