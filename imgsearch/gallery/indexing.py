"""A folder of pictures → a gallery folder: in parallel, going on after an interruption, doing only what is new."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from imgsearch import Progress
from imgsearch.gallery.builder import Described, GalleryBuilder
from imgsearch.gallery.cluster import described_on
from imgsearch.gallery.folders import Unreadable, list_pictures
from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.gallery.parts import Parts, describe_path, part_size
from imgsearch.gallery.persistence import engine_of, is_gallery, open_gallery, save_gallery
from imgsearch.images.reading import read_picture
from imgsearch.local_features.features import describe_kept
from imgsearch.methods.method import Method

_WORKERS = 2
_PART = 128
# Small enough that no worker is long without work while another has some left.
_CLUSTER_PART = 32


@dataclass(frozen=True)
class Report:
    """What an indexing did."""

    gallery: Gallery  # as it is now
    added: int  # pictures that were described
    kept: int  # that were known already
    dropped: int  # that are gone
    unreadable: Unreadable


def index(
    root: Path,
    out: Path,
    methods: Sequence[Method],
    *,
    title: str = "",
    workers: int = _WORKERS,
    cluster: str = "",
    progress: Progress | None = None,
) -> Report:
    """Bring the gallery in `out` up to date with the pictures in `root`; make it if it is not there.

    Pictures are known again by name, size and time of change, else by their bytes. So many `workers` read at once:
    threads of this process, or, where `cluster` is the address of a Dask scheduler, its workers; "local" starts as many
    processes here. GalleryError if no picture can be read, `out` cannot be written, or another run is writing it; the
    old gallery is then as it was.
    """
    names = list_pictures(root)
    if out.is_dir() and any(out.iterdir()) and not is_gallery(out):
        raise GalleryError(f"{out} is a folder with other files in it: name a new folder for the gallery.")
    with Parts(out, methods) as parts:
        described, kept, unreadable = _gather(root, names, parts, workers, cluster, progress)
        if not described:
            raise GalleryError(f"{root} has no picture that can be read: name a folder of pictures.")
        builder = GalleryBuilder(methods)
        for name in names:
            if name in described:
                builder.add(name, described[name])
        save_gallery(builder.finish(name=out.name, title=title), out, engine=engine_of(out))
        parts.remove()
    dropped = len(parts.old_names - set(described))
    return Report(open_gallery(out), len(described) - kept, kept, dropped, tuple(unreadable))


def _gather(
    root: Path, names: Sequence[str], parts: Parts, workers: int, cluster: str, progress: Progress | None
) -> tuple[dict[str, Described], int, list[tuple[str, str]]]:
    """The pictures by name, how many of them were known, and what could not be read.

    Those that are not known are described, here or on a cluster, in parts on the disk.
    """
    described: dict[str, Described] = {}
    unreadable: list[tuple[str, str]] = []
    tell = progress or (lambda *_: None)
    pool = ThreadPoolExecutor(workers)
    try:
        for name, known in zip(names, pool.map(lambda name: _known(root, name, parts), names), strict=True):
            if known is not None:
                described[name] = known
                tell(len(described), len(names), name)
        done = kept = len(described)
        fresh = [name for name in names if name not in described]
        size = part_size(len(fresh), _CLUSTER_PART if cluster else _PART)
        batches = [fresh[start : start + size] for start in range(0, len(fresh), size)]
        if cluster:
            for written in described_on(cluster, workers, root, batches, parts.folder, parts.methods):
                described |= parts.read(written.part) if written.part else {}
                unreadable += written.unreadable
                done += written.tried
                tell(done, len(names), written.last)
            return described, kept, sorted(unreadable)
        for batch in batches:
            new = {}
            looked = pool.map(lambda name: describe_path(root, name, parts.methods), batch)
            for name, one in zip(batch, looked, strict=True):
                if isinstance(one, str):
                    unreadable.append((name, one))
                else:
                    new[name] = one
                done += 1
                tell(done, len(names), name)
            described |= parts.keep(new)
    finally:
        # Whoever stops it does not wait for all that is still to be looked at.
        pool.shutdown(cancel_futures=True)
    return described, kept, unreadable


def _known(root: Path, name: str, parts: Parts) -> Described | None:
    """What is known of a picture, with the local features that an older version did not make."""
    known = parts.find(root, name)
    if known is None or known.features is not None:
        return known
    return replace(known, features=describe_kept(read_picture(known.kept)))
