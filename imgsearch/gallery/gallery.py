"""A gallery: pictures with their vectors, open for searching."""

import copy
from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch import ImgsearchError
from imgsearch.gallery.garment_queries import GarmentQueries, QueryDescription
from imgsearch.gallery.picture_store import PictureStore
from imgsearch.images.transforms import fit
from imgsearch.local_features.candidates import VoteIndex
from imgsearch.local_features.features import FeatureTable
from imgsearch.methods.garment_conversion import Conversion, convert
from imgsearch.methods.method import Method
from imgsearch.ranking.engine import Engine
from imgsearch.ranking.index import ExactIndex, VectorIndex
from imgsearch.ranking.milvus import Collection, collection_name
from imgsearch.ranking.remote_index import RemoteIndex
from imgsearch.ranking.vectors import MAX_LENGTH, Vectors, unpack

UNLABELLED = -1
GALLERY_SIDE = 640  # pixels of the longer side at which a photograph is read, described and kept
SIDE = 28  # pixels, in the form of Fashion-MNIST


class GalleryError(ImgsearchError):
    """A gallery that cannot be opened, made or written."""


@dataclass(frozen=True)
class Credit:
    """Whose picture it is, under which licence, and where it came from."""

    author: str
    licence: str
    source: str


@dataclass(frozen=True)
class Origin:
    """The file that a picture was read from: its size in bytes, when it was changed, and its sha256."""

    size: int
    changed_ns: int
    sha256: str


@dataclass(frozen=True)
class Queries:
    """Labelled pictures to try a gallery with; not in it."""

    store: PictureStore
    labels: NDArray[np.int16]
    label_names: tuple[str, ...]

    @property
    def n(self) -> int:
        return len(self.store)

    def picture(self, index: int) -> NDArray[np.uint8]:
        return self.store.picture(index)

    def label(self, index: int) -> str:
        return _label(self.labels, self.label_names, index)


@dataclass(eq=False)
class MethodVectors:
    """What one method knows of the pictures: their vectors, (n, d), as `vectors.pack` gives them."""

    method: Method
    stored: NDArray[Any]
    count_scale: int | None = None

    @cached_property
    def vectors(self) -> Vectors:
        """The vectors, checked when first asked for; GalleryError if a number is not finite."""
        vectors = Vectors(self.stored, self.count_scale)
        if not vectors.largest_norm <= MAX_LENGTH:
            raise GalleryError(
                f"The vectors of {self.method.title} have values that are not numbers: make the gallery again."
            )
        return vectors

    @cached_property
    def index(self) -> VectorIndex:
        """The vectors for searching, checked as `vectors`."""
        return ExactIndex(self.method.metric, self.vectors)


