"""Descriptors of many pictures → the codebook."""

import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.codebook import LEVELS, PLAIN_BYTES, WORD_BYTES, quantised, rooted

DIMENSIONS = 64
N_WORDS = 4096
_ROUNDS = 10
_SPREAD = 4.0  # standard deviations of the widest direction between 0 and the largest whole number
_ROWS = 8192
_ENOUGH = 8


def learn(descriptors: NDArray[np.uint8]) -> dict[str, NDArray[np.generic]]:
    """Learn the arguments of `Codebook`: principal directions, k-means for the words, medians for the bits.

    `descriptors` are (m, 128) uint8, of as many pictures as possible, in any order; at least `N_WORDS`.
    """
    random = np.random.default_rng(0)
    roots = rooted(descriptors)
    _, vectors = np.linalg.eigh(np.cov(roots.T, dtype=np.float64))
    projection = _whole(vectors[:, ::-1][:, :DIMENSIONS])
    values = roots @ projection
    centre = np.rint(values.mean(0))
    unit = np.full(DIMENSIONS, _SPREAD * values.std(0).max() / LEVELS, np.float32)
    points = quantised(values, centre, unit)
    directions = _directions(DIMENSIONS, 8 * PLAIN_BYTES, random)
    words = np.rint(_k_means(points, random))
    along = points @ directions
    medians = np.median(along, axis=0)
    return {
        "projection": projection.astype(np.int8),
        "centre": centre.astype(np.float32),
        "unit": unit,
        "words": words.astype(np.int8),
        "directions": directions.astype(np.int8),
        "medians": np.rint(medians).astype(np.int32),
        "word_medians": _medians_by_word(_nearest(points, words), along[:, : 8 * WORD_BYTES], medians),
    }


def learn_cells(vectors: NDArray[np.float32]) -> dict[str, NDArray[np.generic]]:
    """Learn the words of cells, and the bits within each, from vectors of whole numbers, (m, d), at least `N_WORDS`."""
    random = np.random.default_rng(0)
    directions = _directions(vectors.shape[1], 8 * WORD_BYTES, random)
    words = np.rint(_k_means(vectors, random))
    along = vectors @ directions
    return {
        "cell_words": words.astype(np.int8),
        "cell_directions": directions.astype(np.int8),
        "cell_word_medians": _medians_by_word(_nearest(vectors, words), along, np.median(along, axis=0)),
    }


def _directions(d: int, n: int, random: np.random.Generator) -> NDArray[np.float32]:
    """`n` random directions, (d, n), each d of them at right angles."""
    return _whole(np.concatenate([np.linalg.qr(each)[0] for each in random.normal(size=(n // d, d, d))], axis=1))


def _whole(matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(np.rint(matrix * (LEVELS / np.abs(matrix).max())), np.float32)


def _k_means(points: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """Lloyd's algorithm; a word that nothing belongs to stays where it is."""
    words = points[random.choice(len(points), N_WORDS, replace=False)].copy()
    for _ in range(_ROUNDS):
        nearest = _nearest(points, words)
        order = np.argsort(nearest, kind="stable")
        used, first = np.unique(nearest[order], return_index=True)
        words[used] = np.add.reduceat(points[order], first, axis=0) / np.diff(np.append(first, len(points)))[:, None]
    return words


def _nearest(points: NDArray[np.float32], words: NDArray[np.float32]) -> NDArray[np.intp]:
    half_norms = (words**2).sum(1) / 2
    parts = [points[start : start + _ROWS] for start in range(0, len(points), _ROWS)]
    return np.concatenate([(half_norms - part @ words.T).argmin(1) for part in parts])


def _medians_by_word(
    nearest: NDArray[np.intp], along: NDArray[np.float32], medians: NDArray[np.float32]
) -> NDArray[np.int32]:
    """The medians along some directions of what has each word; of all, for a word that too few have."""
    by_word = np.tile(medians[: along.shape[1]], (N_WORDS, 1))
    order = np.argsort(nearest, kind="stable")
    starts = np.searchsorted(nearest[order], np.arange(N_WORDS + 1))
    for word in range(N_WORDS):
        rows = order[starts[word] : starts[word + 1]]
        if len(rows) >= _ENOUGH:
            by_word[word] = np.median(along[rows], axis=0)
    return np.rint(by_word).astype(np.int32)
