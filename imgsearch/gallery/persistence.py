"""Galleries on disk and in one file: open, save, change, list."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.assets import ASSETS
from imgsearch.gallery import file_set
from imgsearch.gallery.gallery import (
    GALLERY_SIDE,
    SIDE,
    UNLABELLED,
    Credit,
    Gallery,
    GalleryError,
    MethodVectors,
    Origin,
    Queries,
)
from imgsearch.gallery.picture_store import ArrayStore, FileStore, Packed, PictureStore
from imgsearch.methods.registry import Method, MethodError, from_config
from imgsearch.ranking.vectors import pack

__all__ = [
    "ASSETS",
    "GALLERY_SIDE",
    "UNLABELLED",
    "Credit",
    "Gallery",
    "GalleryError",
    "MethodVectors",
    "Origin",
    "Queries",
    "add_method",
    "from_file",
    "is_gallery",
    "list_galleries",
    "open_gallery",
    "save_gallery",
    "to_file",
    "update_gallery",
    "verify_gallery",
]

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
    try:
        files = file_set.Folder(path)
        return _read(files, files.label, without)
    except file_set.StorageError as error:
        raise GalleryError(str(error)) from error


def is_gallery(path: str | os.PathLike[str]) -> bool:
    """Whether a folder says that it is a gallery."""
    return (Path(path) / file_set.HEADER).is_file()


def verify_gallery(path: str | os.PathLike[str]) -> Gallery:
    """`open_gallery`, and every byte compared with its checksum, and every vector with what a number is."""
    try:
        files = file_set.Folder(path)
        file_set.verify(files)
        return _checked(_read(files, files.label))
    except file_set.StorageError as error:
        raise GalleryError(str(error)) from error


def save_gallery(gallery: Gallery, path: str | os.PathLike[str]) -> None:
    """Write a gallery to a folder: what was there before is whole until the new one is.

    Raises
    ------
    GalleryError
        If it cannot be written; nothing has changed then.
    """
    try:
        file_set.write_folder(path, _header(gallery), _contents(gallery))
    except file_set.StorageError as error:
        raise GalleryError(str(error)) from error


def update_gallery(
    path: str | os.PathLike[str],
    *,
    vectors: Mapping[str, tuple[Method, NDArray[np.float32]]] | None = None,
    evaluation: dict[str, Any] | None = None,
    map_positions: NDArray[np.float32] | None = None,
) -> None:
    """Add to the gallery in a folder, or replace in it, without touching its other files.

    Figures that were measured with vectors that are replaced are dropped.

    Parameters
    ----------
    path : path
    vectors : mapping of key to (method, (n, d) float32), optional
    evaluation : dict, optional
    map_positions : (n, 2) float32, optional

    Raises
    ------
    GalleryError
        If the gallery cannot be read or written, or what is given does not fit it; nothing has changed then.
    """
    try:
        files = file_set.Folder(path)
        header = {key: value for key, value in files.header.items() if key not in ("format", "files")}
        contents: dict[str, file_set.Content | file_set.Entry] = dict(files.entries)
        methods = dict(header["methods"])
        for key, (method, matrix) in (vectors or {}).items():
            if matrix.shape != (header["n"], method.dimensions) or matrix.dtype != np.float32:
                raise GalleryError(
                    f"The vectors of {method.title} are {matrix.dtype} {matrix.shape} where float32 "
                    f"{(header['n'], method.dimensions)} belongs."
                )
            stored, count_scale = pack(matrix)
            methods[key] = _method_header(method, count_scale)
            contents[key] = stored
        header["methods"] = methods
        if evaluation is None and vectors and "evaluation.json" in files.entries:
            evaluation = _without(file_set.read_json(files, "evaluation.json"), vectors)
        if evaluation is not None:
            contents["evaluation.json"] = _json(evaluation)
        if map_positions is not None:
            contents["map"] = map_positions
        file_set.write_folder(path, header, contents)
    except file_set.StorageError as error:
        raise GalleryError(str(error)) from error


def add_method(path: str | os.PathLike[str], method: Method, vectors: NDArray[np.float32]) -> None:
    """Add a method's vectors, (n, d) float32 in the order of the pictures, to the gallery in a folder."""
    update_gallery(path, vectors={method.key: (method, vectors)})


