"""``python -m imgsearch.training.photos``: make the photo network, the garment head and the photo gallery; measure.

Run in this order: ``convert`` (the pretrained trunk into ``photos.tflite``), ``layer`` (its linear layer),
``words`` (what can be typed instead of a picture), ``head`` (the garment head), ``gallery`` (the photographs), then
``evaluate``. What the network makes of the training pictures is kept in ``runs/photos`` and computed once.
"""

import argparse
import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from tqdm import tqdm

from imgsearch.assets import ASSETS
from imgsearch.gallery.builder import GalleryBuilder, label_of
from imgsearch.gallery.fashion_mnist import read_fashion
from imgsearch.gallery.folders import list_pictures, read_files
from imgsearch.gallery.gallery import Credit
from imgsearch.gallery.persistence import open_gallery, save_gallery, update_gallery
from imgsearch.images.formats import PictureError
from imgsearch.methods.garment_head import FILE
from imgsearch.methods.registry import photo_methods
from imgsearch.methods.siamese import MODELS, Siamese
from imgsearch.search.evaluation import evaluate
from imgsearch.training.photos import figures, garment_head, garment_kinds, nouns, words
from imgsearch.training.photos.pooled_features import pooled_fashion, pooled_folder

GALLERY = ASSETS / "galleries" / "photos"
SOURCE = "Free photographs from Debian packages; author, licence and source of each are kept with it"


def convert() -> None:
    """Write ``photos.tflite``, and a linear layer that stands there until `layer` has computed one."""
    from imgsearch.training.export import write_litert
    from imgsearch.training.photos.efficientnet import build_lite2, load_weights, read_state
    from imgsearch.training.photos.linear_layer import DIMENSIONS, write_layer
    from imgsearch.training.photos.network import SIZE, pooled_network, splits

    trunk = build_lite2(SIZE)
    load_weights(trunk, read_state())
    network = pooled_network(trunk)
    MODELS.mkdir(parents=True, exist_ok=True)
    write_litert(network, MODELS / "photos.tflite", batch=1)
    sizes = splits(network)
    write_layer(MODELS / "photos.npz", np.eye(sum(sizes), DIMENSIONS), np.zeros(sum(sizes)), sizes)
    print(f"photos.tflite has {(MODELS / 'photos.tflite').stat().st_size / 1e6:.1f} MB")


def layer(data: Path) -> None:
    """Compute the linear layer from the photographs and the garments, without their labels."""
    from imgsearch.training.photos.efficientnet import read_state
    from imgsearch.training.photos.linear_layer import compute_layer, write_layer

    network = Siamese("photos")
    sets = [pooled_folder(network, data / name).values for name in ("photos", "garments")]
    sizes = [block.stop - block.start for block in network.layer.blocks]
    weights, mean = compute_layer(sets, sizes, read_state()["_fc.weight"])
    write_layer(MODELS / "photos.npz", weights, mean, sizes)


def head(data: Path) -> None:
    """Train the garment head on all but what a test needs."""
    from imgsearch.training.export import whole_file
    from imgsearch.training.photos.efficientnet import read_state

    network, state = Siamese("photos"), read_state()
    garments, photos = (pooled_folder(network, data / name) for name in ("garments", "photos"))
    left_out = garment_kinds.held_out(garments.names.tolist(), photos.names.tolist())
    fashion = pooled_fashion(network, read_fashion(data / "fashion-mnist")[0])
    lessons = garment_head.all_lessons(
        photos.without(left_out),
        garments.without(left_out),
        fashion,
        network.layer,
        state["_fc.weight"],
        state["_fc.bias"],
    )
    made = garment_head.fit_head(lessons)
    with whole_file(MODELS / FILE) as part:
        np.savez(part, weights=made.weights.astype(np.float16), bias=made.bias.astype(np.float32))


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


def name_classes(wordnet: Path) -> None:
    """Write ``words.npz``."""
    from imgsearch.training.photos.efficientnet import read_state

    words.write_words(MODELS / words.FILE, read_state()["_fc.weight"], wordnet=wordnet)


# ---- measuring


def evaluate_garments(data: Path) -> None:
    """The garments, leave one out; the network's layer does not know their labels."""
    network = Siamese("photos")
    pooled = pooled_folder(network, data / "garments")
    vectors = garment_head.unit(network.layer.project(pooled.values))
    measured = figures.leave_one_out(vectors, pooled.labels)
    print("Garments, leave one out:", "  ".join(f"{name} {figure:.3f}" for name, figure in measured.items()))


def evaluate_twins(data: Path) -> None:
    """Altered photographs, searched among all photographs."""
    network = Siamese("photos")
    pooled = pooled_folder(network, data / "photos")
    vectors = garment_head.unit(network.layer.project(pooled.values))
    for name, share in figures.twins(network, [data / name for name in pooled.names], vectors).items():
        print(f"Twins {name:28s} found first {share:.3f}")


def evaluate_held_out(data: Path) -> None:
    """Photographs searched in the Fashion gallery that the garment head never learned from."""
    names = garment_kinds.held_out(
        *([f"{name}/{each}" for each in list_pictures(data / name)] for name in ("garments", "photos"))
    )
    fashion = open_gallery(ASSETS / "galleries" / "fashion")
    for name, share in figures.garments_in_fashion(fashion, data, names).items():
        print(f"In Fashion, held out, {name:40s} {share:.3f}")


EVALUATIONS = {"garments": evaluate_garments, "twins": evaluate_twins, "held-out": evaluate_held_out}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m imgsearch.training.photos", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(), help="folder with photos, garments and fashion-mnist")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("convert").set_defaults(run=lambda given: convert())
    commands.add_parser("layer").set_defaults(run=lambda given: layer(given.data))
    commands.add_parser("head").set_defaults(run=lambda given: head(given.data))
    commands.add_parser("gallery").set_defaults(run=lambda given: gallery(given.data))
    naming = commands.add_parser("words")
    naming.add_argument("--wordnet", type=Path, default=nouns.FOLDER, help="folder with the files of WordNet 3.0")
    naming.set_defaults(run=lambda given: name_classes(given.wordnet))
    measuring = commands.add_parser("evaluate")
    measuring.add_argument("--only", nargs="+", choices=list(EVALUATIONS), default=list(EVALUATIONS))
    measuring.set_defaults(run=lambda given: [EVALUATIONS[name](given.data) for name in given.only])
    given = parser.parse_args()
    given.run(given)


if __name__ == "__main__":
    main()
