"""What the photo network, the garment head and the colour histograms are worth, measured."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imgsearch.gallery.persistence import Gallery
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import Picture
from imgsearch.methods.garment_conversion import to_fashion
from imgsearch.methods.garment_head import Guess, class_centres, place
from imgsearch.methods.histogram import ColourHistogram
from imgsearch.methods.registry import photo_methods
from imgsearch.methods.siamese import Siamese
from imgsearch.ranking.metrics import Metric
from imgsearch.ranking.vectors import Vectors
from imgsearch.search.figures import average_precision, rank
from imgsearch.training.photos.garment_head import RIGHT, Lessons, fit_head, right_kinds

TWINS = 200
FOLDS = 5

COLOURS: tuple[ColourHistogram, ...] = (
    *(method for method in photo_methods(["histogram", "histogram-grid"]) if isinstance(method, ColourHistogram)),
    ColourHistogram(root=True),
    ColourHistogram(space="hsv", bins=(8, 12, 3)),
    ColourHistogram(space="lab", bins=(6, 6, 6)),
    ColourHistogram(space="lab", bins=(6, 6, 6), root=True),
    ColourHistogram(space="rgb", bins=(6, 6, 6), grid=4, root=True),
    ColourHistogram(space="hsv", bins=(8, 6, 3), grid=3, root=True),
    ColourHistogram(space="hsv", bins=(8, 6, 3), grid=4, root=True),
    ColourHistogram(space="lab", bins=(6, 6, 6), grid=3, root=True),
    ColourHistogram(space="lab", bins=(6, 6, 6), grid=4),
    ColourHistogram(space="lab", bins=(6, 6, 6), grid=4, root=True),
    ColourHistogram(space="lab", bins=(6, 6, 6), grid=5, root=True),
    ColourHistogram(space="lab", bins=(8, 8, 8), grid=4, root=True),
)


def leave_one_out(metric: Metric, vectors: NDArray[np.float32], labels: NDArray[np.str_]) -> dict[str, float]:
    """Each picture searched among all others: P@1, P@10 and mAP.

    A picture whose label no other has measures nothing.
    """
    searched = Vectors(np.ascontiguousarray(vectors, np.float32))
    values = []
    for i, label in enumerate(labels):
        relevant = labels == label
        if relevant.sum() < 2:
            continue
        values_of_query = metric.rank_values(searched, searched.rows(slice(i, i + 1)))[0]
        ranking = rank(values_of_query, relevant, leave_out=i).relevant
        values.append((ranking[0], ranking[:10].mean(), average_precision(ranking)))
    return dict(zip(("P@1", "P@10", "mAP"), np.mean(values, axis=0).tolist(), strict=True))


# ---- twins


def _file(picture: Picture, quality: int, orientation: int = 1) -> bytes:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(picture).save(stream, "JPEG", quality=quality, exif=exif)
    return stream.getvalue()


def _rotated(picture: Picture) -> Picture:
    # Lying on its side in the file, with the note (6) that it has to be turned clockwise.
    return read_picture(_file(np.ascontiguousarray(np.rot90(picture)), 90, orientation=6))


def _half(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    return np.asarray(Image.fromarray(picture).resize((max(1, width // 2), max(1, height // 2))))


def _cropped(picture: Picture) -> Picture:
    """10 % of each side cut off at the top left."""
    height, width = picture.shape[:2]
    return np.ascontiguousarray(picture[round(0.1 * height) :, round(0.1 * width) :])


ALTERATIONS: dict[str, Callable[[Picture], Picture]] = {
    "rotated by EXIF": _rotated,
    "recompressed at quality 40": lambda picture: read_picture(_file(picture, 40)),
    "half the size": _half,
    "cropped by 10 %": _cropped,
    "mirrored": lambda picture: np.ascontiguousarray(picture[:, ::-1]),
}


def twins(method: Siamese, paths: Sequence[Path], vectors: NDArray[np.float32]) -> dict[str, float]:
    """Share of altered pictures whose original is their best match among all `vectors` of `paths`."""
    chosen = np.random.default_rng(0).permutation(len(paths))[:TWINS]
    found = dict.fromkeys(ALTERATIONS, 0)
    for i in chosen:
        picture = read_picture(paths[i])
        for name, alter in ALTERATIONS.items():
            found[name] += int((vectors @ method.describe(alter(picture))).argmax() == i)
    return {name: count / len(chosen) for name, count in found.items()}


# ---- garments in the Fashion gallery


def guesses_left_out(lessons: Lessons, names: NDArray[np.str_]) -> dict[str, Guess]:
    """What the head says of every garment when it was trained on the other folds: name → guess."""
    own = np.flatnonzero(lessons.is_garment)
    fold = np.full(len(lessons.embeddings), -1)
    fold[own] = np.random.default_rng(0).permutation(len(own)) % FOLDS
    said: dict[str, Guess] = {}
    for left_out in range(FOLDS):
        head = fit_head(lessons.subset(fold != left_out))
        for row in np.flatnonzero(fold == left_out):
            said[str(names[row])] = head.guess(lessons.embeddings[row])
    return said


def fashion_share(
    fashion: Gallery,
    names: Sequence[str],
    guesses: Iterable[Guess] | None,
    converted: NDArray[np.float32] | None,
    **placing: float,
) -> dict[str, float]:
    """Share of the first ten matches in the Fashion gallery that are of a right kind, by folder and in all.

    Parameters
    ----------
    fashion : Gallery
        With the Siamese network's vectors.
    names : sequence of str
        ``garments/FOLDER/FILE``
    guesses : iterable of Guess, or None for the converted pictures alone
    converted : (n, d) float32 or None
        Unit embeddings of the garments' conversions.
    """
    assert fashion.labels is not None
    vectors = fashion.vectors("siamese")
    centres = class_centres(vectors, fashion.labels)
    folders = np.array([name.split("/")[-2] for name in names])
    right = right_kinds(folders)
    given = list(guesses) if guesses is not None else [None] * len(names)
    share = np.empty(len(names))
    for i, guess in enumerate(given):
        own = None if converted is None else converted[i]
        query = own if guess is None else place(guess, centres, own, **placing)
        assert query is not None
        first = np.argpartition(-(vectors @ query), 10)[:10]
        share[i] = right[i, fashion.labels[first]].mean()
    figures = {folder: float(share[folders == folder].mean()) for folder in RIGHT}
    return {**figures, "all": float(share.mean())}


def convert_all(method: Siamese, data: Path, names: Sequence[str], cache: Path) -> NDArray[np.float32]:
    """Unit embeddings by the fashion network of garments converted to 28×28, (n, d), kept on disk."""
    kept = cache / f"converted-{method.fingerprint}.npz"
    if kept.exists():
        with np.load(kept) as file:
            if np.array_equal(file["names"], np.array(names)):
                return np.asarray(file["vectors"])
    vectors = np.stack([method.describe(to_fashion(read_picture(data / name))) for name in names])
    np.savez(kept, names=np.array(names), vectors=vectors)
    return vectors


# ---- time


def milliseconds(method: Siamese, pictures: Sequence[Picture], repeats: int = 3) -> float:
    """Median time of describing one picture."""
    times = []
    for picture in [picture for picture in pictures for _ in range(repeats)]:
        start = time.perf_counter()
        method.describe(picture)
        times.append(1000 * (time.perf_counter() - start))
    return float(np.median(times))