def to_file(gallery: Gallery) -> bytes:
    """The whole gallery as one file, which `from_file` opens."""
    return file_set.write_archive(_header(gallery), _contents(gallery))


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
    try:
        files = file_set.Archive(data, label=label, max_bytes=max_bytes)
        file_set.verify(files)
        return _checked(_read(files))
    except file_set.StorageError as error:
        raise GalleryError(str(error)) from error


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
        for header in sorted(parent.glob(f"*/{file_set.HEADER}")):
            if not header.parent.name.startswith("."):
                found[header.parent.name] = header.parent
    return found


# ---- details


def _read(files: file_set.Files, name: str = "", without: Collection[str] = ()) -> Gallery:
    header = files.header
    try:
        n = int(header["n"])
        kind = header["pictures"]["kind"]
        label_names = header["labels"]
        store: PictureStore
        if kind == "array":
            array = file_set.read_array(files, "pictures", dtype=("uint8",), shape=(n, SIDE, SIDE))
            store = ArrayStore(array)
        else:
            offsets = file_set.read_array(files, "offsets", dtype=("int64",), shape=(n + 1,))
            store = FileStore(Packed(files.buffer("pictures.bin"), offsets))
        return Gallery(
            name=name or str(header["name"]),
            title=str(header["title"]),
            store=store,
            methods=[
                _read_method(files, key, given, n) for key, given in header["methods"].items() if key not in without
            ],
            labels=None if label_names is None else _read_labels(files, "labels", n, len(label_names)),
            label_names=[str(label) for label in label_names or ()],
            names=_optional_json(files, "names.json"),
            credits=_read_credits(files),
            origins=_read_origins(files),
            prepare=str(header["prepare"]),
            source=str(header["source"]),
            licence=str(header["licence"]),
            evaluation=_optional_json(files, "evaluation.json"),
            map_positions=_read_map_positions(files, n),
            queries=_read_queries(files, label_names or ()),
        )
    except GalleryError as error:
        raise GalleryError(f"{files.label}: {error}") from error
    except MethodError as error:
        raise GalleryError(f"{files.label} cannot be searched here: {error}") from error
    except file_set.StorageError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise GalleryError(f"{file_set.HEADER} in {files.label} is damaged: make the gallery again.") from error


def _read_method(files: file_set.Files, key: str, given: dict[str, Any], n: int) -> MethodVectors:
    method = from_config(given["config"])
    if method.key != key or method.fingerprint != given["fingerprint"]:
        raise GalleryError(
            f"{files.label} was made by another version of the method {method.title}: make the gallery again."
        )
    count_scale = given["divisor"]
    if count_scale is not None and (not isinstance(count_scale, int) or count_scale < 1):
        raise ValueError("divisor")
    types = ("float32", "float16") if count_scale is None else ("uint8", "uint16")
    stored = file_set.read_array(files, key, dtype=types, shape=(n, method.dimensions))
    return MethodVectors(method, stored, count_scale)


def _read_labels(files: file_set.Files, role: str, n: int | None, count: int) -> NDArray[np.int16]:
    labels = file_set.read_array(files, role, dtype=("int16",), shape=(n,))
    if labels.size and not (labels.min() >= UNLABELLED and labels.max() < count):
        raise GalleryError(f"The labels of {files.label} point outside the list of labels: make the gallery again.")
    return labels


