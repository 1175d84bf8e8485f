"""A two-dimensional map of vectors that keeps neighbours together."""

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import Gallery
from imgsearch.ranking.vectors import Vectors

_LANDMARKS = 1500
_PERPLEXITY = 30.0
_STEPS = 400
_EXAGGERATED_STEPS = 100
_EXAGGERATION = 12.0
_NEIGHBOURS = 5
_ROWS = 4096
_SEED = 0


def with_map(gallery: Gallery) -> Gallery:
    """Lay out the map of a gallery, by its last method, which knows most; one that has a map stays as it is."""
    if gallery.map_positions is not None:
        return gallery
    return gallery.changed(map_positions=tsne(gallery.search_vectors(next(reversed(gallery.methods)))))


def tsne(vectors: Vectors) -> NDArray[np.float32]:
    """Lay n vectors out on a plane, (n, 2) float32; the farthest coordinate from the centre is 1.

    A sample of landmarks is laid out by t-SNE (L. van der Maaten, G. Hinton, JMLR 9, 2008), starting from the two
    principal components; every other vector comes to lie among the landmarks that are nearest to it.
    """
    n = len(vectors)
    if n <= 3:
        return np.array([[0, 0], [1, 0], [-1, 0]], np.float32)[:n]
    random = np.random.default_rng(_SEED)
    chosen = np.sort(random.choice(n, min(n, _LANDMARKS), replace=False))
    landmarks = vectors.rows(chosen)
    placed = _embedded(landmarks)
    result = np.empty((n, 2), np.float32)
    between = _squared_distances(placed, placed)
    np.fill_diagonal(between, np.inf)
    spread = float(np.sqrt(np.median(between.min(axis=1))))  # a typical step from one landmark to the next
    for start in range(0, n, _ROWS):
        result[start : start + _ROWS] = _among(vectors.rows(slice(start, start + _ROWS)), landmarks, placed)
    others = np.ones(n, bool)
    others[chosen] = False
    # Where many vectors lie among the same landmarks they would hide each other.
    result[others] += random.normal(0, spread / 2, (int(others.sum()), 2)).astype(np.float32)
    result[chosen] = placed
    result -= result.mean(axis=0)
    return np.asarray(result / max(float(np.abs(result).max()), 1e-12), np.float32)


def _embedded(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """t-SNE of a few vectors, all against all."""
    n = len(vectors)
    joint = _affinities(_squared_distances(vectors, vectors))
    places = _principal(vectors)
    places *= 1e-2 / max(float(places.std()), 1e-12)
    velocity = np.zeros_like(places)
    # After A. Belkina et al., Nature Communications 10 (2019), 5415. A floor, as is usual, scatters few vectors.
    rate = n / _EXAGGERATION
    for step in range(_STEPS):
        early = step < _EXAGGERATED_STEPS
        near = 1 / (1 + _squared_distances(places, places))
        np.fill_diagonal(near, 0)
        pull = joint * (_EXAGGERATION if early else 1.0) - near / near.sum()
        pull *= near
        gradient = 4 * (pull.sum(axis=1, keepdims=True) * places - pull @ places)
        velocity = (0.5 if early else 0.8) * velocity - rate * gradient
        places = places + velocity
    return np.asarray(places, np.float32)


def _affinities(squared: NDArray[np.float32]) -> NDArray[np.float32]:
    """Joint probabilities of neighbours, every row with the same perplexity, by bisection."""
    n = len(squared)
    target = np.log(min(_PERPLEXITY, (n - 1) / 3))
    squared = squared / max(float(squared.mean()), 1e-12)
    low, high = np.full(n, 1e-4), np.full(n, 1e7)
    for _ in range(50):
        precision = np.sqrt(low * high)
        exponent = squared * -precision[:, None].astype(np.float32)
        np.fill_diagonal(exponent, -np.inf)
        conditional = np.exp(exponent - exponent.max(axis=1, keepdims=True))
        conditional /= conditional.sum(axis=1, keepdims=True)
        entropy = -np.sum(conditional * np.log(np.maximum(conditional, 1e-30)), axis=1)
        wide = entropy > target
        low, high = np.where(wide, precision, low), np.where(wide, high, precision)
    joint = conditional + conditional.T
    return np.asarray(joint / joint.sum(), np.float32)


def _among(
    vectors: NDArray[np.float32], landmarks: NDArray[np.float32], placed: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Mean place of the nearest landmarks, nearer ones counting more."""
    squared = _squared_distances(vectors, landmarks)
    count = min(_NEIGHBOURS, len(landmarks))
    nearest = np.argpartition(squared, count - 1, axis=1)[:, :count]
    distances = np.take_along_axis(squared, nearest, axis=1)
    weights = 1 / (distances + 1e-6 + 0.1 * distances.mean(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("nk,nkc->nc", weights, placed[nearest]), np.float32)


def _principal(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The two principal components; each looks in the direction of its largest value."""
    centred = vectors - vectors.mean(axis=0)
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    places = np.zeros((len(vectors), 2), np.float32)
    width = min(2, len(singular))
    places[:, :width] = left[:, :width] * singular[:width]
    largest = places[np.abs(places).argmax(axis=0), [0, 1]]
    return np.asarray(places * np.where(largest < 0, -1, 1), np.float32)


def _squared_distances(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    squared: NDArray[np.float32] = -2 * (a @ b.T)
    squared += np.einsum("nd,nd->n", a, a)[:, None]
    squared += np.einsum("nd,nd->n", b, b)
    np.maximum(squared, 0, out=squared)
    return squared
