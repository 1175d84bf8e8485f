"""Small galleries for tests, the same in every run."""

import os
from pathlib import Path

import numpy as np
from PIL import Image

from imgsearch.gallery.builder import Described, GalleryBuilder, origin_of
from imgsearch.gallery.gallery import Credit, Gallery, MethodVectors, Queries
from imgsearch.gallery.kept_copy import kept_copy
from imgsearch.gallery.picture_store import ArrayStore
from imgsearch.images.transforms import encode
from imgsearch.methods import registry
from imgsearch.methods.histogram import GreyHistogram
from imgsearch.ranking.vectors import pack

# Data that is not delivered with the program, for the tests that need more than that.
DATA = Path(os.environ.get("IMGSEARCH_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
LABELS = ("round", "square", "tall")


def photographs(n=12, seed=0):
    """Pictures of different sizes, each mostly of one colour, with so few corners that they are soon described."""
    random = np.random.default_rng(seed)
    pictures = []
    for _ in range(n):
        height, width = random.integers(40, 90, 2)
        coarse = random.integers(0, 256, 3) + random.integers(-40, 40, (height // 10, width // 10, 3))
        picture = Image.fromarray(np.clip(coarse, 0, 255).astype(np.uint8))
        pictures.append(np.asarray(picture.resize((width, height))))
    return pictures


def photo_methods():
    return registry.photo_methods(["histogram", "histogram-grid"])


def gallery_of(pictures, methods, *, name, title="", names=None, labels=None, credits=None, features=False):
    """A gallery of arrays, each handed to the builder as a file without loss.

    Without `features`, the local ones, which take most of the time, it is one of an older version.
    """
    names = names or [f"{i:02d}.png" for i in range(len(pictures))]
    builder = GalleryBuilder(methods)
    for file, picture in zip(names, pictures, strict=True):
        data = encode(picture, "png")
        if features:
            builder.add_file(file, data)
        else:
            kept, seen = kept_copy(data)
            vectors = {method.key: pack(method.describe(seen)[np.newaxis])[0][0] for method in methods}
            builder.add(file, Described(kept, vectors, origin_of(data)))
    label = dict(zip(names, labels or [], strict=False))
    return builder.finish(name=name, title=title, credits=credits, label=label.get, mapped=False)


def photo_gallery(n=12, *, features=False):
    names = [f"{LABELS[i % 3]}/{i:02d}.png" for i in range(n)]
    return gallery_of(
        photographs(n),
        photo_methods(),
        name="photos",
        names=names,
        labels=[LABELS[i % 3] for i in range(n)],
        credits={names[0]: Credit("A. Author", "CC0-1.0", "drawn for a test")},
        features=features,
    )


def garment_arrays(n=60, seed=0):
    """(n, 28, 28) uint8 in three kinds that differ in what they look like, and their labels (n,) int16."""
    random = np.random.default_rng(seed)
    labels = (np.arange(n) % 3).astype(np.int16)
    arrays = np.zeros((n, 28, 28), np.uint8)
    for array, label in zip(arrays, labels, strict=True):
        shape = [(slice(8, 20), slice(8, 20)), (slice(2, 26), slice(2, 26)), (slice(0, 28), slice(11, 17))][label]
        array[shape] = random.integers(60 + 60 * label, 110 + 60 * label, array[shape].shape)
    return arrays, labels


def garment_gallery(n=60):
    arrays, labels = garment_arrays(n)
    store = ArrayStore(arrays)
    described = []
    for method in (GreyHistogram(bins=256), GreyHistogram(bins=8, grid=7)):
        matrix = np.stack([method.describe(store.picture(i)) for i in range(n)])
        described.append(MethodVectors(method, *pack(matrix, 28 * 28)))
    others, other_labels = garment_arrays(12, seed=1)
    return Gallery(
        name="garments",
        store=store,
        described=described,
        labels=labels,
        label_names=LABELS,
        preprocessing="garment",
        queries=Queries(ArrayStore(others), other_labels, LABELS),
    )


def write_pictures(folder: Path, n=12, seed=0):
    """Photographs as PNG files in subfolders that are their labels; their names in order."""
    names = []
    for i, picture in enumerate(photographs(n, seed)):
        path = folder / LABELS[i % 3] / f"{i:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path)
        names.append(path.relative_to(folder).as_posix())
    return sorted(names)


def same(one, other):
    """Both galleries have the same pictures, labels, credits and vectors, or a test fails."""
    assert (one.n, one.title, one.label_names, one.preprocessing) == (
        other.n,
        other.title,
        other.label_names,
        other.preprocessing,
    )
    assert list(one.methods) == list(other.methods)
    for key in one.methods:
        np.testing.assert_array_equal(one.vectors(key), other.vectors(key))
        assert one.method_vectors[key].stored.dtype == other.method_vectors[key].stored.dtype
    for i in range(one.n):
        np.testing.assert_array_equal(one.picture(i), other.picture(i))
        assert (one.label(i), one.file_name(i), one.credit(i)) == (other.label(i), other.file_name(i), other.credit(i))
