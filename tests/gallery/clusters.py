"""A Dask cluster of processes on loopback, as a person starts one, for tests."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

_STARTING = 60
# Without an address of its own, a worker's page of figures listens on every interface, wanted or not.
_LOCAL = ("--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0")


class DaskCluster:
    """A scheduler and its workers, each a process; the block ends them.

    Parameters
    ----------
    folder : path
        For the address and the log.
    workers : int
    options : str
        More for each worker.
    """

    def __init__(self, folder: Path, workers: int = 2, *options: str) -> None:
        folder.mkdir()
        self._file = folder / "scheduler.json"
        self._log = folder / "log"
        self._options = options
        self._count = workers
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> DaskCluster:
        self.scheduler = self._started("scheduler", "--port", "0")
        self.address = json.loads(self._wait_for(self._file))["address"]
        for _ in range(self._count):
            self.start_worker()
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
        for process in (*self.workers, self.scheduler):
            process.wait()

    def start_worker(self) -> None:
        """Start one more; it takes up its work when it is ready."""
        options = ("--no-nanny", "--nthreads", "1", "--local-directory", str(self._file.parent), *self._options)
        self.workers.append(self._started("worker", *options))

    def _started(self, kind: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", kind, *_LOCAL, "--scheduler-file", str(self._file), *options]
        with self._log.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log)

    def _wait_for(self, file: Path) -> str:
        until = time.monotonic() + _STARTING
        while time.monotonic() < until:
            text = file.read_text(encoding="utf-8") if file.exists() else ""
            if text.endswith("}"):
                return text
            if self.scheduler.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(self._log.read_text(errors="replace")[-2000:])
