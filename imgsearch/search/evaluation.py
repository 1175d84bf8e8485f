"""How good a method is on a labelled gallery: precision@k, average precision, MAP@R.

A picture is *relevant* to a query if it has the same label. Over the ranking of the whole gallery:

precision@k
    The share of relevant pictures among the first k.
mAP
    Mean over the queries of average precision: the mean, over all R relevant pictures of the gallery, of the
    precision at the rank of each (C. D. Manning, P. Raghavan, H. Schütze, *Introduction to Information
    Retrieval*, 2008, section 8.4). It is divided by all relevant pictures, not by those found early.
MAP@R
    Mean over the queries of (1/R) Σ P(i) rel(i) over the first R ranks (K. Musgrave, S. Belongie, S.-N. Lim,
    *A Metric Learning Reality Check*, 2020, arXiv 2003.08505).

Equal scores are ranked by index, as in a search.
"""

import math
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgsearch import Progress
from imgsearch.gallery.gallery import UNLABELLED, Gallery, GalleryError, Queries
from imgsearch.gallery.persistence import BY_METHOD
from imgsearch.ranking.milvus import MOST
from imgsearch.search.figures import CUTS, average_precision, chance_score, map_at_r, precisions, rank
from imgsearch.search.judgement import judged

DIGITS = 4

_THREADS = 2
_BLOCK = 256
_BLOCK_BYTES = 64 << 20


@dataclass(frozen=True)
class Evaluation:
    """Figures of one method, means over the queries that have a relevant picture; see `evaluate`."""

    queries: int
    figures: dict[str, float]
    chance: float | None  # the score at which the best match is as likely wrong as right
    judgement: dict[str, float] | None  # as `judged` gives it


