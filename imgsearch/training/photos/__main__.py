"""``python -m imgsearch.training.photos``: make the photo network, the garment head and the photo gallery; measure.

Run in this order: ``convert`` (the pretrained trunk into ``photos.tflite``), ``layer`` (its linear layer),
``words`` (what can be typed instead of a picture), ``head`` (the garment head), ``gallery`` (the photographs), then
``evaluate``. What the network makes of the training pictures is kept in ``runs/photos`` and computed once.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from imgsearch.assets import ASSETS
from imgsearch.gallery.builder import GalleryBuilder, label_of
from imgsearch.gallery.fashion_mnist import data_folder, read_fashion
from imgsearch.gallery.folders import read_files
from imgsearch.gallery.gallery import Credit
from imgsearch.gallery.persistence import open_gallery, save_gallery, update_gallery
from imgsearch.images.formats import PictureError
from imgsearch.images.reading import read_picture
from imgsearch.methods.garment_head import FILE, GarmentReader, garment_reader
from imgsearch.methods.registry import photo_methods
from imgsearch.methods.siamese import MODELS, Siamese
from imgsearch.ranking.metrics import COSINE, EUCLIDEAN
from imgsearch.search.evaluation import evaluate
from imgsearch.training.photos import figures, garment_head, garment_kinds, nouns, words
from imgsearch.training.photos.pooled_features import Pooled, labelled_pictures, pooled_fashion, pooled_folder

GALLERY = ASSETS / "galleries" / "photos"
CACHE = Path("runs/photos")
SOURCE = "Free photographs from Debian packages; author, licence and source of each are kept with it"


def convert() -> None:
    """Write ``photos.tflite``, and a linear layer to begin with."""
    from imgsearch.training.photos.efficientnet import build_lite2, load_weights, read_state
    from imgsearch.training.photos.linear_layer import classifier_layer, write_layer
    from imgsearch.training.photos.network import SIZE, pooled_network, splits, write_network

    state = read_state()
    trunk = build_lite2(SIZE)
    load_weights(trunk, state)
    network = pooled_network(trunk)
    MODELS.mkdir(parents=True, exist_ok=True)
    write_network(network, MODELS / "photos.tflite")
    sizes = splits(network)
    weights = classifier_layer(state["_fc.weight"], sizes)
    write_layer(MODELS / "photos.npz", weights, np.zeros(sum(sizes)), sizes)
    print(f"photos.tflite has {(MODELS / 'photos.tflite').stat().st_size / 1e6:.1f} MB")


def layer(data: Path) -> None:
    """Compute the linear layer from the photographs and the garments, without their labels."""
    from imgsearch.training.photos.efficientnet import read_state
    from imgsearch.training.photos.linear_layer import compute_layer, write_layer

    network = Siamese("photos")
    sets = [_pooled(network, data, name).average for name in ("photos", "garments")]
    sizes = [block.stop - block.start for block in network.layer.blocks]
    weights, mean = compute_layer(sets, sizes, read_state()["_fc.weight"])
    write_layer(MODELS / "photos.npz", weights, mean, sizes)


def head(data: Path) -> None:
    """Train the garment head on all but what a test needs."""
    network = Siamese("photos")
    names = (_pooled(network, data, name).names.tolist() for name in ("garments", "photos"))
    lessons = _lessons(network, data, left_out=garment_kinds.held_out(*names))
    garment_head.write_head(MODELS / FILE, garment_head.fit_head(lessons))


def gallery(data: Path) -> None:
    """Build ``assets/galleries/photos`` and measure it, every picture searched among the others."""
    folder = data / "photos"
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        credits = {row["path"]: credit_of(row) for row in csv.DictReader(file)}
    builder = GalleryBuilder(photo_methods())

    def refuse(name: str, reason: str) -> None:
        raise PictureError(f"{name}: {reason}")

    files = tqdm(read_files(folder, sorted(credits), refuse), "photographs", total=len(credits), disable=None)
    builder.add_files(files, skipped=refuse)
    made = builder.finish(
        name="photos",
        title="Photos",
        source=SOURCE,
        licence="each its own, see the credits",
        credits=credits,
        label=lambda name: (label_of(name) or "").replace("_", " ") or None,
    )
    save_gallery(made, GALLERY)
    update_gallery(GALLERY, evaluation=evaluate(open_gallery(GALLERY)))


def credit_of(row: Mapping[str, str]) -> Credit:
    """Author, licence and source of a photograph, from its row in the manifest."""
    author = row["author"].strip()
    if not author:
        author = f"not named in the package {row['package']}"
    elif author.startswith("per "):
        author = f"named in the package {row['package']}, {author.removeprefix('per file ')}"
    package = f"{row['package']} {row['version']}"
    return Credit(author, row["license"], f"{package}: {row['source']}" if row["source"] else package)


# ---- measuring


def evaluate_photos(data: Path) -> None:
    """The photographs, leave one out."""
    _print_retrieval("Photographs", *_embedded(Siamese("photos"), data, "photos"))


def evaluate_garments(data: Path) -> None:
    """The garments, leave one out; the network's layer does not know their labels."""
    _print_retrieval("Garments", *_embedded(Siamese("photos"), data, "garments"))


