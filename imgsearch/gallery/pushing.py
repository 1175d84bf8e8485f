"""A gallery's vectors → a search engine: going on after an interruption, writing only what differs."""

import hashlib
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imgsearch import Progress
from imgsearch.gallery.gallery import Gallery
from imgsearch.ranking.engine import Engine, EngineError
from imgsearch.ranking.index import VectorIndex
from imgsearch.ranking.milvus import Collection
from imgsearch.ranking.remote_index import RemoteIndex

_BATCH_BYTES = 16 << 20
_BATCH = 8192
_RECALL_QUERIES = 100
_RECALL_K = 10


@dataclass(frozen=True)
class Pushed:
    """How many vectors of a method were sent and were there already, and the recall of an approximate index."""

    written: int
    kept: int
    recall: float | None


def push(gallery: Gallery, key: str, engine: Engine, progress: Progress) -> Pushed:
    """Bring an engine's vectors of one method up to date with the gallery's.

    If this raises EngineError, what the engine has got by then stays, and the next push goes on.
    """
    index = gallery.remote_index(key, engine)
    collection = index.collection
    _drop_others(collection)
    if collection.exists():
        made = collection.stored_dimensions(), collection.index_type()
        if made != (collection.dimensions, engine.index):
            collection.drop()
    fresh = not collection.exists()
    if fresh:
        collection.create()
    written = 0
    step = max(1, min(_BATCH, _BATCH_BYTES // (4 * index.dimensions)))
    for start in range(0, index.n, step):
        ids = np.arange(start, min(start + step, index.n))
        vectors = index.rows(ids)
        checksums = np.array([_checksum(vector) for vector in vectors], np.int64)
        if not fresh:
            there = collection.checksums(int(ids[0]), int(ids[-1]) + 1)
            differ = [there.get(int(id_)) != checksum for id_, checksum in zip(ids, checksums, strict=True)]
            ids, checksums, vectors = ids[differ], checksums[differ], vectors[differ]
        if len(ids):
            collection.put(ids, checksums, vectors)
        written += len(ids)
        progress(min(start + step, index.n), index.n, key)
    if not fresh:
        collection.remove_from(index.n)
    collection.finish()
    count = collection.count()
    if count != index.n:
        raise EngineError(f"The engine at {engine.uri} has {count:,} of {index.n:,} vectors: push the gallery again.")
    recall = None if engine.is_exact else _recall(index, gallery.method_vectors[key].index)
    return Pushed(written, index.n - written, recall)


def _drop_others(collection: Collection) -> None:
    """Drop what an older version of the method left."""
    stem, _, _ = collection.name.rpartition("_")
    for name in collection.names():
        if name != collection.name and re.fullmatch(rf"{re.escape(stem)}_[0-9a-f]+", name):
            collection.drop(name)


def _checksum(vector: NDArray[np.float32]) -> int:
    return int.from_bytes(hashlib.blake2b(vector.tobytes(), digest_size=8).digest(), "little", signed=True)


def _recall(index: RemoteIndex, exact: VectorIndex) -> float:
    """The share of the ten nearest, by their score, that an approximate index finds for pictures of the gallery."""
    queries = np.unique(np.linspace(0, index.n - 1, min(index.n, _RECALL_QUERIES)).astype(np.intp))
    k = min(_RECALL_K, index.n)
    found = 0
    for query in index.rows(queries):
        # By score: of several that are equally near, any is right.
        worst = exact.nearest(query, k).scores[-1]
        found += sum(index.metric.at_least(score, worst) for score in index.nearest(query, k).scores)
    return found / (k * len(queries))
