"""Start a real Milvus server, on loopback, and end it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

# Every part of the server, so that none listens where others can reach it.
_PARTS = ("rootCoord", "proxy", "queryCoord", "queryNode", "indexNode", "dataCoord", "dataNode")
_STARTING = 90


class _Engine:
    """A process that answers at an address, until it is ended."""

    port: int
    _process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and not killed since."""
        return self._process is not None

    def kill(self) -> None:
        """End it as a power failure does; to end by itself, a server takes its time."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextlib.contextmanager
    def hanging(self) -> Iterator[None]:
        """It does not answer while the block runs."""
        pid = self.pid
        os.kill(pid, signal.SIGSTOP)
        # kill() does not wait until every thread has stopped: one of them could still answer a search.
        until = time.monotonic() + 10
        while not _is_stopped(pid) and time.monotonic() < until:
            time.sleep(0.01)
        try:
            yield
        finally:
            if self._process is not None:
                os.kill(pid, signal.SIGCONT)

    def _wait(self, answers: Callable[[], bool], log: Path) -> None:
        assert self._process is not None
        until = time.monotonic() + _STARTING
        while not answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise RuntimeError(log.read_text(errors="replace")[-2000:])
            time.sleep(0.1)


class LiteServer(_Engine):
    """The engine of the package `milvus-lite` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()

    def start(self) -> None:
        """Start it and wait until it listens."""
        self.folder.mkdir(exist_ok=True)
        log = self.folder.with_suffix(".log")
        command = [sys.executable, "-m", "milvus_lite", "server", "--host", "127.0.0.1", "--port", str(self.port)]
        with log.open("ab") as output:
            self._process = subprocess.Popen([*command, "--data-dir", str(self.folder)], stdout=output, stderr=output)
        self._wait(self._listens, log)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class MilvusServer(_Engine):
    """The server that the PyPI package `milvus` carries.

    Parameters
    ----------
    folder : path
        Where its data lies; it may be started there again.
    token_wanted : bool
        Whether it lets in only whoever knows the password.
    """

    def __init__(self, folder: Path, *, token_wanted: bool = False) -> None:
        import milvus

        self.folder = folder
        self._programs = Path(milvus.__file__).parent / "unpacked"
        if not (self._programs / "bin" / "milvus").exists():
            milvus._initialize_data_files(self._programs)
        for name in ("logs", "run", "configs"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._config = milvus.MilvusServerConfig(
            data_dir=str(folder),
            etcd_log_level="error",
            **{f"{name}_port": free_port() for name in self._ports(milvus)},
        )
        self._config.extra_configs = {f"{part}.ip": "127.0.0.1" for part in _PARTS} | {
            "log.level": "error",
            "common.security.authorizationEnabled": str(token_wanted).lower(),
        }
        self._config.resolve()
        self.port = self._config.get("proxy_port")
        self._metrics = free_port()

    @staticmethod
    def _ports(milvus) -> list[str]:
        items = milvus.MilvusServerConfig().configurable_items
        return [name.removesuffix("_port") for name in items if name.endswith("_port")]

    def start(self) -> None:
        """Start it and wait until it answers."""
        for left in (2, 1, 0):
            try:
                self._start()
                return
            except RuntimeError as error:
                # Now and then it ends at its start with a dump of its goroutines, and starts the next time.
                if not left or "goroutine" not in str(error):
                    raise

    def _start(self) -> None:
        environment = os.environ | {
            "DEPLOY_MODE": "STANDALONE",
            "METRICS_PORT": str(self._metrics),
            "MILVUS_RUN_DIR": str(self.folder / "run"),
            "LD_LIBRARY_PATH": str(self._programs / "bin"),
        }
        with (self.folder / "logs" / "output").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "bin" / "milvus", "run", "standalone"],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
            )
        self._wait(self._is_healthy, self.folder / "logs" / "output")

    def _is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._metrics}/healthz", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False


@contextlib.contextmanager
def milvus_server(*, token_wanted: bool = False) -> Iterator[MilvusServer]:
    """A running server with no data."""
    with tempfile.TemporaryDirectory(prefix="milvus-") as folder:
        server = MilvusServer(Path(folder), token_wanted=token_wanted)
        server.start()
        try:
            yield server
        finally:
            server.kill()


def _is_stopped(pid: int) -> bool:
    """Whether no thread of a process runs any more."""
    states = [path.read_text().rpartition(")")[2].split()[0] for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    return all(state in "TtZ" for state in states)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