def _read_queries(files: file_set.Files, label_names: Sequence[str]) -> Queries | None:
    if "query-pictures" not in files.entries:
        return None
    pictures = file_set.read_array(files, "query-pictures", dtype=("uint8",), shape=(None, SIDE, SIDE))
    labels = _read_labels(files, "query-labels", len(pictures), len(label_names))
    return Queries(ArrayStore(pictures), labels, tuple(label_names))


def _read_map_positions(files: file_set.Files, n: int) -> NDArray[np.float32] | None:
    if "map" not in files.entries:
        return None
    return file_set.read_array(files, "map", dtype=("float32",), shape=(n, 2))


def _read_credits(files: file_set.Files) -> list[Credit | None] | None:
    if "credits.csv" not in files.entries:
        return None
    text = bytes(files.buffer("credits.csv")).decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    return [Credit(row["author"], row["licence"], row["source"]) if row["author"] else None for row in rows]


def _read_origins(files: file_set.Files) -> list[Origin] | None:
    listed = _optional_json(files, "origins.json")
    return (
        None if listed is None else [Origin(int(size), int(changed), str(sha256)) for size, changed, sha256 in listed]
    )


def _without(evaluation: dict[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """An evaluation without the figures of some methods."""
    kept = {
        part: {key: figures for key, figures in evaluation.get(part, {}).items() if key not in keys}
        for part in ("methods", "chance")
    }
    return {**evaluation, **kept}


def _optional_json(files: file_set.Files, role: str) -> Any:
    return file_set.read_json(files, role) if role in files.entries else None


def _checked(gallery: Gallery) -> Gallery:
    for key in gallery.methods:
        gallery.search_vectors(key)
    return gallery


def _header(gallery: Gallery) -> dict[str, Any]:
    return {
        "name": gallery.name,
        "title": gallery.title,
        "n": gallery.n,
        "labels": None if gallery.labels is None else list(gallery.label_names),
        "prepare": gallery.preprocessing,
        "pictures": {"kind": "array" if isinstance(gallery.store, ArrayStore) else "packed"},
        "methods": {
            key: _method_header(described.method, described.count_scale)
            for key, described in gallery.method_vectors.items()
        },
        "source": gallery.source,
        "licence": gallery.licence,
    }


def _method_header(method: Method, count_scale: int | None) -> dict[str, Any]:
    return {"config": method.config(), "fingerprint": method.fingerprint, "divisor": count_scale}


def _contents(gallery: Gallery) -> dict[str, file_set.Content]:
    contents: dict[str, file_set.Content] = {}
    if isinstance(gallery.store, ArrayStore):
        contents["pictures"] = gallery.store.array
    elif isinstance(gallery.store, FileStore):
        contents["pictures.bin"] = gallery.store.files
        contents["offsets"] = gallery.store.offsets()
    if gallery.labels is not None:
        contents["labels"] = gallery.labels
    if gallery.names is not None:
        contents["names.json"] = _json(list(gallery.names))
    if gallery.credits is not None:
        contents["credits.csv"] = _credits_csv(gallery)
    if gallery.origins is not None:
        rows = [[origin.size, origin.changed_ns, origin.sha256] for origin in gallery.origins]
        contents["origins.json"] = _json(rows)
    for key, described in gallery.method_vectors.items():
        contents[key] = described.stored
    if gallery.evaluation is not None:
        contents["evaluation.json"] = _json(gallery.evaluation)
    if gallery.map_positions is not None:
        contents["map"] = gallery.map_positions
    if gallery.queries is not None and isinstance(gallery.queries.store, ArrayStore):
        contents["query-pictures"] = gallery.queries.store.array
        contents["query-labels"] = gallery.queries.labels
    return contents


def _credits_csv(gallery: Gallery) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(["file", "author", "licence", "source"])
    for index, credit in enumerate(gallery.credits or ()):
        known = credit or Credit("", "", "")
        writer.writerow([gallery.file_name(index), known.author, known.licence, known.source])
    return stream.getvalue().encode(errors="replace")


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1).encode()
