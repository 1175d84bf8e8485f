"""The page, with a window into its server: what all visitors share, what each has, and what is still held.

Served by the tests in the place of `app.py`. When the file that ``IMGSEARCH_ASK`` names appears, what is asked for in
it is looked for, and the answer is written beside it.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import streamlit.runtime as running  # noqa: E402
from streamlit.runtime.caching import cache_data_api, cache_resource_api  # noqa: E402

_PLAIN = (dict, list, tuple, set, frozenset, bytes, bytearray, memoryview, str, np.ndarray)


def _inside(roots: Iterable[Any]) -> Iterable[Any]:
    """All data that can be reached from some objects, but not through modules, functions, types or threads."""
    seen: set[int] = set()
    waiting = list(roots)
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, (str, bytes, bytearray, memoryview)):
            continue
        if isinstance(one, np.ndarray):
            waiting.append(one.base)
        if isinstance(one, _PLAIN) or hasattr(one, "__dict__") or hasattr(one, "__slots__"):
            skipped = (type, type(sys), type(_inside), threading.Thread)
            waiting += [each for each in gc.get_referents(one) if not isinstance(each, skipped)]


def _data(one: Any) -> bytes:
    """What a text, a file or a picture consists of; nothing for all else."""
    if isinstance(one, str):
        return one.encode(errors="replace")
    if isinstance(one, (bytes, bytearray)):
        return bytes(one)
    if isinstance(one, memoryview) or (isinstance(one, np.ndarray) and one.dtype == np.uint8):
        return one.tobytes() if one.nbytes < 100_000_000 else b""
    return b""


def _held(roots: Iterable[Any], needles: dict[str, bytes]) -> set[str]:
    """The names of the needles that are in what can be reached."""
    found: set[str] = set()
    for data in map(_data, _inside(roots)):
        found |= {name for name, needle in needles.items() if needle in data}
    return found


def _caches(*, of_sessions: bool) -> dict[str, list[Any]]:
    """Streamlit's caches: those of single sessions, or those that all visitors share."""
    found: dict[str, list[Any]] = {}
    for kind, caches in (("data", cache_data_api._data_caches), ("resource", cache_resource_api._resource_caches)):
        for session, group in caches._function_caches.items():
            for key, cache in group.items():
                if (session is not None) == of_sessions:
                    found[f"{kind} {session} {getattr(cache, 'display_name', key)}"] = [vars(cache)]
    return found


def _shared() -> dict[str, list[Any]]:
    """What visitors share: the caches, and what the program's modules hold."""
    found = _caches(of_sessions=False)
    for name, module in list(sys.modules.items()):
        if name == "imgsearch" or name.startswith("imgsearch."):
            values = [value for value in vars(module).values() if not callable(value)]
            made = [vars(value) for value in vars(module).values() if hasattr(value, "cache_info")]
            found[f"module {name}"] = values + made
    return found


def _answer(needles: dict[str, bytes]) -> dict[str, Any]:
    gc.collect()
    runtime = running.get_instance()
    uploads: Any = runtime.uploaded_file_mgr  # type: ignore[attr-defined]
    manager: Any = runtime._session_mgr
    states = [info.session.session_state for info in manager.list_sessions()]
    states += list(_caches(of_sessions=True).values())
    shared = {place: _held(roots, needles) for place, roots in _shared().items()}
    own = _held(states, needles)
    kinds = [type(one).__name__ for one in gc.get_objects() if str(type(one).__module__).startswith("imgsearch")]
    return {
        "shared": {name: [place for place, held in shared.items() if name in held] for name in needles},
        "own": {name: name in own for name in needles},
        "places": sorted(shared),
        "sessions": len(manager.list_sessions()),
        "upload_bytes": sum(len(file.data) for files in uploads.file_storage.values() for file in files.values()),
        "queries": kinds.count("Query"),
        "galleries": sum(
            getattr(one, "name", "") == "own" for one in gc.get_objects() if type(one).__name__ == "Gallery"
        ),
        "spooled": len(_spooled),
    }


def _listen(ask: Path) -> None:
    while True:
        time.sleep(0.05)
        if not ask.exists():
            continue
        needles = {name: bytes.fromhex(code) for name, code in json.loads(ask.read_text()).items()}
        ask.unlink()
        answer = ask.with_suffix(".part")
        try:
            answer.write_text(json.dumps(_answer(needles)))
        except Exception as error:  # told to the test, which fails with it
            answer.write_text(json.dumps({"error": repr(error)}))
        answer.replace(ask.with_suffix(".answer"))


_ONCE = "imgsearch_tests_watching"
if _ONCE not in sys.modules:
    sys.modules[_ONCE] = type(sys)(_ONCE)
    sys.modules[_ONCE].spooled = []  # type: ignore[attr-defined]
    _roll = tempfile.SpooledTemporaryFile.rollover

    def _rolled(file: Any) -> None:
        sys.modules[_ONCE].spooled.append(None)  # type: ignore[attr-defined]
        _roll(file)

    tempfile.SpooledTemporaryFile.rollover = _rolled  # type: ignore[method-assign]
    _spooled = sys.modules[_ONCE].spooled  # type: ignore[attr-defined]
    threading.Thread(target=_listen, args=(Path(os.environ["IMGSEARCH_ASK"]),), daemon=True).start()

runpy.run_path(str(ROOT / "app.py"))