def evaluate(
    gallery: Gallery,
    queries: Queries | None = None,
    *,
    keys: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure the methods on a labelled gallery, or some of them.

    Without labelled `queries`, every picture of the gallery is searched among all others. GalleryError if the gallery
    has no labels, no such method, or nothing in common with the queries.

    Returns
    -------
    dict
        {"gallery": n, "queries": n, "methods": {key: figures}, "chance": {key: score or None},
        "judgement": {key: dict or None}}, the figures rounded to four digits.
    """
    measured = {}
    for key in keys or tuple(gallery.methods):
        measured[key] = evaluate_method(gallery, key, queries, progress)
    return {
        "gallery": gallery.n,
        "queries": max(evaluation.queries for evaluation in measured.values()),
        "methods": {
            key: {name: round(figure, DIGITS) for name, figure in evaluation.figures.items()}
            for key, evaluation in measured.items()
        },
        "chance": {key: evaluation.chance for key, evaluation in measured.items()},
        "judgement": {key: evaluation.judgement for key, evaluation in measured.items()},
    }


def merged(old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """The figures of `new`, and for methods that are not in it those of `old`, if both are of the same queries."""
    if old is None or any(old.get(part) != new[part] for part in ("gallery", "queries")):
        return new
    parts = {part: {**old.get(part, {}), **new[part]} for part in BY_METHOD}
    # Without the vectors, mAP is not measured: it stays if it is known.
    for key, figures in new["methods"].items():
        parts["methods"][key] = {**old.get("methods", {}).get(key, {}), **figures}
    return {**new, **parts}


def evaluate_method(gallery: Gallery, key: str, queries: Queries | None, progress: Progress | None) -> Evaluation:
    """Measure one method; see `evaluate`."""
    if gallery.labels is None:
        raise GalleryError(
            f"The gallery {gallery.title} has no labels to evaluate with: make it from a folder with subfolders."
        )
    labels = gallery.labels.astype(np.int64)
    vectors: NDArray[np.float32] | None
    if queries is None:
        vectors, wanted, own = None, labels, np.arange(gallery.n)
    else:
        vectors = _described(gallery, key, queries, progress)
        wanted = _same_numbers(queries, gallery.label_names)
        own = np.full(queries.n, -1)
    relevant = np.bincount(labels[labels != UNLABELLED], minlength=len(gallery.label_names))
    # A query does not find itself, and measures nothing if no other picture has its label.
    others = np.where(wanted == UNLABELLED, 0, relevant[wanted] - (own >= 0))
    chosen = np.flatnonzero(others > 0)
    if not len(chosen):
        raise GalleryError(f"None of the queries has a label that the gallery {gallery.title} has.")

    task = _Task(labels, vectors, wanted, own, others, chosen)
    measured = _by_whole_rankings if gallery.engine is None else _by_nearest
    values, best_scores, best_right, absent_scores = measured(gallery, key, task, progress)
    names = [f"P@{k}" for k in CUTS] + ["mAP", "MAP@R"]
    means = dict(zip(names, values.mean(axis=0).tolist(), strict=True))
    figures = {name: figure for name, figure in means.items() if not math.isnan(figure)}
    metric = gallery.methods[key].metric
    chance = chance_score(metric, best_scores, best_right)
    return Evaluation(len(chosen), figures, chance, judged(metric, best_scores, best_right, absent_scores))


@dataclass(frozen=True)
class _Task:
    """What a method is measured with."""

    labels: NDArray[np.int64]  # (n,), of the gallery
    vectors: NDArray[np.float32] | None  # (q, d), of the queries; None where these are the gallery's own
    wanted: NDArray[np.int64]  # (q,), labels of the queries
    own: NDArray[np.int64]  # (q,), their places in the gallery, −1 for none
    others: NDArray[np.int64]  # (q,), how many relevant pictures they have
    chosen: NDArray[np.intp]  # (c,), queries that have any


class _Measured(NamedTuple):
    """Of each query its figures, its best score, whether that is relevant, and the best score of another kind."""

    values: NDArray[np.float64]
    best_scores: NDArray[np.float64]
    best_right: NDArray[np.bool_]
    absent_scores: NDArray[np.float64]

    @classmethod
    def of(cls, count: int) -> "_Measured":
        """Room for so many queries."""
        values = np.full((count, len(CUTS) + 2), np.nan)
        return cls(values, np.empty(count), np.empty(count, bool), np.empty(count))


def _by_whole_rankings(gallery: Gallery, key: str, task: _Task, progress: Progress | None) -> _Measured:
    searched, metric, chosen = gallery.search_vectors(key), gallery.methods[key].metric, task.chosen
    measured = _Measured.of(len(chosen))

    def measure(row: int, rank_values: NDArray[np.float64], query: int) -> None:
        relevant_ones = task.labels == task.wanted[query]
        ranking = rank(rank_values, relevant_ones, leave_out=int(task.own[query]))
        r = int(task.others[query])
        measured.values[row] = [
            *precisions(ranking.relevant),
            average_precision(ranking.relevant),
            map_at_r(ranking.relevant, r),
        ]
        measured.best_scores[row] = metric.score(float(rank_values[ranking.first]))
        measured.best_right[row] = ranking.relevant[0]
        # As if the gallery had nothing of this kind.
        measured.absent_scores[row] = metric.score(float(rank_values.max(where=~relevant_ones, initial=-np.inf)))

    block = max(1, min(_BLOCK, _BLOCK_BYTES // (8 * gallery.n)))
    with ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, len(chosen), block):
            part = chosen[start : start + block]
            vectors = searched.rows(part) if task.vectors is None else task.vectors[part]
            values_of_part = metric.rank_values(searched, vectors)
            deque(pool.map(measure, range(start, start + len(part)), values_of_part, part), maxlen=0)
            if progress:
                progress(start + len(part), len(chosen), key)
    return measured


def _by_nearest(gallery: Gallery, key: str, task: _Task, progress: Progress | None) -> _Measured:
    """From the nearest alone, as an engine gives them: without mAP, and without MAP@R beyond its limit."""
    index, metric, chosen = gallery.index(key), gallery.methods[key].metric, task.chosen
    measured = _Measured.of(len(chosen))
    for row, query in enumerate(chosen.tolist()):
        r, own = int(task.others[query]), int(task.own[query])
        # One more than are relevant: the best of another kind is among them.
        depth = min(max(*CUTS, r + 1) + (own >= 0), gallery.n, MOST)
        vector = index.rows(np.array([query]))[0] if task.vectors is None else task.vectors[query]
        nearest = index.nearest(vector, depth)
        kept = nearest.indices != own
        scores, relevant = nearest.scores[kept], task.labels[nearest.indices[kept]] == task.wanted[query]
        measured.values[row, : len(CUTS)] = precisions(relevant)
        if r <= len(relevant):
            measured.values[row, -1] = map_at_r(relevant, r)
        measured.best_scores[row], measured.best_right[row] = scores[0], relevant[0]
        nothing = metric.score(-np.inf)
        measured.absent_scores[row] = nothing if relevant.all() else scores[int(relevant.argmin())]
        if progress:
            progress(row + 1, len(chosen), key)
    return measured


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
