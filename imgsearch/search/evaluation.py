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

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch import Progress
from imgsearch.gallery.persistence import BY_METHOD, UNLABELLED, Gallery, GalleryError, Queries
from imgsearch.ranking.metrics import Metric
from imgsearch.search.judgement import judged

CUTS = (1, 5, 10)
DIGITS = 4

_THREADS = 2
_BLOCK = 256
_BLOCK_BYTES = 64 << 20


@dataclass(frozen=True)
class Evaluation:
    """Figures of one method.

    Attributes
    ----------
    queries : int
        How many queries have at least one relevant picture; the figures are means over these.
    figures : dict
        "P@1", "P@5", "P@10", "mAP" and "MAP@R", each 0 to 1.
    chance : float or None
        The score at which the best match is as likely wrong as right; None if there is no such score.
    judgement : dict or None
        As `judgement.judged` gives it.
    """

    queries: int
    figures: dict[str, float]
    chance: float | None
    judgement: dict[str, float] | None


def evaluate(
    gallery: Gallery,
    queries: Queries | None = None,
    *,
    keys: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure methods on a labelled gallery.

    Parameters
    ----------
    gallery : Gallery
    queries : Queries, optional
        Labelled pictures; without them every picture of the gallery is searched among all others.
    keys : sequence of str, optional
        The methods; all of them by default.
    progress : callable, optional
        Called with how many queries of a method are done, how many there are, and the method's key.

    Returns
    -------
    dict
        {"gallery": n, "queries": n, "methods": {key: figures}, "chance": {key: score or None},
        "judgement": {key: dict or None}}, the figures rounded to four digits.

    Raises
    ------
    GalleryError
        If the gallery has no labels, no such method, or nothing in common with the queries.
    """
    measured = {}
    for key in keys or tuple(gallery.methods):
        measured[key] = evaluate_method(gallery, key, queries, progress=progress)
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
    return {**new, **{part: {**old.get(part, {}), **new[part]} for part in BY_METHOD}}


def evaluate_method(
    gallery: Gallery, key: str, queries: Queries | None = None, *, progress: Progress | None = None
) -> Evaluation:
    """Measure one method; see `evaluate`."""
    if gallery.labels is None:
        raise GalleryError(
            f"The gallery {gallery.title} has no labels to evaluate with: make it from a folder with subfolders."
        )
    searched = gallery.search_vectors(key)
    labels = gallery.labels.astype(np.int64)
    metric = gallery.methods[key].metric
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

    values = np.empty((len(chosen), len(CUTS) + 2))
    best_scores = np.empty(len(chosen))
    best_right = np.empty(len(chosen), bool)
    absent_scores = np.empty(len(chosen))

    def measure(row: int, rank_values: NDArray[np.float64], query: int) -> None:
        relevant_ones = labels == wanted[query]
        ranking = rank(rank_values, relevant_ones, leave_out=int(own[query]))
        values[row] = _figures(ranking.relevant, int(others[query]))
        best_scores[row] = metric.score(float(rank_values[ranking.first]))
        best_right[row] = ranking.relevant[0]
        # As if the gallery had nothing of this kind.
        absent_scores[row] = metric.score(float(rank_values.max(where=~relevant_ones, initial=-np.inf)))

    block = max(1, min(_BLOCK, _BLOCK_BYTES // (8 * gallery.n)))
    with ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, len(chosen), block):
            part = chosen[start : start + block]
            values_of_part = metric.rank_values(searched, searched.rows(part) if vectors is None else vectors[part])
            deque(pool.map(measure, range(start, start + len(part)), values_of_part, part), maxlen=0)
            if progress:
                progress(start + len(part), len(chosen), key)
    names = [f"P@{k}" for k in CUTS] + ["mAP", "MAP@R"]
    figures = dict(zip(names, values.mean(axis=0).tolist(), strict=True))
    chance = chance_score(metric, best_scores, best_right)
    return Evaluation(len(chosen), figures, chance, judged(metric, best_scores, best_right, absent_scores))


@dataclass(frozen=True)
class Ranking:
    """A whole ranking, as far as figures need it.

    Attributes
    ----------
    relevant : (n,) bool, best first
    first : int, index of the best picture
    """

    relevant: NDArray[np.bool_]
    first: int


def rank(rank_values: NDArray[np.float64], relevant: NDArray[np.bool_], *, leave_out: int = -1) -> Ranking:
    """Rank by rank value, larger first, equal ones by index.

    Parameters
    ----------
    rank_values : (n,) float64
        Compared in float32, so that values that differ only by the rounding of a sum count as equal.
    relevant : (n,) bool
    leave_out : int
        Index that is not ranked; −1 for none.
    """
    # One sort of integers takes a twelfth of the time of a stable argsort, by which the 10,000 test pictures of
    # Fashion-MNIST would take minutes instead of seconds: the value so that it sorts downwards, then the index, then
    # whether it is relevant. Adding 0 makes −0 and 0 the same value.
    bits = (rank_values.astype(np.float32) + np.float32(0)).view(np.uint32)
    downwards = np.where(bits >> 31, bits, ~bits & np.uint32(0x7FFFFFFF))
    order = downwards.astype(np.uint64) << np.uint64(32)
    order |= np.arange(len(rank_values), dtype=np.uint64) << np.uint64(1)
    order |= relevant
    if leave_out >= 0:
        order[leave_out] = np.iinfo(np.uint64).max
    order.sort()
    if leave_out >= 0:
        order = order[:-1]
    first = int(order[0] & np.uint64(0xFFFFFFFF)) >> 1
    return Ranking((order & np.uint64(1)).astype(bool), first)


def average_precision(relevant: NDArray[np.bool_]) -> float:
    """Average precision of a whole ranking: (n,) bool, best first, at least one of them true."""
    ranks = np.flatnonzero(relevant) + 1
    return float((np.arange(1, len(ranks) + 1) / ranks).mean())


def map_at_r(relevant: NDArray[np.bool_], r: int) -> float:
    """MAP@R of one query: (n,) bool, best first, of which `r` in all are true."""
    ranks = np.flatnonzero(relevant[:r]) + 1
    return float((np.arange(1, len(ranks) + 1) / ranks).sum() / r)


def chance_score(metric: Metric, scores: NDArray[np.float64], right: NDArray[np.bool_]) -> float | None:
    """The score at which a match is as likely wrong as right.

    Parameters
    ----------
    metric : Metric
        Says which scores are better.
    scores : (q,) float64
        Of the best match of each query.
    right : (q,) bool
        Whether it is relevant.

    Returns
    -------
    float or None
        Going from the best score to the worst, the last one up to which right matches outnumber wrong ones
        by the most. That is where the isotonic regression of `right` on the score falls below one half.
        None if wrong ones are the majority from the start.
    """
    order = metric.order(scores)
    lead = np.cumsum(np.where(right[order], 1, -1))
    last = int(lead.argmax())
    return float(scores[order[last]]) if lead[last] > 0 else None


def _figures(relevant: NDArray[np.bool_], r: int) -> list[float]:
    precisions = [float(relevant[:k].sum() / k) for k in CUTS]
    return [*precisions, average_precision(relevant), map_at_r(relevant, r)]


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