def evaluate_twins(data: Path) -> None:
    """Altered photographs, searched among all photographs."""
    network = Siamese("photos")
    vectors, _ = _embedded(network, data, "photos")
    paths = labelled_pictures(data / "photos")
    for name, share in figures.twins(network, paths, vectors).items():
        print(f"Twins {name:28s} found first {share:.3f}")


def evaluate_held_out(data: Path) -> None:
    """Photographs searched in the Fashion gallery that the delivered head never learned from."""
    network = Siamese("photos")
    worn, others = (_pooled(network, data, name).names.tolist() for name in ("garments", "photos"))
    _print_garments("held out", data, dict.fromkeys(garment_kinds.held_out(worn, others), garment_reader()))


def evaluate_garments_in_fashion(data: Path) -> None:
    """All photographs searched in the Fashion gallery, by heads that did not learn from them (cross-validation)."""
    network = Siamese("photos")
    worn, others = (_pooled(network, data, name).names.tolist() for name in ("garments", "photos"))
    readers: dict[str, GarmentReader] = {}
    for left_out in garment_kinds.folds(worn, others):
        head = garment_head.fit_head(_lessons(network, data, left_out=left_out))
        readers.update(dict.fromkeys(left_out, GarmentReader(network, head)))
    _print_garments("cross-validated", data, readers)


def _print_garments(title: str, data: Path, readers: Mapping[str, GarmentReader]) -> None:
    fashion = open_gallery(ASSETS / "galleries" / "fashion")
    for name, share in figures.garments_in_fashion(fashion, data, readers).items():
        print(f"In Fashion, {title}, {name:40s} {share:.3f}")


def evaluate_colours(data: Path) -> None:
    """Colour histograms of photographs and garments, leave one out, Euclidean."""
    for name in ("photos", "garments"):
        paths = labelled_pictures(data / name)
        labels = np.array([path.parent.name for path in paths])
        pictures = [read_picture(path, longest=256) for path in paths]
        for method in figures.COLOURS:
            measured = figures.leave_one_out(
                EUCLIDEAN, np.stack([method.describe(picture) for picture in pictures]), labels
            )
            settings = f"{method.space} {method.bins}, grid {method.grid}, {'roots' if method.root else 'shares'}"
            print(f"{name} {settings:40s}", "  ".join(f"{k} {v:.3f}" for k, v in measured.items()), flush=True)


def evaluate_time(data: Path) -> None:
    """Milliseconds a photograph."""
    pictures = [read_picture(path) for path in labelled_pictures(data / "photos")[::20]]
    print(f"One photograph through the network: {figures.milliseconds(Siamese('photos'), pictures):.0f} ms")


EVALUATIONS = {
    "photos": evaluate_photos,
    "garments": evaluate_garments,
    "twins": evaluate_twins,
    "held-out": evaluate_held_out,
    "garments-in-fashion": evaluate_garments_in_fashion,
    "colours": evaluate_colours,
    "time": evaluate_time,
}


def _pooled(network: Siamese, data: Path, name: str) -> Pooled:
    return pooled_folder(network, data / name, CACHE)


def _embedded(network: Siamese, data: Path, name: str) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    pooled = _pooled(network, data, name)
    return garment_head.unit(network.layer.project(pooled.average)), pooled.labels


def _print_retrieval(title: str, vectors: NDArray[np.float32], labels: NDArray[np.str_]) -> None:
    measured = figures.leave_one_out(COSINE, vectors, labels)
    print(f"{title}, leave one out:", "  ".join(f"{name} {figure:.3f}" for name, figure in measured.items()))


def _lessons(network: Siamese, data: Path, left_out: Collection[str]) -> garment_head.Lessons:
    from imgsearch.training.photos.efficientnet import read_state

    state = read_state()
    photos, garments = (_pooled(network, data, name).without(left_out) for name in ("photos", "garments"))
    fashion = pooled_fashion(network, read_fashion(data)[0], CACHE)
    return garment_head.all_lessons(photos, garments, fashion, network.layer, state["_fc.weight"], state["_fc.bias"])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m imgsearch.training.photos", description=__doc__)
    parser.add_argument("--data", type=Path, default=None, help="folder with photos and garments")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("convert", "layer", "head", "gallery"):
        commands.add_parser(name)
    naming = commands.add_parser("words")
    naming.add_argument("--wordnet", type=Path, default=nouns.FOLDER, help="folder with the files of WordNet 3.0")
    measuring = commands.add_parser("evaluate")
    measuring.add_argument("--only", nargs="+", choices=list(EVALUATIONS), default=list(EVALUATIONS))
    arguments = parser.parse_args()
    if arguments.command == "words":
        words.make(arguments.wordnet)
        return
    data = data_folder(arguments.data)
    if arguments.command == "convert":
        convert()
    elif arguments.command == "evaluate":
        for name in arguments.only:
            EVALUATIONS[name](data)
    else:
        {"layer": layer, "head": head, "gallery": gallery}[arguments.command](data)


if __name__ == "__main__":
    main()
