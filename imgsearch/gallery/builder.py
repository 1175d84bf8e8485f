"""Picture files → a gallery: the one way there is, from every entrance."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch import Progress
from imgsearch.gallery.gallery import UNLABELLED, Credit, Gallery, GalleryError, MethodVectors, Origin
from imgsearch.gallery.kept_copy import kept_copy
from imgsearch.gallery.picture_store import FileStore
from imgsearch.gallery.projection import with_map
from imgsearch.images.formats import PictureError
from imgsearch.local_features.features import KeptFeatures, describe_kept, table_of
from imgsearch.methods.method import Method
from imgsearch.ranking.vectors import pack


@dataclass(frozen=True)
class Described:
    """A picture as a gallery has it."""

    kept: bytes | memoryview  # the file that the gallery keeps
    vectors: Mapping[str, NDArray[Any]]  # of the kept picture, (d,) by method, as `vectors.pack` gives them
    origin: Origin  # the file that it was read from
    features: KeptFeatures | None = None  # None if they are of an older version and still to be made


def origin_of(data: bytes, changed_ns: int = 0) -> Origin:
    """Say what a file is known by: its size, its time of change (0 if unknown), and the sha256 of its bytes."""
    return Origin(len(data), changed_ns, hashlib.sha256(data).hexdigest())


def describe_file(data: bytes, methods: Sequence[Method], origin: Origin | None = None) -> Described:
    """Describe the copy of a picture file that a gallery keeps; PictureError if it is no picture that can be read."""
    kept, picture = kept_copy(data)
    vectors = {method.key: pack(method.describe(picture)[np.newaxis])[0][0] for method in methods}
    return Described(kept, vectors, origin or origin_of(data), describe_kept(picture))


def described_in(gallery: Gallery, methods: Sequence[Method]) -> list[tuple[str, Described]] | None:
    """The pictures of a gallery with their names; None if it does not know them as these methods describe them."""
    store, names, origins = gallery.store, gallery.names, gallery.origins
    fingerprints = {key: method.fingerprint for key, method in gallery.methods.items()}
    wanted = {method.key: method.fingerprint for method in methods}
    if fingerprints != wanted or not isinstance(store, FileStore) or names is None or origins is None:
        return None
    stored = {key: vectors.stored for key, vectors in gallery.method_vectors.items()}
    described = []
    for row, (name, origin) in enumerate(zip(names, origins, strict=True)):
        vectors = {key: matrix[row] for key, matrix in stored.items()}
        features = None if gallery.features is None else gallery.features[row]
        described.append((name, Described(store.files[row], vectors, origin, features)))
    return described


def label_of(name: str) -> str | None:
    """Name the folder that a picture lies in: its label; None at the top."""
    return PurePosixPath(name).parent.name or None


class GalleryBuilder:
    """Takes picture files one after the other and makes a gallery of them; methods are in the order of the offer."""

    def __init__(self, methods: Sequence[Method]) -> None:
        self.methods = tuple(methods)
        self.kept_bytes = 0
        self._names: list[str] = []
        self._settled = 0
        self._described: list[Described] = []

    def __len__(self) -> int:
        return len(self._names)

    def add_file(self, name: str, data: bytes) -> None:
        """Describe and add a picture file, its name with "/" between folders; PictureError, and nothing is added."""
        self.add(name, describe_file(data, self.methods))

    def add(self, name: str, described: Described) -> None:
        """Add a picture that is described already, by the same methods."""
        self._names.append(name)
        self._described.append(described)
        self.kept_bytes += len(described.kept)

    def settle_names(self) -> None:
        """Leave the names of all that was added so far as they are, whatever `uploaded` says of the others."""
        self._settled = len(self._names)

    def add_files(
        self,
        files: Iterable[tuple[str, bytes]],
        *,
        skipped: Callable[[str, str], None],
        total: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Describe and add named files; `skipped` is called with the name of one that is no picture, and the reason."""
        for done, (name, data) in enumerate(files, start=1):
            try:
                self.add_file(name, data)
            except PictureError as error:
                skipped(name, str(error))
            if progress:
                progress(done, total, name)

    def finish(
        self,
        *,
        name: str,
        title: str = "",
        source: str = "",
        licence: str = "",
        credits: Mapping[str, Credit] | None = None,
        label: Callable[[str], str | None] = label_of,
        uploaded: bool = False,
        mapped: bool = True,
    ) -> Gallery:
        """Make the gallery of all that was added; GalleryError if nothing was.

        `credits` and `label` go by a picture's name. `uploaded` names come from a browser or a zip, and begin with the
        folder that was chosen or packed. A gallery that is not `mapped` has no map, as nobody looks at it yet.
        """
        if not self._names:
            raise GalleryError("A gallery needs at least one picture that can be read: choose some pictures.")
        names = list(self._names)
        if uploaded:
            names[self._settled :] = _without_common_folders(names[self._settled :])
        labels = [label(name) for name in names]
        label_names = sorted({label for label in labels if label is not None})
        number = {label: index for index, label in enumerate(label_names)}
        known = [one.features for one in self._described if one.features is not None]
        gallery = Gallery(
            name=name,
            title=title,
            store=FileStore([one.kept for one in self._described]),
            described=[MethodVectors(method, self._stacked(method.key)) for method in self.methods],
            labels=np.array([number.get(label or "", UNLABELLED) for label in labels], np.int16) if number else None,
            label_names=label_names,
            names=names,
            credits=[credits.get(name) for name in names] if credits else None,
            origins=[one.origin for one in self._described],
            source=source,
            licence=licence,
            features=table_of(known) if len(known) == len(names) else None,
        )
        return with_map(gallery) if mapped else gallery

    def _stacked(self, key: str) -> NDArray[Any]:
        """The vectors of a method, (n, d), in the narrowest type that holds them; never all of them twice."""
        rows = [one.vectors[key] for one in self._described]
        matrix = np.empty((len(rows), len(rows[0])), np.result_type(*{row.dtype for row in rows}))
        for place, row in zip(matrix, rows, strict=True):
            place[:] = row
        return matrix


def without_pictures(gallery: Gallery, gone: Collection[int]) -> Gallery:
    """The same gallery without some pictures, figures and map; GalleryError if none is left or it has no files."""
    methods = list(gallery.methods.values())
    pictures = described_in(gallery, methods)
    if pictures is None:
        raise GalleryError("This gallery was made in another way, so nothing can be taken out of it: build a new one.")
    builder = GalleryBuilder(methods)
    for index, (name, described) in enumerate(pictures):
        if index not in gone:
            # A copy: what was opened from one file would keep all of it.
            builder.add(name, replace(described, kept=bytes(described.kept)))
    return builder.finish(
        name=gallery.name, title=gallery.title, source=gallery.source, licence=gallery.licence, mapped=False
    )


def _without_common_folders(names: Sequence[str]) -> list[str]:
    """Names from the first folder on in which not all of the pictures lie."""
    folders = [PurePosixPath(name).parts[:-1] for name in names]
    depth = sum(1 for _ in takewhile(lambda level: len(set(level)) == 1, zip(*folders, strict=False)))
    return ["/".join(PurePosixPath(name).parts[depth:]) for name in names]
