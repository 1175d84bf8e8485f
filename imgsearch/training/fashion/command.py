"""``python -m imgsearch train``: train on Fashion-MNIST, export the network, write the gallery's embeddings."""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import Gallery
from imgsearch.gallery.persistence import open_gallery, update_gallery
from imgsearch.gallery.projection import tsne
from imgsearch.methods.siamese import MODELS, Siamese
from imgsearch.training.export import save_network
from imgsearch.training.fashion.network import SCALES, fold
from imgsearch.training.fashion.train import STAGES, train

GALLERY = ASSETS / "galleries" / "fashion"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="folder with the four files of Fashion-MNIST")
    state = "where the training keeps its state"
    parser.add_argument("--run", type=Path, default=Path("runs/fashion"), dest="state", help=state)
    usual = ", ".join(str(stage.epochs) for stage in STAGES)
    parser.add_argument("--epochs", type=int, default=None, help=f"of every stage; default {usual}")
    parser.add_argument("--no-export", action="store_true", help="leave assets/ as it is")


def run(arguments: argparse.Namespace) -> None:
    """Train, or go on training; then, unless told otherwise, export and embed the gallery."""
    file: Path | None = None
    for number, stage in enumerate(STAGES, start=1):
        settings = stage if arguments.epochs is None else replace(stage, epochs=arguments.epochs)
        print(f"stage {number} of {len(STAGES)}", flush=True)
        folder = arguments.state / f"stage-{number}"
        network = fold(train(arguments.data, folder, settings, start=file), dimensions=settings.dimensions)
        file = folder / "network.keras"
        network.save(file)
    if arguments.no_export:
        return
    # Without what is made anew: a gallery does not open beside a network that did not make its vectors, and a run that
    # was interrupted may have left just that.
    gallery = open_gallery(GALLERY, without=[Siamese.key])
    save_network(network, "fashion", MODELS, scales=SCALES, fit="squash")
    embed_gallery(gallery, GALLERY)


def embed_gallery(gallery: Gallery, path: Path) -> None:
    """Describe every picture of the gallery in ``path`` by the exported network; add vectors and their map."""
    method = Siamese("fashion")
    vectors = np.stack([method.describe(gallery.picture(i)) for i in tqdm(range(gallery.n), "described", disable=None)])
    # Half the size of float32, which counts in what comes with every clone; all figures stay as they are.
    halves = vectors.astype(np.float16).astype(np.float32)
    update_gallery(path, vectors={method.key: (method, halves)})
    update_gallery(path, map_positions=tsne(open_gallery(path).search_vectors(method.key)))
