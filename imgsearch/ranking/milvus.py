"""One collection of vectors in Milvus, and what goes wrong with it in one sentence each."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from imgsearch.ranking.engine import TOKEN, Engine, EngineError
from imgsearch.ranking.milvus_faults import NOT_LOADED, sentences

if TYPE_CHECKING:
    from pymilvus import MilvusClient

MOST = 16_384  # more than so many rows nothing gives at once

# Nobody waits for the commands that fill it.
_FILLING = 120.0
# Else an engine that is back is not seen for up to two minutes: gRPC tries again ever later.
_RECONNECTING = {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 500,
}

_ID, _CHECKSUM, _VECTOR = "id", "checksum", "vector"

T = TypeVar("T")


def collection_name(gallery: str, key: str, fingerprint: str) -> str:
    """What the collection of a method is called: by gallery, method, and how that one describes."""
    plain = re.sub(r"[^A-Za-z0-9]", "_", gallery)
    # Milvus takes no other letters; two galleries are still told apart.
    told_apart = "" if plain == gallery else f"_{hashlib.sha256(gallery.encode()).hexdigest()[:8]}"
    return f"imgsearch_{plain[:100]}{told_apart}_{key.replace('-', '_')}_{fingerprint[:16]}"


class Found(NamedTuple):
    """What the engine found: (m,) places, best first, and (m,) cosines or squared distances, as it reckons them."""

    ids: NDArray[np.intp]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Collection:
    """The vectors of one method of one gallery in an engine, compared by "COSINE" or "L2"; threads may share it.

    Every call raises `EngineError` if the engine is not there, does not answer in time, lets nobody in, or says no.
    """

    engine: Engine
    name: str
    comparison: str
    dimensions: int

    def nearest(self, query: NDArray[np.float32], k: int) -> Found:
        """The k nearest of a query, (d,) float32; `MOST` at most."""
        parameters = {} if self.engine.is_exact else {"ef": min(max(2 * k, 128), 32_768)}

        def search(client: MilvusClient) -> Any:
            return client.search(
                self.name,
                data=[query],
                limit=k,
                search_params={"metric_type": self.comparison, "params": parameters},
                # What was written five seconds ago is seen; a search that waits for more takes 200 ms.
                consistency_level="Bounded",
                timeout=self.engine.patience,
            )

        hits = self._ask(search)[0]
        ids = np.fromiter((hit[_ID] for hit in hits), np.intp, len(hits))
        return Found(ids, np.fromiter((hit["distance"] for hit in hits), np.float64, len(hits)))

    def count(self) -> int:
        """How many vectors there are, to the last one that was written."""

        def count(client: MilvusClient) -> Any:
            fields = ["count(*)"]
            return client.query(
                self.name, filter="", output_fields=fields, consistency_level="Strong", timeout=self.engine.patience
            )

        return int(self._ask(count)[0]["count(*)"])

    def stored_dimensions(self) -> int:
        """How long its vectors are."""
        described = self._ask(lambda client: client.describe_collection(self.name, timeout=self.engine.patience))
        return next(int(field["params"]["dim"]) for field in described["fields"] if field["name"] == _VECTOR)

    def index_type(self) -> str:
        """The index that it was made with."""
        described = self._ask(lambda client: client.describe_index(self.name, _VECTOR, timeout=self.engine.patience))
        return str(described["index_type"])

    def exists(self) -> bool:
        """Whether it is there."""
        return bool(self._ask(lambda client: client.has_collection(self.name, timeout=self.engine.patience)))

    def names(self) -> list[str]:
        """All collections of the engine."""
        return list(self._ask(lambda client: client.list_collections(timeout=self.engine.patience)))

    def create(self) -> None:
        """Make it, empty."""
        from pymilvus import DataType

        parameters = {} if self.engine.is_exact else {"M": 16, "efConstruction": 200}

        def create(client: MilvusClient) -> None:
            schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
            schema.add_field(_ID, DataType.INT64, is_primary=True)
            schema.add_field(_CHECKSUM, DataType.INT64)
            schema.add_field(_VECTOR, DataType.FLOAT_VECTOR, dim=self.dimensions)
            index = client.prepare_index_params()
            index.add_index(_VECTOR, index_type=self.engine.index, metric_type=self.comparison, params=parameters)
            client.create_collection(self.name, schema=schema, index_params=index, timeout=_FILLING)

        self._ask(create)

    def checksums(self, start: int, stop: int) -> dict[int, int]:
        """Checksums by id of what is there of the ids from `start` to `stop`, at most `MOST` of them."""

        def read(client: MilvusClient) -> Any:
            return client.query(
                self.name,
                filter=f"{_ID} >= {start} and {_ID} < {stop}",
                output_fields=[_ID, _CHECKSUM],
                limit=stop - start,
                consistency_level="Strong",
                timeout=_FILLING,
            )

        return {int(row[_ID]): int(row[_CHECKSUM]) for row in self._ask(read)}

    def put(self, ids: NDArray[np.intp], checksums: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Write vectors, (m, d) float32, in the place of what has their ids."""
        rows = [
            {_ID: int(id_), _CHECKSUM: int(checksum), _VECTOR: vector}
            for id_, checksum, vector in zip(ids, checksums, vectors, strict=True)
        ]
        self._ask(lambda client: client.upsert(self.name, rows, timeout=_FILLING))

    def remove_from(self, start: int) -> None:
        """Remove every id from `start` on."""
        self._ask(lambda client: client.delete(self.name, filter=f"{_ID} >= {start}", timeout=_FILLING))

    def finish(self) -> None:
        """Write down what was put, and wait until its index is made."""
        self._ask(lambda client: client.flush(self.name, timeout=_FILLING))
        until = time.monotonic() + _FILLING
        while self._rows_without_index():
            if time.monotonic() > until:
                raise EngineError(f"The engine at {self.engine.uri} takes long to make its index: push again later.")
            time.sleep(0.2)  # what waits for it in pymilvus, making the index again, an engine in a file refuses
        self._ask(lambda client: client.load_collection(self.name, timeout=_FILLING))

    def drop(self, name: str = "") -> None:
        """Remove it, or another one."""
        self._ask(lambda client: client.drop_collection(name or self.name, timeout=_FILLING))

    def _rows_without_index(self) -> int:
        described = self._ask(lambda client: client.describe_index(self.name, _VECTOR, timeout=_FILLING))
        return int(described.get("pending_index_rows") or 0)

    def _ask(self, question: Callable[[MilvusClient], T]) -> T:
        with sentences(self.engine, self.name):
            client = _client(self.engine)
            try:
                return question(client)
            except Exception as error:
                if getattr(error, "code", None) != NOT_LOADED:
                    raise
            # It goes on by itself after a restart. What takes long to load is loaded when somebody asks again.
            client.load_collection(self.name, timeout=self.engine.patience)
            return question(client)


