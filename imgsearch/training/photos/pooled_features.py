"""What the photo network makes of labelled pictures, kept on disk so that it is computed once."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from imgsearch.gallery.builder import label_of
from imgsearch.gallery.fashion_mnist import Split
from imgsearch.gallery.folders import list_pictures
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import Picture, digest
from imgsearch.methods.siamese import MODELS, Siamese

ENLARGED = 80  # pictures of each class of Fashion-MNIST that are enlarged
BORDER, SIDE = 3, 320
CACHE = Path("runs/photos")


@dataclass(frozen=True)
class Pooled:
    """Pooled values of labelled pictures, (n, D), each with another name."""

    values: NDArray[np.float32]
    labels: NDArray[np.str_]
    names: NDArray[np.str_]

    def without(self, names: Collection[str]) -> "Pooled":
        """Those of all other pictures."""
        kept = ~np.isin(self.names, list(names))
        return Pooled(self.values[kept], self.labels[kept], self.names[kept])


def pooled_folder(network: Siamese, folder: Path) -> Pooled:
    """Pooled values of the pictures in a folder whose subfolders are the labels, named FOLDER/LABEL/FILE.

    Only the network's trunk is used: another linear layer gives the same values.
    """
    names = [f"{folder.name}/{name}" for name in list_pictures(folder)]
    labels = [label_of(name) or "" for name in names]
    return _pooled(network, folder.name, names, labels, lambda i: read_picture(folder.parent / names[i]))


def pooled_fashion(network: Siamese, train: Split) -> Pooled:
    """Pooled values of some pictures of Fashion-MNIST, enlarged and on white; the labels are class numbers."""
    random = np.random.default_rng(3)
    chosen = [int(i) for kind in range(10) for i in random.permutation(np.flatnonzero(train.labels == kind))[:ENLARGED]]
    names, labels = [f"fashion/{i}" for i in chosen], [str(train.labels[i]) for i in chosen]
    return _pooled(network, "fashion", names, labels, lambda row: enlarged(train.pictures[chosen[row]]))


def enlarged(grey: NDArray[np.uint8]) -> Picture:
    """A 28×28 picture of Fashion-MNIST as a smooth, dark one on white, (320, 320, 3) uint8."""
    import cv2

    framed = cv2.copyMakeBorder(255 - grey, *(BORDER,) * 4, cv2.BORDER_CONSTANT, value=[255])
    large = np.asarray(cv2.resize(framed, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.uint8)
    return np.repeat(large[:, :, None], 3, axis=2)


def _pooled(
    network: Siamese, title: str, names: Sequence[str], labels: Sequence[str], picture: Callable[[int], Picture]
) -> Pooled:
    trunk = digest((MODELS / f"{network.model}.tflite").read_bytes())[:16]
    kept = CACHE / f"{title}-pooled-{trunk}.npz"
    if kept.exists():
        with np.load(kept) as file:
            if file["names"].tolist() == list(names):
                return Pooled(file["values"], file["labels"], file["names"])
    rows = tqdm(range(len(names)), title, disable=None)
    values = [network.pooled(picture(row)) for row in rows]
    pooled = Pooled(np.stack(values), np.array(labels), np.array(names))
    CACHE.mkdir(parents=True, exist_ok=True)
    np.savez(kept, values=pooled.values, labels=pooled.labels, names=pooled.names)
    return pooled
