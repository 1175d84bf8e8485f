"""Galleries on disk and in one file: open, save, change, list."""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.assets import ASSETS
from imgsearch.gallery.archive_files import Archive, write_archive
from imgsearch.gallery.file_set import HEADER, Content, Entry, read_json, verify
from imgsearch.gallery.folder_files import Folder, write_folder
from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.gallery.records import contents_of, header_of, json_bytes, method_header, read_gallery
from imgsearch.local_features.codebook import codebook
from imgsearch.local_features.features import PARTS, FeatureTable
from imgsearch.methods.method import Method
from imgsearch.ranking.engine import Engine, EngineError
from imgsearch.ranking.vectors import pack

BY_METHOD = ("methods", "chance", "judgement")  # parts of an evaluation that have an entry a method


def open_gallery(path: Path, *, without: Collection[str] = ()) -> Gallery:
    """Open the gallery in a folder, its arrays mapped, `without` some methods; GalleryError as `read_gallery`."""
    files = Folder(path)
    return read_gallery(files, files.label, without)


def is_gallery(path: Path) -> bool:
    """Whether a folder says that it is a gallery."""
    return (path / HEADER).is_file()


def verify_gallery(path: Path) -> Gallery:
    """`open_gallery`, with every byte compared with its checksum and every vector checked for numbers."""
    files = Folder(path)
    verify(files)
    return _checked(read_gallery(files, files.label))


def save_gallery(gallery: Gallery, path: Path, *, engine: Engine | None = None) -> None:
    """Write a gallery to a folder, with its own engine or another: what was there before is whole until then."""
    header = header_of(gallery)
    engine = engine or gallery.engine
    if engine is not None:
        header["engine"] = engine.header()
    write_folder(path, header, contents_of(gallery))


def update_gallery(
    path: Path,
    *,
    vectors: tuple[Method, NDArray[np.float32]] | None = None,
    evaluation: dict[str, Any] | None = None,
    map_positions: NDArray[np.float32] | None = None,
    features: FeatureTable | None = None,
) -> None:
    """Add to the gallery in a folder, or replace in it; after a GalleryError nothing has changed.

    `vectors` are those of one method; figures that were measured with its former ones are dropped.
    """
    files = Folder(path)
    header = {key: value for key, value in files.header.items() if key not in ("format", "files")}
    contents: dict[str, Content | Entry] = dict(files.entries)
    methods = header["methods"] = dict(header["methods"])
    if vectors is not None:
        method, matrix = vectors
        if matrix.shape != (header["n"], method.dimensions) or matrix.dtype != np.float32:
            raise GalleryError(
                f"The vectors of {method.title} are {matrix.dtype} {matrix.shape} where float32 "
                f"{(header['n'], method.dimensions)} belongs."
            )
        contents[method.key], count_scale = pack(matrix)
        methods[method.key] = method_header(method, count_scale)
        if evaluation is None and "evaluation.json" in files.entries:
            evaluation = read_json(files, "evaluation.json")
            for part in BY_METHOD:
                evaluation.setdefault(part, {}).pop(method.key, None)
    if evaluation is not None:
        contents["evaluation.json"] = json_bytes(evaluation)
    if map_positions is not None:
        contents["map"] = map_positions
    if features is not None:
        header["codebook"] = codebook().fingerprint
        contents |= zip(PARTS, features.arrays, strict=True)
    write_folder(path, header, contents)


def engine_of(path: Path) -> Engine | None:
    """The engine that the gallery in a folder names; None if it names none, or is no gallery."""
    try:
        header = Folder(path).header
        return Engine.of_header(header["engine"]) if "engine" in header else None
    except (GalleryError, EngineError):
        return None


def set_engine(path: Path, engine: Engine | None) -> None:
    """Write into the gallery in a folder which engine searches its vectors; None for none."""
    files = Folder(path)
    header = {key: value for key, value in files.header.items() if key not in ("format", "files", "engine")}
    if engine is not None:
        header["engine"] = engine.header()
    write_folder(path, header, dict(files.entries))


def to_file(gallery: Gallery) -> bytes:
    """The whole gallery as one file, which `from_file` opens."""
    return write_archive(header_of(gallery), contents_of(gallery))


def from_file(data: bytes) -> Gallery:
    """Open what `to_file` gave, as a stranger may have altered it: everything is checked, nothing unpickled."""
    files = Archive(data)
    if "engine" in files.header:
        # A search engine is an address on a network: a stranger's file may not send the server there.
        raise GalleryError(
            f"{files.label} names a search engine, which only a gallery in a folder may: save it without one."
        )
    verify(files)
    return _checked(read_gallery(files))


def list_galleries() -> dict[str, Path]:
    """Name → folder of the galleries in `assets/galleries` and in `$IMGSEARCH_GALLERIES`, which win."""
    own = os.environ.get("IMGSEARCH_GALLERIES")
    parents = [ASSETS / "galleries", *([Path(own)] if own else [])]
    folders = [header.parent for parent in parents for header in sorted(parent.glob(f"*/{HEADER}"))]
    return {folder.name: folder for folder in folders if not folder.name.startswith(".")}


def _checked(gallery: Gallery) -> Gallery:
    for key in gallery.methods:
        gallery.search_vectors(key)
    return gallery
