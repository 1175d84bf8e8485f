"""Marks: a search moves towards pictures that were liked and away from others."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.gallery.garment_queries import QueryDescription
from imgsearch.methods.method import Method
from imgsearch.ranking.index import VectorIndex

_ALPHA, _BETA, _GAMMA = 1.0, 0.75, 0.25


@dataclass(frozen=True)
class Marks:
    """Pictures of a gallery that were marked: "more like this", and "not like this", which leave the ranking."""

    more: tuple[int, ...] = ()
    less: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.more or self.less)

    @classmethod
    def of(cls, gallery: Gallery, signs: Mapping[int, int]) -> "Marks":
        """Those of {index: 1 or −1} that the gallery has."""
        known = {index: sign for index, sign in sorted(signs.items()) if index < gallery.n}
        return cls(
            tuple(index for index, sign in known.items() if sign > 0),
            tuple(index for index, sign in known.items() if sign < 0),
        )

    def vectors(self, index: VectorIndex) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Those of the marked pictures, (m, d) and (j, d)."""
        more, less = (index.rows(np.array(which, np.intp)) for which in (self.more, self.less))
        return more, less

    def check(self, gallery: Gallery) -> None:
        """GalleryError if a mark is on a picture that the gallery does not have."""
        for index in (*self.more, *self.less):
            if not 0 <= index < gallery.n:
                raise GalleryError(
                    f"The gallery {gallery.title} has no picture {index} to mark: "
                    f"its {gallery.n} pictures are numbered from 0."
                )


def rocchio(
    method: Method, vector: NDArray[np.float32], more: NDArray[np.float32], less: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Move a query towards what was liked, (m, d), and away from what was not, (j, d), to a vector of the method.

    α q + β mean(more) − γ mean(less), with the usual α = 1, β = 0.75, γ = 0.25: J. J. Rocchio, *Relevance feedback in
    information retrieval*, in The SMART Retrieval System (1971).
    """
    return method.normalise(_aim(vector, more, less))


def moved(
    method: Method, query: QueryDescription, more: NDArray[np.float32], less: NDArray[np.float32], called: str
) -> QueryDescription:
    """A query's description, moved by `rocchio`; what did not come from the query's picture is `called` so.

    How much did is exact for a method that only brings vectors back to a length.
    """
    aim = _aim(query.vector, more, less)
    vector = method.normalise(aim)
    share = _ALPHA * float(np.linalg.norm(vector) / (np.linalg.norm(aim) or 1.0))
    added = {name: share * part for name, part in query.added.items()}
    return replace(query, vector=vector, added=added | {called: vector - share * query.vector})


def _aim(vector: NDArray[np.float32], more: NDArray[np.float32], less: NDArray[np.float32]) -> NDArray[np.float64]:
    aim = _ALPHA * vector.astype(np.float64)
    if len(more):
        aim += _BETA * np.mean(more, axis=0, dtype=np.float64)
    if len(less):
        aim -= _GAMMA * np.mean(less, axis=0, dtype=np.float64)
    return aim
