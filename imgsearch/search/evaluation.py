"""How good a method is on a labelled gallery: means over queries, each of which ranks the whole gallery.

A picture is *relevant* to a query if it has the same label. Precision@k is the share of relevant pictures among the
first k. mAP is the mean of the precision at the ranks of all R relevant pictures, early or late (C. D. Manning,
P. Raghavan, H. Schütze, *Introduction to Information Retrieval*, 2008, section 8.4), MAP@R that of P(i) rel(i) over
the first R ranks (K. Musgrave, S. Belongie, S.-N. Lim, *A Metric Learning Reality Check*, 2020, arXiv 2003.08505).
"""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch import Progress
from imgsearch.gallery.gallery import UNLABELLED, Gallery, GalleryError, Queries
from imgsearch.gallery.persistence import BY_METHOD
from imgsearch.ranking.metrics import Metric
from imgsearch.ranking.milvus import MOST
from imgsearch.search.judgement import judged

CUTS = (1, 5, 10)
_NAMES = (*(f"P@{k}" for k in CUTS), "mAP", "MAP@R")
_DIGITS = 4
_THREADS = 2
_BLOCK = 256
_BLOCK_BYTES = 64 << 20

_Row = tuple[list[float], float, bool, float]
"""Of one query its figures, its best score, whether that is relevant, and the best score of another kind."""


