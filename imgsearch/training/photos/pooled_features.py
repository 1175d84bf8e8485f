"""What the photo network makes of labelled pictures, kept on disk so that it is computed once."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from imgsearch.gallery.fashion_mnist import Split
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import Picture, digest
from imgsearch.methods.siamese import MODELS, Siamese

SUFFIXES = (".webp", ".jpg", ".jpeg", ".png")
ENLARGED = 80  # pictures of each class of Fashion-MNIST that are enlarged
BORDER, SIDE = 3, 320
CACHE = Path("runs/photos")


@dataclass(frozen=True)
class Pooled:
    """Pooled values of labelled pictures, each with another name.

    `values` are (n, passes, D) float16: of each picture and, if the network takes two, of its mirror image.
    """

    values: NDArray[np.float16]
    labels: NDArray[np.str_]
    names: NDArray[np.str_]

    @property
    def average(self) -> NDArray[np.float32]:
        """Mean over the passes, (n, D) float32."""
        return np.asarray(self.values.mean(axis=1, dtype=np.float32))

    def without(self, names: Collection[str]) -> "Pooled":
        """Those of all other pictures."""
        kept = ~np.isin(self.names, list(names))
        return Pooled(self.values[kept], self.labels[kept], self.names[kept])


def labelled_pictures(folder: Path) -> list[Path]:
    """Pictures in the subfolders of a folder, in a fixed order; FileNotFoundError when there is none."""
    found = sorted(path for path in folder.glob("*/*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise FileNotFoundError(f"There are no pictures in {folder}/*/: set IMGSEARCH_DATA to the data folder.")
    return found


def pooled_folder(network: Siamese, folder: Path) -> Pooled:
    """Pooled values of the pictures in a folder whose subfolders are the labels, named FOLDER/LABEL/FILE.

    Only the network's trunk is used: another linear layer gives the same values.
    """
    paths = labelled_pictures(folder)
    names = [path.relative_to(folder.parent).as_posix() for path in paths]
    labels = [path.parent.name for path in paths]
    return _pooled(network, folder.name, names, labels, lambda i: read_picture(paths[i]))


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
    kept = CACHE / f"{title}-{trunk}.npz"
    if kept.exists():
        with np.load(kept) as file:
            if file["names"].tolist() == list(names):
                return Pooled(file["values"], file["labels"], file["names"])
    rows = tqdm(range(len(names)), title, disable=None)
    values = [network.features(picture(row)).pooled.astype(np.float16) for row in rows]
    pooled = Pooled(np.stack(values), np.array(labels), np.array(names))
    CACHE.mkdir(parents=True, exist_ok=True)
    np.savez(kept, values=pooled.values, labels=pooled.labels, names=pooled.names)
    return pooled
