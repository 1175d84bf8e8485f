"""Pictures described on a Dask cluster: each worker reads some of a folder's and writes them down as a part."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from imgsearch.gallery.builder import Described
from imgsearch.gallery.gallery import GalleryError
from imgsearch.gallery.parts import describe_path, write_part
from imgsearch.methods.method import Method
from imgsearch.methods.registry import from_config

if TYPE_CHECKING:
    from distributed import Client, Future

LOCAL = "local"  # the address of a cluster that is started here, on loopback, for this run
REQUIREMENTS = "imgsearch/gallery/requirements-dask.txt"

_CONNECTING = 5  # seconds
_PATIENCE = 60  # seconds for which no worker may be there while something is to be done


@dataclass(frozen=True)
class Job:
    """What a worker is to describe; both folders are on a drive that all machines share."""

    root: Path  # the folder of pictures
    names: tuple[str, ...]  # of pictures in it
    parts: Path  # the folder of parts
    methods: tuple[tuple[dict[str, Any], str], ...]  # configuration and fingerprint of each


class Written(NamedTuple):
    """What a worker has done."""

    part: str  # that it wrote; empty if none of its pictures could be read
    unreadable: tuple[tuple[str, str], ...]  # names and reasons
    tried: int  # pictures that it was given
    last: str  # of these


def described_on(
    address: str, workers: int, root: Path, batches: Sequence[Sequence[str]], parts: Path, methods: Sequence[Method]
) -> Iterator[Written]:
    """Have batches of pictures described by a cluster, each written down as a part by whoever described it.

    `address` is that of a Dask scheduler, or `LOCAL` for so many processes here. The parts come in the order in which
    they are done. GalleryError if Dask is not installed, the scheduler cannot be reached, its workers have another
    program or no such folders, or they are gone; what was written stays.
    """
    if not batches:
        return
    given = tuple((method.config(), method.fingerprint) for method in methods)
    with _client(address, workers) as client:
        from distributed import KilledWorker

        jobs = {}
        for names in batches:
            job = Job(root.resolve(), tuple(names), parts.resolve(), given)
            # Not pure: the same pictures in a later run may be other ones.
            jobs[client.submit(describe_job, job, pure=False)] = job
        died = []
        for future in _as_they_end(client, set(jobs), address):
            job = jobs.pop(future)
            error = future.exception() if future.status == "error" else None
            if error is None:
                yield future.result()
            elif isinstance(error, KilledWorker):
                died.append(job)
            else:
                raise _sentence(error, address) from error
        if died:
            raise GalleryError(
                f"Every worker that was given the {len(died[0].names)} pictures from {died[0].names[0]} on has died: "
                "look at what memory they have, and run it again, which goes on with what is missing."
            )


def describe_job(job: Job) -> Written:
    """Describe pictures and write them down as a part: this runs in a worker."""
    methods = []
    for config, fingerprint in job.methods:
        method = _method(json.dumps(config))
        if method.fingerprint != fingerprint:
            raise GalleryError(
                f"The worker at {socket.gethostname()} has another version of the method {method.title}: "
                "give all machines the same program."
            )
        methods.append(method)
    for folder in (job.root, job.parts):
        if not folder.is_dir():
            raise GalleryError(
                f"The worker at {socket.gethostname()} does not see {folder}: put the pictures and the gallery on a "
                "drive that all machines share, under the same path."
            )
    described: dict[str, Described] = {}
    unreadable = []
    for name in job.names:
        one = describe_path(job.root, name, methods)
        if isinstance(one, str):
            unreadable.append((name, one))
        else:
            described[name] = one
    part = write_part(job.parts, methods, described) if described else ""
    return Written(part, tuple(unreadable), len(job.names), job.names[-1])


@cache
def _method(config: str) -> Method:
    """A method from its configuration in JSON; a worker opens the network's file once, not for every job."""
    return from_config(json.loads(config))


@contextmanager
def _client(address: str, workers: int) -> Iterator[Client]:
    """A connection to the scheduler, and to its cluster if that is local, which ends with the block."""
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError as error:
        raise GalleryError(f"{error.name} is not installed: pip install -r {REQUIREMENTS}.") from None
    # It prints whole tracebacks of what is said in one sentence here.
    logging.getLogger("distributed").setLevel(logging.CRITICAL + 1)
    with ExitStack() as until:
        if address == LOCAL:
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL + 1,
            )
            until.enter_context(cluster)
            address = cluster.scheduler_address
        try:
            # In a thread of its own: where this is called, as in a notebook, an event loop may run already.
            with ThreadPoolExecutor(1) as thread:
                thread.submit(lambda: asyncio.run(asyncio.wait_for(_answer(address), _CONNECTING))).result()
            client = until.enter_context(Client(address, timeout=_CONNECTING))
        except (OSError, ValueError, ImportError) as error:
            raise GalleryError(
                f"No Dask scheduler answers at {address}: start it, or correct the address, such as tcp://host:8786."
            ) from error
        yield client


async def _answer(address: str) -> None:
    """Wait until a scheduler answers: a Client waits for ever where something else takes the connection."""
    from distributed import Security, rpc

    async with rpc(address, connection_args=Security().get_connection_args("client")) as scheduler:
        await scheduler.identity()


def _as_they_end(client: Client, pending: set[Future], address: str) -> Iterator[Future]:
    """Futures as they end; GalleryError if nobody is there to work on them."""
    from distributed import wait

    while pending:
        try:
            done, pending = wait(pending, timeout=_PATIENCE, return_when="FIRST_COMPLETED")
        except TimeoutError:
            if not client.scheduler_info()["workers"]:
                raise GalleryError(
                    f"The scheduler at {address} has had no worker for a minute: start some, by python -m dask worker "
                    f"{address}, and run it again, which goes on with what is missing."
                ) from None
        except CancelledError:
            raise GalleryError(
                f"The scheduler at {address} has gone: start it, and run it again, which goes on with what is missing."
            ) from None
        else:
            yield from done


def _sentence(error: BaseException, address: str) -> GalleryError:
    if isinstance(error, GalleryError):
        return error
    if isinstance(error, ModuleNotFoundError):
        return GalleryError(
            f"The workers of {address} have no {error.name}: start each in a folder with this program, "
            "with all of its requirements installed."
        )
    return GalleryError(f"The cluster at {address} cannot do this: it says {str(error)[:200]!r}.")
