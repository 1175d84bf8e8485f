"""A gallery as a header and named files, both ways."""

import csv
import io
import json
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.file_set import HEADER, Content, Files, read_array, read_json
from imgsearch.gallery.gallery import SIDE, UNLABELLED, Credit, Gallery, GalleryError, MethodVectors, Origin, Queries
from imgsearch.gallery.picture_store import ArrayStore, FileStore, Packed, PictureStore
from imgsearch.local_features.codebook import codebook
from imgsearch.local_features.features import PARTS, FeatureTable
from imgsearch.methods.method import Method
from imgsearch.methods.registry import MethodError, from_config
from imgsearch.ranking.engine import Engine, EngineError


def read_gallery(files: Files, name: str = "", without: Collection[str] = ()) -> Gallery:
    """The gallery that is in a set of files; GalleryError says what is missing, damaged or from another model."""
    header = files.header
    try:
        n = int(header["n"])
        kind = header["pictures"]["kind"]
        label_names = header["labels"]
        store: PictureStore
        if kind == "array":
            store = ArrayStore(read_array(files, "pictures", dtype=("uint8",), shape=(n, SIDE, SIDE)))
        elif kind == "packed":
            raise GalleryError(
                f"{files.label} is from an older version, which described other copies of the pictures than it kept: "
                "make the gallery again."
            )
        else:
            offsets = read_array(files, "offsets", dtype=("int64",), shape=(n + 1,))
            store = FileStore(Packed(files.buffer("pictures.bin"), offsets))
        names, origins = _optional_json(files, "names.json"), _optional_json(files, "origins.json")
        evaluation = _optional_json(files, "evaluation.json")
        if evaluation is not None and not isinstance(evaluation, dict):
            raise ValueError("evaluation.json")
        return Gallery(
            name=name or str(header["name"]),
            title=str(header["title"]),
            store=store,
            described=[
                _read_method(files, key, given, n) for key, given in header["methods"].items() if key not in without
            ],
            labels=None if label_names is None else _read_labels(files, "labels", n, len(label_names)),
            label_names=[str(label) for label in label_names or ()],
            names=None if names is None else [str(name) for name in names],
            credits=_read_credits(files),
            origins=None
            if origins is None
            else [Origin(int(size), int(at), str(sha256)) for size, at, sha256 in origins],
            preprocessing=str(header["prepare"]),
            source=str(header["source"]),
            licence=str(header["licence"]),
            evaluation=evaluation,
            map_positions=read_array(files, "map", dtype=("float32",), shape=(n, 2))
            if "map" in files.entries
            else None,
            queries=_read_queries(files, label_names or ()),
            engine=Engine.of_header(header["engine"]) if "engine" in header else None,
            features=_read_features(files),
        )
    except GalleryError:
        raise
    except EngineError as error:
        raise GalleryError(str(error)) from error
    except MethodError as error:
        raise GalleryError(f"{files.label} cannot be searched here: {error}") from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise GalleryError(f"{HEADER} in {files.label} is damaged: make the gallery again.") from error


def _read_method(files: Files, key: str, given: dict[str, Any], n: int) -> MethodVectors:
    method = from_config(given["config"])
    if method.key != key or method.fingerprint != given["fingerprint"]:
        raise GalleryError(
            f"{files.label} was made by another version of the method {method.title}: make the gallery again."
        )
    count_scale = given["divisor"]
    if count_scale is not None and (not isinstance(count_scale, int) or count_scale < 1):
        raise ValueError("divisor")
    types = ("float32", "float16") if count_scale is None else ("uint8", "uint16")
    stored = read_array(files, key, dtype=types, shape=(n, method.dimensions))
    return MethodVectors(method, stored, count_scale)


def _read_labels(files: Files, role: str, n: int | None, count: int) -> NDArray[np.int16]:
    labels = read_array(files, role, dtype=("int16",), shape=(n,))
    if labels.size and not (labels.min() >= UNLABELLED and labels.max() < count):
        raise GalleryError(f"The labels of {files.label} point outside the list of labels: make the gallery again.")
    return labels


