"""``python -m imgsearch train``: train on Fashion-MNIST, export the network, write the gallery's embeddings."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import Gallery
from imgsearch.gallery.persistence import open_gallery, update_gallery
from imgsearch.gallery.projection import tsne
from imgsearch.methods.siamese import MODELS, Siamese
from imgsearch.training.export import whole_file, write_litert
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
    save_network(network)
    embed_gallery(gallery, GALLERY)


def save_network(network: keras.Model) -> None:
    """Write the files of a folded network: LiteRT for two pictures up to their pooled values, the layer as ``.npz``."""
    with whole_file(MODELS / "fashion.keras") as part:
        network.save(part)
    outputs = {output: network.output[output] for output in ("pooled", *SCALES)}
    write_litert(keras.Model(network.input, outputs), MODELS / "fashion.tflite", batch=2)
    weights = network.get_layer("embedding").get_weights()[0]
    with whole_file(MODELS / "fashion.npz") as part:
        np.savez(
            part,
            weights=weights.astype(np.float32),
            mean=np.zeros(len(weights), np.float32),
            splits=np.array([network.output[scale].shape[-1] for scale in SCALES]),
            names=np.array(SCALES),
            maps=np.arange(len(SCALES)),
            gamma=np.ones(len(SCALES), np.float32),
            info=json.dumps({"fit": "squash"}),
        )


def embed_gallery(gallery: Gallery, path: Path) -> None:
    """Describe every picture of the gallery in ``path`` by the exported network; add vectors and their map."""
    method = Siamese("fashion")
    vectors = np.stack([method.describe(gallery.picture(i)) for i in tqdm(range(gallery.n), "described", disable=None)])
    # Half the size of float32, which counts in what comes with every clone; all figures stay as they are.
    halves = vectors.astype(np.float16).astype(np.float32)
    update_gallery(path, vectors=(method, halves))
    update_gallery(path, map_positions=tsne(open_gallery(path).search_vectors(method.key)))
