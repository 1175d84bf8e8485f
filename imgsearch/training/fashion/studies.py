"""What the design is worth: the network without its scales, and on classes that it has never seen.

``python -m imgsearch.training.fashion.studies`` trains four networks on a part of the train set, all by the same
settings, and writes what it measured to ``assets/models/fashion-studies.json``. The figures compare with each other,
not with those of the full training.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from imgsearch.gallery.fashion_mnist import FASHION_LABELS, read_fashion
from imgsearch.methods.siamese import MODELS
from imgsearch.search.evaluation import average_precision, rank
from imgsearch.training.fashion.train import Settings, embed, split, train

SETTINGS = Settings(epochs=10, polish=2, pictures=12_000)
LEFT_OUT = ((5, 4), (8, 3))


def retrieval(
    gallery: np.ndarray, gallery_labels: np.ndarray, queries: np.ndarray, query_labels: np.ndarray
) -> dict[str, float]:
    """Precision@1, @10 and mean average precision of unit vectors ``(n, d)`` by cosine."""
    values = []
    for query, label in zip(queries, query_labels, strict=True):
        relevant = rank((gallery @ query).astype(np.float64), gallery_labels == label).relevant
        values.append((relevant[0], relevant[:10].mean(), average_precision(relevant)))
    return {name: round(float(v), 4) for name, v in zip(("P@1", "P@10", "mAP"), np.mean(values, axis=0), strict=True)}


def pixels(pictures: np.ndarray) -> np.ndarray:
    """The pictures themselves as unit vectors ``(n, 784)``: what no training gives."""
    flat = pictures.reshape(len(pictures), -1).astype(np.float32)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6))


def run(data: Path, folder: Path, settings: Settings) -> dict[str, Any]:
    """Train and measure every study; trainings that are whole in ``folder`` are not repeated."""
    (pictures, labels), (tests, test_labels) = (vars(part).values() for part in read_fashion(data))
    measured: dict[str, Any] = {"training": {"pictures": settings.pictures, "epochs": settings.epochs}}

    chosen, _ = split(labels, settings)
    for name, scales in (("all scales", settings.scales), ("trunk alone", ("whole",))):
        network = train(data, folder / name.replace(" ", "-"), replace(settings, scales=scales))
        vectors = embed(network, pictures[chosen]), embed(network, tests)
        measured[name] = retrieval(vectors[0], labels[chosen], vectors[1], test_labels)
        print(name, measured[name], flush=True)

    for left_out in LEFT_OUT:
        name = " and ".join(FASHION_LABELS[label] for label in left_out)
        where = folder / "-".join(map(str, left_out))
        network = train(data, where, replace(settings, left_out_classes=left_out))
        gallery, queries = np.isin(labels, left_out), np.isin(test_labels, left_out)
        measured[f"never seen: {name}"] = {
            "network": retrieval(
                embed(network, pictures[gallery]), labels[gallery], embed(network, tests[queries]), test_labels[queries]
            ),
            "pixels": retrieval(
                pixels(pictures[gallery]), labels[gallery], pixels(tests[queries]), test_labels[queries]
            ),
        }
        print(name, measured[f"never seen: {name}"], flush=True)
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m imgsearch.training.fashion.studies", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the four files of Fashion-MNIST")
    parser.add_argument("--run", type=Path, default=Path("runs/studies"), help="where the trainings keep their state")
    arguments = parser.parse_args()
    measured = run(arguments.data, arguments.run, SETTINGS)
    (MODELS / "fashion-studies.json").write_text(json.dumps(measured, indent=1) + "\n")


if __name__ == "__main__":
    main()
