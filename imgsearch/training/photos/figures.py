"""What the photo network and the garment head are worth, measured."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from imgsearch.gallery.gallery import GALLERY_SIDE, Gallery
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import Picture, fit
from imgsearch.methods.siamese import Siamese
from imgsearch.ranking.metrics import COSINE
from imgsearch.ranking.vectors import Vectors
from imgsearch.search.evaluation import average_precision, rank
from imgsearch.search.search import search
from imgsearch.training.photos.garment_kinds import RIGHT

TWINS = 200


def leave_one_out(vectors: NDArray[np.float32], labels: NDArray[np.str_]) -> dict[str, float]:
    """Each picture searched among all others by the cosine: P@1, P@10 and mAP.

    A picture whose label no other has measures nothing.
    """
    searched = Vectors(np.ascontiguousarray(vectors, np.float32))
    values = []
    for i, label in enumerate(labels):
        relevant = labels == label
        if relevant.sum() < 2:
            continue
        values_of_query = COSINE.rank_values(searched, searched.rows(slice(i, i + 1)))[0]
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


ALTERATIONS: dict[str, Callable[[Picture], Picture]] = {
    "rotated by EXIF": _rotated,
    "recompressed at quality 40": lambda picture: read_picture(_file(picture, 40)),
    "half the size": lambda picture: fit(picture, max(1, max(picture.shape[:2]) // 2)),
    # 10 % of each side, at the top left.
    "cropped by 10 %": lambda picture: picture[round(0.1 * picture.shape[0]) :, round(0.1 * picture.shape[1]) :].copy(),
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


def garments_in_fashion(fashion: Gallery, data: Path, names: Sequence[str]) -> dict[str, float]:
    """What a search of the Fashion gallery says of photographs.

    `names` are "garments/FOLDER/FILE" or "photos/CATEGORY/FILE" in `data`. Returns the share of the first ten matches
    that are of a right kind, for each folder of `RIGHT` and in all; the share of the garments that are told "nothing
    here looks like this" although the first match is right; and the share of the other photographs that are told so.
    """
    right_share: dict[str, list[float]] = {folder: [] for folder in RIGHT}
    wrongly_told, rightly_told = [], []
    for name in tqdm(names, disable=None):
        picture = read_picture(data / name, longest=GALLERY_SIDE)
        result = search(fashion, "siamese", picture)
        if name.startswith("photos/"):
            rightly_told.append(not result.convincing)
            continue
        right = [match.label in RIGHT[_folder(name)] for match in result.matches]
        right_share[_folder(name)].append(float(np.mean(right)))
        if right[0]:
            wrongly_told.append(not result.convincing)
    everything = [share for shares in right_share.values() for share in shares]
    return {
        **{folder: float(np.mean(shares)) for folder, shares in right_share.items() if shares},
        "all": float(np.mean(everything)),
        "right, but told that nothing is like it": float(np.mean(wrongly_told)),
        "no garment, and told so": float(np.mean(rightly_told)),
    }


def _folder(name: str) -> str:
    return name.split("/")[-2]
