"""One query, one gallery, one method → ranked matches with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.persistence import Gallery
from imgsearch.methods.registry import Method
from imgsearch.ranking.vectors import Vectors

_ALPHA, _BETA, _GAMMA = 1.0, 0.75, 0.25
_GLANCE = 16
_LOSS = 24.0


class Match(NamedTuple):
    """One picture of the gallery, as the query finds it.

    Attributes
    ----------
    rank : int, 1 for the best
    index : int, of the picture in the gallery
    label, name : str, empty label if it has none
    score : float, in the unit of the method's metric
    closer_than : float
        Share of the gallery, 0 to 1, that is a worse match than this one.
    identical : bool
        Whether it is the query itself.
    """

    rank: int
    index: int  # type: ignore[assignment]  # a field in the place of the method of every tuple
    label: str
    name: str
    score: float
    closer_than: float
    identical: bool


@dataclass(frozen=True)
class Result:
    """What a search found.

    Attributes
    ----------
    method : Method
    matches : tuple of Match, best first, ties by lower index
    vector : (d,) float32, the query as the method sees it
    seconds : {"describe": float, "search": float}
    convincing : bool
        False if even the best match is more likely wrong than right.
    added : mapping of name to (d,) array
        What of `vector` did not come from the query's picture, such as marks, for `explanations.Side`.
    """

    method: Method
    matches: tuple[Match, ...]
    vector: NDArray[np.float32]
    seconds: dict[str, float]
    convincing: bool
    searched: Vectors = field(repr=False)
    added: Mapping[str, NDArray[np.floating]] = field(default_factory=dict)

    @cached_property
    def scores(self) -> NDArray[np.float32]:
        """The score of every picture of the gallery, (n,) float32; worked out when first asked for."""
        scores = self.method.metric.scores(self.searched, self.vector)
        scores[[match.index for match in self.matches]] = [match.score for match in self.matches]
        return scores


def search(gallery: Gallery, key: str, picture: NDArray[np.uint8], *, k: int = 10) -> Result:
    """Find the pictures of a gallery that look like a picture.

    Parameters
    ----------
    gallery : Gallery
    key : str
        Of one of the gallery's methods.
    picture : (h, w, 3) uint8
        Not prepared yet: the gallery brings it into the form that its methods know.
    k : int
        How many matches, at least 1; a gallery with fewer pictures gives them all.

    Raises
    ------
    GalleryError
        If the gallery has no such method.
    """
    started = perf_counter()
    prepared = gallery.prepare(picture)
    vector = gallery.method(key).describe(prepared)
    seconds = perf_counter() - started
    return search_vector(gallery, key, vector, k=k, describe_seconds=seconds, picture=prepared)


def search_vector(
    gallery: Gallery,
    key: str,
    vector: NDArray[np.float32],
    *,
    k: int = 10,
    describe_seconds: float = 0.0,
    picture: NDArray[np.uint8] | None = None,
    added: Mapping[str, NDArray[np.floating]] | None = None,
) -> Result:
    """Find the pictures of a gallery whose vectors are nearest to a vector.

    Parameters
    ----------
    gallery : Gallery
    key : str
        Of one of the gallery's methods.
    vector : (d,) float32
    k : int
        How many matches, at least 1.
    describe_seconds : float
        How long it took to make the vector, for `Result.seconds`.
    picture : (h, w, 3) uint8, optional
        The prepared query, to tell an exact copy from a picture that merely has the same vector.
    added : mapping of name to (d,) array, optional
        What of `vector` did not come from that picture.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    method = gallery.method(key)
    started = perf_counter()
    searched = gallery.search_vectors(key)
    nearest = method.metric.nearest(searched, vector, k)
    n, perfect = gallery.n, method.metric.is_exact
    best = zip(nearest.indices.tolist(), nearest.scores.tolist(), nearest.n_worse.tolist(), strict=True)
    matches = tuple(
        [
            Match(
                rank,
                index,
                gallery.label(index),
                gallery.file_name(index),
                score,
                n_worse / n,
                perfect(score) and picture is not None and _look_the_same(picture, gallery.picture(index)),
            )
            for rank, (index, score, n_worse) in enumerate(best, start=1)
        ]
    )
    chance = gallery.chance_score(key)
    convincing = bool(matches) and (chance is None or method.metric.at_least(matches[0].score, chance))
    seconds = {"describe": describe_seconds, "search": perf_counter() - started}
    return Result(method, matches, vector, seconds, convincing, searched, added or {})


def rocchio(vector: NDArray[np.float32], more: NDArray[np.float32], less: NDArray[np.float32]) -> NDArray[np.float32]:
    """Move a query towards what was liked and away from what was not.

    J. J. Rocchio, *Relevance feedback in information retrieval*, in The SMART Retrieval System (1971):
    α q + β mean(more) − γ mean(less), with the usual α = 1, β = 0.75, γ = 0.25. The result is brought back
    to the length of the query, so that a unit vector stays one.

    Parameters
    ----------
    vector : (d,) float32
    more, less : (m, d) and (j, d) float32, either may have no rows

    Returns
    -------
    (d,) float32
    """
    aim = _aim(vector, more, less)
    length = float(np.linalg.norm(aim))
    if length == 0.0:
        return vector.copy()
    return (aim * (float(np.linalg.norm(vector)) / length)).astype(np.float32)


def part_of_marks(
    vector: NDArray[np.float32], more: NDArray[np.float32], less: NDArray[np.float32]
) -> NDArray[np.float64]:
    """What the marked pictures put into the vector that `rocchio` gives; the rest is a multiple of `vector`.

    Parameters
    ----------
    vector, more, less
        As for `rocchio`.

    Returns
    -------
    (d,) float64
    """
    aim = _aim(vector, more, less)
    length = float(np.linalg.norm(aim))
    if length == 0.0:
        return np.zeros(len(vector))
    return (aim - _ALPHA * vector.astype(np.float64)) * (float(np.linalg.norm(vector)) / length)


def _aim(vector: NDArray[np.float32], more: NDArray[np.float32], less: NDArray[np.float32]) -> NDArray[np.float64]:
    aim = _ALPHA * vector.astype(np.float64)
    if len(more):
        aim += _BETA * np.mean(more, axis=0, dtype=np.float64)
    if len(less):
        aim -= _GAMMA * np.mean(less, axis=0, dtype=np.float64)
    return aim


def _look_the_same(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Whether two pictures are the same but for their size and the loss of an encoder."""
    glances = _glance(one), _glance(other)
    if glances[0].shape != glances[1].shape:
        return False
    return bool(np.abs(glances[0] - glances[1]).max() <= _LOSS)


def _glance(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The mean colours of a coarse grid of cells, (g, g, 3) float64."""
    rows = np.linspace(0, picture.shape[0], min(_GLANCE, picture.shape[0]) + 1).astype(int)[:-1]
    columns = np.linspace(0, picture.shape[1], min(_GLANCE, picture.shape[1]) + 1).astype(int)[:-1]
    sums = np.add.reduceat(np.add.reduceat(picture.astype(np.float64), rows, axis=0), columns, axis=1)
    heights = np.diff(np.append(rows, picture.shape[0]))
    widths = np.diff(np.append(columns, picture.shape[1]))
    return np.asarray(sums / (heights[:, None, None] * widths[None, :, None]))