def _read_queries(files: Files, label_names: Sequence[str]) -> Queries | None:
    if "query-pictures" not in files.entries:
        return None
    pictures = read_array(files, "query-pictures", dtype=("uint8",), shape=(None, SIDE, SIDE))
    labels = _read_labels(files, "query-labels", len(pictures), len(label_names))
    return Queries(ArrayStore(pictures), labels, tuple(label_names))


def _read_features(files: Files) -> FeatureTable | None:
    """The local features; None if there are none, or if an older version made them with another codebook."""
    made_by = files.header.get("codebook")
    if made_by is None or made_by != codebook().fingerprint:
        return None
    arrays = (read_array(files, role, dtype=(dtype,), shape=shape) for role, (dtype, shape) in PARTS.items())
    try:
        return FeatureTable(*arrays)
    except ValueError as error:
        raise GalleryError(f"{files.label}: {error}: make the gallery again.") from error


def _read_credits(files: Files) -> list[Credit | None] | None:
    if "credits.csv" not in files.entries:
        return None
    text = bytes(files.buffer("credits.csv")).decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    return [Credit(row["author"], row["licence"], row["source"]) if row["author"] else None for row in rows]


def _optional_json(files: Files, role: str) -> Any:
    return read_json(files, role) if role in files.entries else None


def header_of(gallery: Gallery) -> dict[str, Any]:
    """What `read_gallery` needs beside the files."""
    return {
        "name": gallery.name,
        "title": gallery.title,
        "n": gallery.n,
        "labels": None if gallery.labels is None else list(gallery.label_names),
        "prepare": gallery.preprocessing,
        "pictures": {"kind": "array" if isinstance(gallery.store, ArrayStore) else "files"},
        "methods": {
            key: method_header(described.method, described.count_scale)
            for key, described in gallery.method_vectors.items()
        },
        "source": gallery.source,
        "licence": gallery.licence,
        **({} if gallery.features is None else {"codebook": codebook().fingerprint}),
    }


def method_header(method: Method, count_scale: int | None) -> dict[str, Any]:
    """How a method was made, and how its vectors are stored."""
    return {"config": method.config(), "fingerprint": method.fingerprint, "divisor": count_scale}


def contents_of(gallery: Gallery) -> dict[str, Content]:
    """The files of a gallery, by role."""
    store, queries, origins = gallery.store, gallery.queries, gallery.origins
    contents: dict[str, Content | None] = {
        "pictures": store.array if isinstance(store, ArrayStore) else None,
        "pictures.bin": store.files if isinstance(store, FileStore) else None,
        "offsets": store.offsets() if isinstance(store, FileStore) else None,
        "labels": gallery.labels,
        "names.json": None if gallery.names is None else json_bytes(list(gallery.names)),
        "credits.csv": None if gallery.credits is None else _credits_csv(gallery),
        "origins.json": None if origins is None else json_bytes([list(vars(one).values()) for one in origins]),
        **{key: described.stored for key, described in gallery.method_vectors.items()},
        "evaluation.json": None if gallery.evaluation is None else json_bytes(gallery.evaluation),
        "map": gallery.map_positions,
    }
    if queries is not None and isinstance(queries.store, ArrayStore):
        contents |= {"query-pictures": queries.store.array, "query-labels": queries.labels}
    if gallery.features is not None:
        contents |= zip(PARTS, gallery.features.arrays, strict=True)
    return {role: content for role, content in contents.items() if content is not None}


def _credits_csv(gallery: Gallery) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(["file", "author", "licence", "source"])
    for index, credit in enumerate(gallery.credits or ()):
        known = credit or Credit("", "", "")
        writer.writerow([gallery.file_name(index), known.author, known.licence, known.source])
    return stream.getvalue().encode(errors="replace")


def json_bytes(value: Any) -> bytes:
    """JSON as a person can read it."""
    return json.dumps(value, indent=1).encode()