_clients: dict[tuple[str, str], MilvusClient] = {}
_failures: dict[tuple[str, str], tuple[float, Exception]] = {}
_connecting = threading.Lock()


def close(engine: Engine) -> None:
    """Let go of an engine: another process may then open the same file."""
    key = (engine.uri, os.environ.get(TOKEN, ""))
    with _connecting:
        client = _clients.pop(key, None)
    if client is not None:
        client.close()
        if engine.is_file:
            from milvus_lite.server_manager import server_manager_instance

            server_manager_instance.release_server(engine.uri)


def _client(engine: Engine) -> MilvusClient:
    """The connection of this process to an engine; whatever pymilvus or gRPC raises if there is none."""
    key = (engine.uri, os.environ.get(TOKEN, ""))
    client = _clients.get(key)
    if client is not None:
        return client
    asked = time.monotonic()
    with _connecting:
        if key in _clients:
            return _clients[key]
        when, failure = _failures.get(key, (0.0, EngineError()))
        if key in _failures and when > asked:
            # Those who waited for a connection that failed are not made to wait for a second one.
            raise failure
        try:
            client = _connected(engine, key[1])
        except Exception as error:
            _failures[key] = (time.monotonic(), error)
            raise
        _failures.pop(key, None)
        _clients[key] = client
        return client


def _connected(engine: Engine, token: str) -> MilvusClient:
    import pymilvus

    if engine.is_file:
        import milvus_lite  # noqa: F401  # pymilvus says nothing of what is missing

        if not Path(engine.uri).parent.is_dir():
            raise EngineError(f"{engine.uri} cannot be made: there is no such folder.")
    for library in ("pymilvus", "milvus_lite", "grpc"):
        # They print whole tracebacks of what is said in one sentence here.
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)
    client = pymilvus.MilvusClient(
        engine.uri, token=token, timeout=engine.patience, dedicated=True, grpc_options=_RECONNECTING
    )
    # Whether it is Milvus, and lets this program in, only an answer shows.
    client.list_collections(timeout=engine.patience)
    return client