def evaluate(
    gallery: Gallery,
    queries: Queries | None = None,
    *,
    keys: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure the methods on a labelled gallery, or some of them.

    Without labelled `queries`, every picture of the gallery is searched among all others. GalleryError if the gallery
    has no labels, no such method, or nothing in common with the queries. Returns {"gallery": n, "queries": n,
    "methods": {key: figures}, "chance": {key: score or None}, "judgement": {key: dict or None}}.
    """
    task = _task(gallery, queries)
    found: dict[str, Any] = {"gallery": gallery.n, "queries": len(task.chosen)} | {part: {} for part in BY_METHOD}
    for key in keys or tuple(gallery.methods):
        vectors = None if queries is None else _described(gallery, key, queries, progress)
        measure = _by_whole_rankings if gallery.engine is None else _by_nearest
        rows = zip(*measure(gallery, key, task, vectors, progress), strict=True)
        values, best_scores, best_right, absent_scores = (np.array(column) for column in rows)
        means = zip(_NAMES, values.mean(axis=0).tolist(), strict=True)
        metric = gallery.methods[key].metric
        found["methods"][key] = {name: round(mean, _DIGITS) for name, mean in means if not math.isnan(mean)}
        found["chance"][key] = chance_score(metric, best_scores, best_right)
        found["judgement"][key] = judged(metric, best_scores, best_right, absent_scores)
    return found


def merged(old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """The figures of `new`, and for methods that are not in it those of `old`, if both are of the same queries."""
    if old is None or any(old.get(part) != new[part] for part in ("gallery", "queries")):
        return new
    parts = {part: {**old.get(part, {}), **new[part]} for part in BY_METHOD}
    # Without the vectors, mAP is not measured: it stays if it is known.
    for key, figures in new["methods"].items():
        parts["methods"][key] = {**old.get("methods", {}).get(key, {}), **figures}
    return {**new, **parts}


@dataclass(frozen=True)
class _Task:
    """What a gallery is measured with."""

    labels: NDArray[np.int64]  # (n,), of the gallery
    wanted: NDArray[np.int64]  # (q,), labels of the queries
    own: NDArray[np.int64]  # (q,), their places in the gallery, −1 for none
    others: NDArray[np.int64]  # (q,), how many relevant pictures they have
    chosen: NDArray[np.intp]  # (c,), queries that have any


def _task(gallery: Gallery, queries: Queries | None) -> _Task:
    if gallery.labels is None:
        raise GalleryError(
            f"The gallery {gallery.title} has no labels to evaluate with: make it from a folder with subfolders."
        )
    labels = gallery.labels.astype(np.int64)
    wanted = labels if queries is None else _same_numbers(queries, gallery.label_names)
    own = np.arange(gallery.n) if queries is None else np.full(queries.n, -1)
    relevant = np.bincount(labels[labels != UNLABELLED], minlength=len(gallery.label_names))
    # A query does not find itself, and measures nothing if no other picture has its label.
    others = np.where(wanted == UNLABELLED, 0, relevant[wanted] - (own >= 0))
    chosen = np.flatnonzero(others > 0)
    if not len(chosen):
        raise GalleryError(f"None of the queries has a label that the gallery {gallery.title} has.")
    return _Task(labels, wanted, own, others, chosen)


def _by_whole_rankings(
    gallery: Gallery, key: str, task: _Task, vectors: NDArray[np.float32] | None, progress: Progress | None
) -> Iterator[_Row]:
    """A row for each chosen query; `vectors` are those of the queries, (q, d), if these are not the gallery's own."""
    searched, metric, chosen = gallery.search_vectors(key), gallery.method(key).metric, task.chosen

    def measured(rank_values: NDArray[np.float64], query: int) -> _Row:
        is_relevant = task.labels == task.wanted[query]
        relevant, first = rank(rank_values, is_relevant, leave_out=int(task.own[query]))
        figures = [*precisions(relevant), average_precision(relevant), map_at_r(relevant, int(task.others[query]))]
        # As if the gallery had nothing of this kind.
        absent = float(rank_values.max(where=~is_relevant, initial=-np.inf))
        return figures, metric.score(float(rank_values[first])), bool(relevant[0]), metric.score(absent)

    block = max(1, min(_BLOCK, _BLOCK_BYTES // (8 * gallery.n)))
    with ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, len(chosen), block):
            part = chosen[start : start + block]
            rank_values = metric.rank_values(searched, searched.rows(part) if vectors is None else vectors[part])
            yield from pool.map(measured, rank_values, part)
            if progress:
                progress(start + len(part), len(chosen), key)


def _by_nearest(
    gallery: Gallery, key: str, task: _Task, vectors: NDArray[np.float32] | None, progress: Progress | None
) -> Iterator[_Row]:
    """From the nearest alone, as an engine gives them: without mAP, and without MAP@R beyond its limit."""
    index, metric = gallery.index(key), gallery.methods[key].metric
    for done, query in enumerate(task.chosen.tolist(), start=1):
        r, own = int(task.others[query]), int(task.own[query])
        # One more than are relevant: the best of another kind is among them.
        depth = min(max(*CUTS, r + 1) + (own >= 0), gallery.n, MOST)
        nearest = index.nearest(index.rows(np.array([query]))[0] if vectors is None else vectors[query], depth)
        kept = nearest.indices != own
        scores, relevant = nearest.scores[kept], task.labels[nearest.indices[kept]] == task.wanted[query]
        at_r = map_at_r(relevant, r) if r <= len(relevant) else math.nan
        absent = metric.score(-np.inf) if relevant.all() else float(scores[relevant.argmin()])
        yield [*precisions(relevant), math.nan, at_r], float(scores[0]), bool(relevant[0]), absent
        if progress:
            progress(done, len(task.chosen), key)


def _described(gallery: Gallery, key: str, queries: Queries, progress: Progress | None) -> NDArray[np.float32]:
    method = gallery.method(key)
    vectors = np.empty((queries.n, method.dimensions), np.float32)
    for index in range(queries.n):
        vectors[index] = gallery.describe(key, queries.picture(index))
        if progress and index % 100 == 99:
            progress(index + 1, queries.n, f"{key}: describing")
    return vectors


def _same_numbers(queries: Queries, label_names: Sequence[str]) -> NDArray[np.int64]:
    """The queries' labels as numbers of the gallery's labels, by name."""
    number = {name: index for index, name in enumerate(label_names)}
    table = np.array([number.get(name, UNLABELLED) for name in queries.label_names] + [UNLABELLED], np.int64)
    return table[queries.labels]


class Ranking(NamedTuple):
    """A ranking, as far as figures need it."""

    relevant: NDArray[np.bool_]  # (n,), best first
    first: int  # index of the best


def rank(rank_values: NDArray[np.float64], relevant: NDArray[np.bool_], *, leave_out: int = -1) -> Ranking:
    """Rank by rank value, larger first, equal ones by index, without the picture `leave_out`.

    Values are compared in float32, so that those that differ only by the rounding of a sum count as equal.
    """
    # A quarter of the time of a stable argsort, minutes over the test pictures of Fashion-MNIST: bits that order as the
    # values do, above the index. Subtracting from 0 makes −0 and 0 the same value.
    bits = (np.float32(0) - rank_values.astype(np.float32)).view(np.int32)
    order = (bits ^ (bits >> 31 & 0x7FFFFFFF)).astype(np.int64) << 32 | np.arange(len(bits))
    order.sort()
    order &= 0xFFFFFFFF
    order = order[order != leave_out]
    return Ranking(relevant[order], int(order[0]))


def average_precision(relevant: NDArray[np.bool_]) -> float:
    """Average precision of a whole ranking: (n,) bool, best first, at least one of them true."""
    ranks = np.flatnonzero(relevant) + 1
    return float((np.arange(1, len(ranks) + 1) / ranks).mean())


def map_at_r(relevant: NDArray[np.bool_], r: int) -> float:
    """MAP@R of one query: (n,) bool, best first, of which `r` in all are true."""
    ranks = np.flatnonzero(relevant[:r]) + 1
    return float((np.arange(1, len(ranks) + 1) / ranks).sum() / r)


def chance_score(metric: Metric, scores: NDArray[np.float64], right: NDArray[np.bool_]) -> float | None:
    """The score at which a best match is as likely wrong as right: (q,) scores, and whether each is relevant.

    Going from the best score to the worst, the last one up to which right matches outnumber wrong ones by the most.
    That is where the isotonic regression of `right` on the score falls below one half. None if wrong ones are the
    majority from the start.
    """
    order = metric.order(scores)
    lead = np.cumsum(np.where(right[order], 1, -1))
    last = int(lead.argmax())
    return float(scores[order[last]]) if lead[last] > 0 else None


def precisions(relevant: NDArray[np.bool_]) -> list[float]:
    """Precision@k for each k of `CUTS`: (m,) bool, best first."""
    return [float(relevant[:k].sum() / k) for k in CUTS]
