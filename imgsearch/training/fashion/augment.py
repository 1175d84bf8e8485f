"""Random changes to a batch of small grey pictures that leave what they show as it is."""

import numpy as np

AREA = 0.02, 0.25  # smallest and largest share of a picture that an erased rectangle covers
ASPECT = 3.0  # largest ratio of its sides


def shift(pictures: np.ndarray, rng: np.random.Generator, *, most: int) -> np.ndarray:
    """Move each picture by up to `most` pixels each way on a black ground: a random crop of the padded picture."""
    count, height, width = pictures.shape
    padded = np.pad(pictures, ((0, 0), (most, most), (most, most)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    down, across = rng.integers(0, 2 * most + 1, size=(2, count))
    shifted: np.ndarray = windows[np.arange(count), down, across]
    return shifted


def erase(pictures: np.ndarray, rng: np.random.Generator, *, probability: float) -> np.ndarray:
    """Fill a random rectangle of a share of the pictures with noise: random erasing (arXiv 1708.04896)."""
    erased = pictures.copy()
    count, height, width = pictures.shape
    for i in np.flatnonzero(rng.random(count) < probability):
        covered = rng.uniform(*AREA) * height * width
        ratio = np.exp(rng.uniform(-np.log(ASPECT), np.log(ASPECT)))
        tall = min(height, max(1, round(np.sqrt(covered * ratio))))
        wide = min(width, max(1, round(np.sqrt(covered / ratio))))
        top = rng.integers(0, height - tall + 1)
        left = rng.integers(0, width - wide + 1)
        erased[i, top : top + tall, left : left + wide] = rng.integers(0, 256, (tall, wide))
    return erased
