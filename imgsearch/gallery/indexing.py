"""A folder of pictures → a gallery folder: in parallel, going on after an interruption, doing only what is new.

What is finished is kept beside the gallery, in parts that are small galleries themselves, until the whole is
written. So a run that was killed loses at most the part that it was working on.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from imgsearch import Progress
from imgsearch.gallery.builder import Described, GalleryBuilder
from imgsearch.gallery.cluster import described_on
from imgsearch.gallery.folders import Unreadable, list_pictures, read_credits
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
    source: str = "",
    licence: str = "",
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
        if cluster:
            found = _gather_from_cluster(cluster, root, names, parts, workers, progress)
        else:
            found = _gather(root, names, parts, workers, progress)
        if not found.described:
            raise GalleryError(f"{root} has no picture that can be read: name a folder of pictures.")
        builder = GalleryBuilder(methods)
        for name in names:
            if name in found.described:
                builder.add(name, found.described[name])
        gallery = builder.finish(name=out.name, title=title, source=source, licence=licence, credits=read_credits(root))
        save_gallery(gallery, out, engine=engine_of(out))
        parts.remove()
    kept, dropped = len(found.described) - found.added, len(parts.old_names - set(found.described))
    return Report(open_gallery(out), found.added, kept, dropped, tuple(found.unreadable))


@dataclass
class _Found:
    """The pictures of a folder, by name, and what could not be read."""

    described: dict[str, Described] = field(default_factory=dict)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    added: int = 0


def _gather(root: Path, names: Sequence[str], parts: Parts, workers: int, progress: Progress | None) -> _Found:
    """Describe what is not known yet, several pictures at a time; each part of them is kept on the disk."""
    found = _Found()
    fresh: dict[str, Described] = {}
    size = part_size(len(names), _PART)
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(names), size):
            some = names[start : start + size]
            looked = pool.map(lambda name: _look(root, name, parts), some)
            for done, (name, (one, is_new)) in enumerate(zip(some, looked, strict=True), start=start + 1):
                if isinstance(one, str):
                    found.unreadable.append((name, one))
                elif is_new:
                    fresh[name] = one
                else:
                    found.described[name] = one
                if progress:
                    progress(done, len(names), name)
            if len(fresh) >= size or start + size >= len(names):
                found.described.update(parts.keep(fresh))
                found.added += len(fresh)
                fresh = {}
    return found


def _gather_from_cluster(
    address: str, root: Path, names: Sequence[str], parts: Parts, workers: int, progress: Progress | None
) -> _Found:
    """As `_gather`; what is not known yet is described, and kept on the disk, by the workers of a cluster."""
    found = _Found()
    with ThreadPoolExecutor(workers) as pool:
        for name, known in zip(names, pool.map(lambda name: _known(root, name, parts), names), strict=True):
            if known is not None:
                found.described[name] = known
    fresh = [name for name in names if name not in found.described]
    size = part_size(len(fresh), _CLUSTER_PART)
    batches = [fresh[start : start + size] for start in range(0, len(fresh), size)]
    done = len(names) - len(fresh)
    for written in described_on(address, workers, root, batches, parts.folder, parts.methods):
        if written.part:
            pictures = parts.read(written.part)
            found.described.update(pictures)
            found.added += len(pictures)
        found.unreadable.extend(written.unreadable)
        done += written.tried
        if progress:
            progress(done, len(names), written.last)
    found.unreadable.sort()
    return found


def _look(root: Path, name: str, parts: Parts) -> tuple[Described | str, bool]:
    """Find out what is known of a picture, else describe it; the reason if it cannot be read. And whether it is new."""
    known = _known(root, name, parts)
    if known is not None:
        return known, False
    one = describe_path(root, name, parts.methods)
    return one, not isinstance(one, str)


def _known(root: Path, name: str, parts: Parts) -> Described | None:
    """What is known of a picture, with the local features that an older version did not make."""
    known = parts.find(root, name)
    if known is None or known.features is not None:
        return known
    return replace(known, features=describe_kept(read_picture(known.kept)))
