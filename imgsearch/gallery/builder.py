"""Pictures and methods → a gallery."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imgsearch import Progress
from imgsearch.gallery.fashion_mnist import FASHION_LABELS, Split, read_fashion
from imgsearch.gallery.persistence import (
    GALLERY_SIDE,
    UNLABELLED,
    Credit,
    Gallery,
    GalleryError,
    MethodVectors,
    Origin,
    Queries,
)
from imgsearch.gallery.picture_store import ArrayStore, FileStore
from imgsearch.images.transforms import encode, fit
from imgsearch.methods.registry import Method
from imgsearch.ranking.vectors import pack

QUALITY = 82
FASHION_SOURCE = "Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv 1708.07747)"


@dataclass(frozen=True)
class DescribedPhoto:
    """A photograph as a gallery keeps it: as a file, and as one vector a method."""

    encoded: bytes | memoryview
    vectors: dict[str, NDArray[np.float32]]


def describe_photo(
    picture: NDArray[np.uint8], methods: Sequence[Method], *, encoded: bytes | None = None
) -> DescribedPhoto:
    """Describe a photograph, (h, w, 3) uint8, and encode it unless it is `encoded` already."""
    seen = fit(picture, GALLERY_SIDE)
    vectors = {method.key: method.describe(seen) for method in methods}
    return DescribedPhoto(encode(seen, "webp", quality=QUALITY) if encoded is None else encoded, vectors)


class GalleryBuilder:
    """Takes pictures one after the other, describes them, and makes a gallery of them.

    Parameters
    ----------
    methods : sequence of Method
        In the order in which they are offered.
    """

    def __init__(self, methods: Sequence[Method]) -> None:
        self.methods = tuple(methods)
        self._encoded: list[bytes | memoryview] = []
        self._vectors: dict[str, list[NDArray[np.float32]]] = {method.key: [] for method in methods}
        self._labels: list[str | None] = []
        self._names: list[str] = []
        self._credits: list[Credit | None] = []
        self._origins: list[Origin | None] = []

    def __len__(self) -> int:
        return len(self._encoded)

    def add(
        self,
        picture: NDArray[np.uint8],
        *,
        name: str = "",
        label: str | None = None,
        credit: Credit | None = None,
        encoded: bytes | None = None,
    ) -> None:
        """Add one picture.

        Parameters
        ----------
        picture : (h, w, 3) uint8
        name, label, credit
            What is known of it.
        encoded : bytes, optional
            The file to keep in the place of a new encoding.
        """
        self.add_described(
            describe_photo(picture, self.methods, encoded=encoded), name=name, label=label, credit=credit
        )

    def add_described(
        self,
        described: DescribedPhoto,
        *,
        name: str = "",
        label: str | None = None,
        credit: Credit | None = None,
        origin: Origin | None = None,
    ) -> None:
        """Add a picture whose file and vectors are there already."""
        self._encoded.append(described.encoded)
        for key, kept in self._vectors.items():
            kept.append(described.vectors[key])
        self._labels.append(label)
        self._names.append(name)
        self._credits.append(credit)
        self._origins.append(origin)

    def finish(self, *, name: str, title: str = "", source: str = "", licence: str = "") -> Gallery:
        """The gallery of all that was added.

        Raises
        ------
        GalleryError
            If nothing was added.
        """
        if not self._encoded:
            raise GalleryError("A gallery needs at least one picture that can be read: choose some pictures.")
        label_names = sorted({label for label in self._labels if label is not None})
        return Gallery(
            name=name,
            title=title,
            store=FileStore(self._encoded),
            methods=[_packed_vectors(method, np.stack(self._vectors[method.key])) for method in self.methods],
            labels=_numbered(self._labels, label_names) if label_names else None,
            label_names=label_names,
            names=self._names if any(self._names) else None,
            credits=self._credits if any(self._credits) else None,
            origins=None if None in self._origins else [origin for origin in self._origins if origin],
            source=source,
            licence=licence,
        )


def build_gallery(
    pictures: Iterable[NDArray[np.uint8]],
    methods: Sequence[Method],
    *,
    name: str,
    title: str = "",
    labels: Sequence[str | None] | None = None,
    names: Sequence[str] | None = None,
    credits: Sequence[Credit | None] | None = None,
    encoded: Sequence[bytes] | None = None,
    source: str = "",
    licence: str = "",
    progress: Progress | None = None,
) -> Gallery:
    """Make a gallery of photographs in memory.

    Parameters
    ----------
    pictures : iterable of (h, w, 3) uint8
    methods : sequence of Method
    name, title, source, licence
        Of the gallery.
    labels, names, credits, encoded : sequences as long as `pictures`, optional
        `encoded` are the files to keep in the place of a new encoding.
    progress : callable, optional
        Called with how many are done and how many there are, if that is known.

    Raises
    ------
    GalleryError
        If there is no picture.
    """
    builder = GalleryBuilder(methods)
    known = labels or names or credits or encoded
    total = len(known) if known is not None else None
    for index, picture in enumerate(pictures):
        builder.add(
            picture,
            name=names[index] if names else "",
            label=labels[index] if labels else None,
            credit=credits[index] if credits else None,
            encoded=encoded[index] if encoded else None,
        )
        if progress:
            progress(index + 1, total, names[index] if names else "")
    return builder.finish(name=name, title=title, source=source, licence=licence)


def build_fashion(
    methods: Sequence[Method], folder: str | Path | None = None, *, progress: Progress | None = None
) -> Gallery:
    """Make the Fashion gallery: the 60,000 train pictures, the 10,000 test pictures as queries.

    Parameters
    ----------
    methods : sequence of Method
        In the order in which they are offered.
    folder : path, optional
        Where the four IDX files are; see `idx.data_folder`.
    progress : callable, optional
        Called with how many vectors are done and how many there are.

    Raises
    ------
    idx.DataError
        If the files are missing or damaged.
    """
    train, test = read_fashion(folder)
    store = ArrayStore(train.pictures)
    total = len(methods) * len(store)
    described: list[MethodVectors] = []
    for number, method in enumerate(methods):
        matrix = np.empty((len(store), method.dimensions), np.float32)
        for index in range(len(store)):
            matrix[index] = method.describe(store.picture(index))
            if progress and index % 1000 == 999:
                progress(number * len(store) + index + 1, total, method.title)
        described.append(_packed_vectors(method, matrix, pixels=train.pictures[0].size))
    return Gallery(
        name="fashion",
        title="Fashion",
        store=store,
        methods=described,
        labels=train.labels.astype(np.int16),
        label_names=FASHION_LABELS,
        prepare="garment",
        source=FASHION_SOURCE,
        licence="MIT",
        queries=_queries(test),
    )


def _queries(split: Split) -> Queries:
    return Queries(ArrayStore(split.pictures), split.labels.astype(np.int16), FASHION_LABELS)


def _packed_vectors(method: Method, matrix: NDArray[np.float32], *, pixels: int | None = None) -> MethodVectors:
    stored, count_scale = pack(matrix, pixels)
    return MethodVectors(method, stored, count_scale)


def _numbered(labels: Sequence[str | None], names: Sequence[str]) -> NDArray[np.int16]:
    number = {name: index for index, name in enumerate(names)}
    return np.array([UNLABELLED if label is None else number[label] for label in labels], np.int16)
