"""The page on a server that once, while it draws matches, hears what comes and then sends nothing for a while.

Served by a test in the place of `app.py`, which asks for it by making the file that ``IMGSEARCH_HOLD`` names. All that
several runs say then waits to be sent at once, as it does by chance on a busy machine.
"""

import os
import runpy
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit.runtime as running  # noqa: E402

from imgsearch.page.session import searching  # noqa: E402

_HEARS, _HOLDS = 1.0, 3.0
_search = getattr(searching, "unheld", searching.search_results)


def _held(*given: Any) -> Any:
    hold = Path(os.environ["IMGSEARCH_HOLD"])
    if hold.exists():
        hold.unlink()
        time.sleep(_HEARS)
        runtime: Any = running.get_instance()
        runtime._get_async_objs().eventloop.call_soon_threadsafe(time.sleep, _HOLDS)
    return _search(*given)


searching.unheld = _search  # type: ignore[attr-defined]
searching.search_results = _held
runpy.run_path(str(ROOT / "app.py"))
