"""``python -m imgsearch.training.local_features --data DATA``: learn the codebook from half of the pictures.

The delivered photo gallery is then given its local features anew.
"""

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery, update_gallery
from imgsearch.local_features.codebook import CODEBOOK, codebook
from imgsearch.local_features.dense import kept_cells, unpacked
from imgsearch.local_features.features import describe_kept, table_of
from imgsearch.local_features.keypoints import KEPT_SIDE, MAX_KEPT, find_keypoints
from imgsearch.training.local_features.learn import learn, learn_cells
from imgsearch.training.local_features.pictures import FOLDERS, free_pictures

_A_PICTURE = 100  # vectors of either kind that are taken from a picture: more pictures teach more than more of each


def main() -> None:
    """Learn from the pictures that `evaluate --same` makes no slants of, and write the codebook."""
    parser = argparse.ArgumentParser(prog="python -m imgsearch.training.local_features", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with photos/ and garments/")
    given = parser.parse_args()
    random = np.random.default_rng(0)
    descriptors: list[NDArray[np.uint8]] = []
    vectors: list[NDArray[np.float32]] = []
    for folder in FOLDERS:
        for picture in free_pictures(given.data / folder):
            descriptors.append(_some(find_keypoints(picture, side=KEPT_SIDE, most=MAX_KEPT).descriptors, random))
            vectors.append(_some(unpacked(kept_cells(picture).codes), random))
    learned = {**learn(np.concatenate(descriptors)), **learn_cells(np.concatenate(vectors))}
    np.savez_compressed(CODEBOOK, allow_pickle=False, **learned)
    print(f"{CODEBOOK.name}: learned from {len(descriptors):,} pictures, {CODEBOOK.stat().st_size / 1e6:.2f} MB")
    codebook.cache_clear()
    add_to_photos()


def add_to_photos() -> None:
    """Describe the pictures of the delivered photo gallery by the codebook."""
    path = ASSETS / "galleries" / "photos"
    gallery = open_gallery(path)
    with ThreadPoolExecutor(2) as pool:
        pictures = pool.map(lambda index: describe_kept(gallery.picture(index)), range(gallery.n))
        listed = list(tqdm(pictures, total=gallery.n, desc="gallery", unit=" pictures"))
    update_gallery(path, features=table_of(listed))


def _some(vectors: NDArray[Any], random: np.random.Generator) -> NDArray[Any]:
    chosen = random.choice(len(vectors), min(_A_PICTURE, len(vectors)), replace=False)
    return vectors[np.sort(chosen)]


if __name__ == "__main__":
    main()
