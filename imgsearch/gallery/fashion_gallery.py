"""Fashion-MNIST → the Fashion gallery."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from imgsearch import Progress
from imgsearch.gallery.fashion_mnist import FASHION_LABELS, read_fashion
from imgsearch.gallery.gallery import Gallery, MethodVectors, Queries
from imgsearch.gallery.picture_store import ArrayStore
from imgsearch.gallery.projection import with_map
from imgsearch.methods.method import Method
from imgsearch.ranking.vectors import pack


def build_fashion(methods: Sequence[Method], folder: Path, *, progress: Progress | None = None) -> Gallery:
    """The gallery of the 60,000 train pictures, with the 10,000 test pictures as queries; DataError as `read_idx`."""
    train, test = read_fashion(folder)
    store = ArrayStore(train.pictures)
    described: list[MethodVectors] = []
    for number, method in enumerate(methods):
        matrix = np.empty((len(store), method.dimensions), np.float32)
        for index in range(len(store)):
            matrix[index] = method.describe(store.picture(index))
            if progress and index % 1000 == 999:
                progress(number * len(store) + index + 1, len(methods) * len(store), method.title)
        # The shares of a histogram are whole numbers over the number of pixels.
        described.append(MethodVectors(method, *pack(matrix, train.pictures[0].size)))
    return with_map(
        Gallery(
            name="fashion",
            title="Fashion",
            store=store,
            described=described,
            labels=train.labels.astype(np.int16),
            label_names=FASHION_LABELS,
            preprocessing="garment",
            source="Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv 1708.07747)",
            licence="MIT",
            queries=Queries(ArrayStore(test.pictures), test.labels.astype(np.int16), FASHION_LABELS),
        )
    )
