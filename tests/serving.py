"""Start a fresh server of the page, and look into its process."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Server:
    """A running server of the page."""

    address: str
    process: subprocess.Popen[bytes]
    output: IO[bytes]

    def log(self) -> str:
        """Everything that it has said."""
        self.output.flush()
        return Path(self.output.name).read_text(encoding="utf-8", errors="replace")

    def memory(self, key: str = "VmRSS") -> float:
        """Its memory in megabytes: ``VmRSS`` now, ``VmHWM`` at the most so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(key)) / 1e3

    def processor_seconds(self) -> float:
        """Processor time that all of its threads have taken so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def open_files(self) -> set[str]:
        """The names of the files that it holds open."""
        found = set()
        for handle in Path(f"/proc/{self.process.pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(str(handle.readlink()))
        return found


@contextlib.contextmanager
def serve(
    script: Path = ROOT / "app.py",
    *,
    options: Sequence[str] = (),
    may_fail: bool = False,
    port: int = 0,
    **environment: str,
) -> Iterator[Server]:
    """A fresh server of the page; it is gone afterwards.

    Parameters
    ----------
    script : path
    options : sequence of str
        Of Streamlit, such as "--server.disconnectedSessionTTL=1".
    may_fail : bool
        Whether the page may leave a traceback in the log.
    port : int
        Where it listens; 0 for any place that is free.
    environment : str
        Variables beside those of this process.

    Raises
    ------
    AssertionError
        At the end, when the page itself has left a traceback in the log.
    """
    if not port:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--server.port={port}", "--server.headless=true", "--server.address=127.0.0.1", *options]
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log)
        server = Server(f"http://127.0.0.1:{port}/", process, log)
        try:
            _wait(f"{server.address}_stcore/health", process)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
            said = server.log()
            # A tab that is closed in the middle makes the server's own parts complain; ours must not.
            if not may_fail and "Traceback" in said and "imgsearch/" in said:
                raise AssertionError(f"The page's log has a traceback:\n{said[-4000:]}")


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"The page did not start: streamlit ended with {process.returncode}.")
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("The page did not start within a minute.")