@dataclass(eq=False, repr=False, kw_only=True)
class Gallery:
    """Pictures, labels and vectors. It does not change, and threads may share it.

    The vectors are `described` by methods, in the order in which these are offered. `preprocessing`, "photo" or
    "garment", says whether a query is described as it is or first brought into the form of Fashion-MNIST.
    """

    name: str  # as in a link
    title: str = ""  # as people read it; `name` if it is empty
    store: PictureStore  # n pictures
    described: InitVar[Sequence[MethodVectors]]
    labels: NDArray[np.int16] | None = None  # (n,), indices into `label_names`, or `UNLABELLED`
    label_names: Sequence[str] = ()
    names: Sequence[str] | None = None
    credits: Sequence[Credit | None] | None = None
    origins: Sequence[Origin] | None = None
    preprocessing: str = "photo"
    source: str = ""
    licence: str = ""
    evaluation: dict[str, Any] | None = None  # as `evaluation.evaluate` gives it
    map_positions: NDArray[np.float32] | None = None  # (n, 2)
    queries: Queries | None = None
    engine: Engine | None = None  # where the vectors are searched; without it, here
    features: FeatureTable | None = None  # what tells the very same thing
    _remote: dict[str, RemoteIndex] = field(default_factory=dict, init=False)

    def __post_init__(self, described: Sequence[MethodVectors]) -> None:
        n = self.n = len(self.store)
        parts = {"labels": self.labels, "names": self.names, "credits": self.credits, "origins": self.origins}
        for what, given in {**parts, "map positions": self.map_positions, "local features": self.features}.items():
            if given is not None and len(given) != n:
                raise GalleryError(f"The gallery has {n} pictures and {len(given)} {what}: make the gallery again.")
        if self.preprocessing not in ("photo", "garment"):
            raise GalleryError(
                f"A gallery prepares a photo or a garment, not {self.preprocessing!r}: make the gallery again."
            )
        self.title = self.title or self.name
        self.label_names = tuple(self.label_names)
        self.vote_index = None if self.features is None else VoteIndex(self.features)
        self.method_vectors = {one.method.key: one for one in described}
        self.methods: dict[str, Method] = {key: one.method for key, one in self.method_vectors.items()}
        self.garment_queries = GarmentQueries(self.labels, self.label_names, self.vectors)

    def method(self, key: str) -> Method:
        """The method of that key; GalleryError lists those that there are."""
        if key not in self.methods:
            raise GalleryError(f"The gallery {self.title} has no method {key!r}: it has {', '.join(self.methods)}.")
        return self.methods[key]

    def index(self, key: str) -> VectorIndex:
        """The vectors of a method, for searching; GalleryError if there is no such method."""
        self.method(key)
        if self.engine is None:
            return self.method_vectors[key].index
        return self._remote.setdefault(key, self.remote_index(key, self.engine.in_use()))

    def remote_index(self, key: str, engine: Engine) -> RemoteIndex:
        """The vectors of a method as an engine has them; the engine is not asked yet."""
        method, described = self.method(key), self.method_vectors[key]
        name = collection_name(self.name, key, method.fingerprint)
        # Not `described.vectors`, which reads them all.
        vectors = Vectors(described.stored, described.count_scale)
        collection = Collection(engine, name, method.metric.milvus_name, method.dimensions)
        return RemoteIndex(method.metric, vectors, collection, key)

    def search_vectors(self, key: str) -> Vectors:
        """The vectors of a method, as a metric takes them."""
        self.method(key)
        return self.method_vectors[key].vectors

    def vectors(self, key: str, which: NDArray[np.intp] | Sequence[int] | None = None) -> NDArray[np.float32]:
        """Vectors of a method, (n, d) float32, C-contiguous; of a histogram, ask only for those that are needed."""
        self.method(key)
        described = self.method_vectors[key]
        stored = described.stored if which is None else described.stored[np.asarray(which, np.intp)]
        return unpack(stored, described.count_scale)

    def picture(self, index: int) -> NDArray[np.uint8]:
        """One picture, (h, w, 3) uint8."""
        return self.store.picture(index)

    def label(self, index: int) -> str:
        """The label of a picture; empty if it has none."""
        return "" if self.labels is None else _label(self.labels, self.label_names, index)

    def file_name(self, index: int) -> str:
        """The file name of a picture, else its number."""
        return str(index) if self.names is None else self.names[index]

    def credit(self, index: int) -> Credit | None:
        """Whose picture it is, where that is known."""
        return None if self.credits is None else self.credits[index]

    def prepare(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The picture as all methods here see it: reduced, or in the form of Fashion-MNIST, as one of 28×28 is."""
        if self.preprocessing == "photo":
            return fit(picture, GALLERY_SIDE)
        if picture.shape[:2] == (SIDE, SIDE):
            return picture
        return convert(picture).result

    def describe(self, key: str, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The vector, (d,) float32, of a picture that is not prepared yet."""
        return self.describe_query(key, picture).vector

    def describe_query(
        self, key: str, picture: NDArray[np.uint8], *, conversion: Conversion | None = None
    ) -> QueryDescription:
        """A picture, (h, w, 3) uint8, as a method sees it; `conversion` is that of a photograph, if it is at hand."""
        method = self.method(key)
        if self.preprocessing == "garment" and picture.shape[:2] != (SIDE, SIDE):
            return self.garment_queries.describe(method, picture, conversion)
        prepared = self.prepare(picture)
        return QueryDescription(method.describe(prepared), prepared)

    def description(self, key: str, index: int) -> QueryDescription:
        """One of the gallery's own pictures as the gallery knows it, so that it is exactly like itself."""
        return QueryDescription(self.index(key).rows(np.array([index]))[0], self.picture(index))

    def changed(self, **parts: Any) -> "Gallery":
        """The same gallery with other figures, another map or other parts, by the names of its fields."""
        other = copy.copy(self)
        vars(other).update(parts)
        return other

    def chance_score(self, key: str) -> float | None:
        """The score at which a match is as likely wrong as right, where it was measured."""
        chance = (self.evaluation or {}).get("chance", {}).get(key)
        return None if chance is None else float(chance)


def _label(labels: NDArray[np.int16], names: Sequence[str], index: int) -> str:
    label = int(labels[index])
    return "" if label == UNLABELLED else names[label]
