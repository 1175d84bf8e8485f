"""What goes wrong with Milvus, in one sentence each."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from imgsearch.ranking.engine import TOKEN, Engine, EngineError

REQUIREMENTS = "imgsearch/ranking/requirements-milvus.txt"

# Of Milvus itself, pkg/merr/errors.go: a server that was started anew has loaded nothing; and no such collection.
NOT_LOADED, NO_COLLECTION = 101, 100
# Where pymilvus looks without a port.
_PORTS = {"http": 19530, "https": 443}


@contextmanager
def sentences(engine: Engine, name: str) -> Iterator[None]:
    """Within the block, what pymilvus and gRPC raise of a collection becomes an `EngineError`."""
    try:
        yield
    except EngineError:
        raise
    except Exception as error:
        raise EngineError(_sentence(engine, name, error)) from error


def _sentence(engine: Engine, name: str, error: Exception) -> str:
    where = engine.uri
    if isinstance(error, ModuleNotFoundError):
        return f"{error.name} is not installed: pip install -r {REQUIREMENTS}."
    status, told = _status(error)
    text = f"{error} {told}".lower()
    if "unauthenticated" in text or "auth check failure" in text or status == "UNAUTHENTICATED":
        return f"The engine at {where} lets nobody in without the right token: set ${TOKEN} to user:password."
    if engine.is_file and "open local milvus failed" in text:
        return (
            f"{where} cannot be opened: one process at a time can use such a file, so end the other, "
            "or push the gallery to a server."
        )
    if status == "DEADLINE_EXCEEDED" or "timeout" in text:
        return f"The engine at {where} does not answer in time: look whether it is running, or try again later."
    away = status == "UNAVAILABLE" or getattr(error, "code", None) == 2
    if status == "UNIMPLEMENTED" or (away and _listens(where)):
        return f"What answers at {where} is not Milvus: correct the address and the port."
    if away:
        return f"No engine can be reached at {where}: start it, or correct the address."
    if getattr(error, "code", None) == NO_COLLECTION or "collection not found" in text:
        return f"The engine at {where} has no vectors {name} of this gallery: push it again."
    if getattr(error, "code", None) == NOT_LOADED:
        return f"The engine at {where} is still loading its vectors: try again in a moment."
    said = str(getattr(error, "message", "") or error).splitlines()[0][:200]
    return f"The engine at {where} cannot do this: it says {said!r}."


def _listens(uri: str) -> bool:
    """Whether something takes connections there, whatever it is."""
    parts = urlsplit(uri)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)), 0.3):
            return True
    except OSError:
        return False


def _status(error: BaseException | None) -> tuple[str, str]:
    """Name and details of the gRPC status behind an error; empty if there is none."""
    seen: set[int] = set()
    # pymilvus raises errors from themselves.
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        code = getattr(error, "code", None)
        if callable(code):
            details = getattr(error, "details", None)
            return str(getattr(code(), "name", "")), str(details() if callable(details) else "")
        error = error.__cause__ if error.__cause__ not in (None, error) else error.__context__
    return "", ""
