"""Train the Siamese network on Fashion-MNIST: resumable, seeded, its settings all in one place."""

import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import keras
import numpy as np

from imgsearch.gallery.fashion_mnist import DataError, read_idx
from imgsearch.training.export import whole_file
from imgsearch.training.fashion.loss import Proxies, SiameseLoss
from imgsearch.training.fashion.network import build_network, unfold

CLASSES = 10
AREA = 0.02, 0.25  # smallest and largest share of a picture that an erased rectangle covers
ASPECT = 3.0  # largest ratio of its sides


@dataclass(frozen=True)
class Settings:
    """Everything that decides what is trained; these values are those of the first stage."""

    epochs: int = 34
    polish: int = 7
    batch: int = 256
    peak_rate: float = 0.15
    polish_rate: float = 0.03
    warm_up: float = 0.05
    weight_decay: float = 5e-3
    scale: float = 16.0
    margin: float = 0.3
    pair_weight: float = 0.5
    smoothing: float = 0.02
    hardness: float = 8.0
    erase: float = 0.5
    plain_end: float = 0.15
    shift: int = 2
    frozen: tuple[str, ...] = ()
    held_out: int = 2000
    dimensions: int = 64
    seed: int = 1


# The network is trained in stages, each of which goes on from the one before. The later ones see every picture of the
# train set, with nothing left to choose, and keep the two layers of the trunk that see most positions as they are,
# which a fifth of the time is saved by.
_LATER = Settings(weight_decay=4e-3, frozen=("stem", "low"), held_out=0, polish=8)
STAGES = (Settings(), replace(_LATER, epochs=14, peak_rate=0.06), replace(_LATER, epochs=14, peak_rate=0.1, erase=0.6))


def learning_rate(progress: float, settings: Settings) -> float:
    """Linear warm-up to the peak, then half a cosine down to zero; ``progress`` runs from 0 to 1.

    Past 1 comes the polish, up to 2: half a cosine again, from a lower peak. It draws the gallery's own pictures
    together by their kinds, because a query is compared with these and not with the classes.
    """
    if progress >= 1:
        return settings.polish_rate * 0.5 * (1 + math.cos(math.pi * (progress - 1)))
    if progress < settings.warm_up:
        return settings.peak_rate * (progress + 1e-3) / settings.warm_up
    rest = (progress - settings.warm_up) / (1 - settings.warm_up)
    return settings.peak_rate * 0.5 * (1 + math.cos(math.pi * rest))


def split(labels: np.ndarray, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Indices to train on and indices held out for choosing settings."""
    order = np.random.default_rng(settings.seed).permutation(len(labels))
    return order[settings.held_out :], order[: settings.held_out]


def augmented(
    pictures: np.ndarray, mirrored: np.ndarray, progress: float, settings: Settings, rng: np.random.Generator
) -> np.ndarray:
    """One batch as the network is shown it: the last part goes without erasing, the polish also without shifts."""
    pictures = np.where(mirrored[:, None, None], pictures[:, :, ::-1], pictures)
    if progress >= 1:
        return pictures
    pictures = shift(pictures, rng, most=settings.shift)
    if progress < 1 - settings.plain_end:
        pictures = erase(pictures, rng, probability=settings.erase)
    return pictures


def shift(pictures: np.ndarray, rng: np.random.Generator, *, most: int) -> np.ndarray:
    """Move each picture by up to `most` pixels each way on a black ground: a random crop of the padded picture."""
    count, height, width = pictures.shape
    padded = np.pad(pictures, ((0, 0), (most, most), (most, most)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    down, across = rng.integers(0, 2 * most + 1, size=(2, count))
    shifted: np.ndarray = windows[np.arange(count), down, across]
    return shifted


def erase(pictures: np.ndarray, rng: np.random.Generator, *, probability: float) -> np.ndarray:
    """Fill a random rectangle of a share of the pictures with noise: random erasing (arXiv 1708.04896)."""
    erased = pictures.copy()
    count, height, width = pictures.shape
    for i in np.flatnonzero(rng.random(count) < probability):
        covered = rng.uniform(*AREA) * height * width
        ratio = np.exp(rng.uniform(-np.log(ASPECT), np.log(ASPECT)))
        tall = min(height, max(1, round(np.sqrt(covered * ratio))))
        wide = min(width, max(1, round(np.sqrt(covered / ratio))))
        top = rng.integers(0, height - tall + 1)
        left = rng.integers(0, width - wide + 1)
        erased[i, top : top + tall, left : left + wide] = rng.integers(0, 256, (tall, wide))
    return erased


def build_trainer(settings: Settings) -> tuple[keras.Model, keras.Model]:
    """The network, and the model around it that is trained: picture → unit embedding and cosines to proxies."""
    network = build_network(dimensions=settings.dimensions)
    outputs = Proxies(CLASSES, name="proxies")(network.output["embedding"])
    trainer = keras.Model(network.input, outputs, name="trainer")
    optimizer = keras.optimizers.SGD(
        settings.peak_rate, momentum=0.9, nesterov=True, weight_decay=settings.weight_decay
    )
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "proxies"])
    loss = SiameseLoss(
        classes=CLASSES,
        scale=settings.scale,
        margin=settings.margin,
        pair_weight=settings.pair_weight,
        smoothing=settings.smoothing,
    )
    for layer in network.layers:
        layer.trainable = layer.name.rsplit("_", 1)[0] not in settings.frozen
    trainer.compile(optimizer=optimizer, loss=loss)
    optimizer.build(trainer.trainable_variables)
    return network, trainer


def nearest_is_right(
    network: keras.Model, pictures: np.ndarray, labels: np.ndarray, queries: np.ndarray, gallery: np.ndarray
) -> float:
    """Precision@1 of the pictures at ``queries`` among those at ``gallery``, both by index."""
    unit = embed(network, pictures[np.concatenate([queries, gallery])])
    nearest = np.argmax(unit[: len(queries)] @ unit[len(queries) :].T, axis=1)
    return float(np.mean(labels[gallery][nearest] == labels[queries]))


def embed(network: keras.Model, pictures: np.ndarray) -> np.ndarray:
    """Unit embeddings ``(n, d)`` float32 of grey pictures ``(n, h, w)``, each averaged with its mirror image's."""
    both = np.concatenate([pictures, pictures[:, :, ::-1]])[..., None]
    vectors = network.predict(both, batch_size=500, verbose=0)["embedding"]
    summed = vectors[: len(pictures)] + vectors[len(pictures) :]
    return np.asarray(summed / np.linalg.norm(summed, axis=1, keepdims=True))


def restore(trainer: keras.Model, folder: Path, settings: Settings) -> int:
    """Load the last epoch that a folder has; returns how many are done. DataError if it is of another training."""
    folder.mkdir(parents=True, exist_ok=True)
    known = folder / "settings.json"
    wanted = json.dumps(asdict(replace(settings, epochs=0, polish=0)), indent=1)
    if not known.exists():
        with whole_file(known) as part:
            part.write_text(wanted)
    if known.read_text() != wanted:
        raise DataError(f"{folder} holds a training with other settings. Name another folder with --run, or delete it.")
    epochs = sorted(folder.glob("epoch-*.weights.h5"))
    if not epochs:
        return 0
    try:
        trainer.load_weights(epochs[-1])
    except (OSError, ValueError, KeyError):
        raise DataError(f"{epochs[-1]} is damaged: delete {folder} to start anew.") from None
    return int(epochs[-1].name[6:9])


def save(trainer: keras.Model, folder: Path, epoch: int) -> None:
    """Write the weights of an epoch, whole or not at all, and drop those of the ones before."""
    older = list(folder.glob("epoch-*.weights.h5"))
    fresh = folder / "fresh.weights.h5"
    trainer.save_weights(fresh)
    fresh.replace(folder / f"epoch-{epoch:03d}.weights.h5")
    for old in older:
        old.unlink()


def _go_on_from(
    folded: keras.Model, network: keras.Model, trainer: keras.Model, pictures: np.ndarray, labels: np.ndarray
) -> None:
    """Give a fresh network the weights of a folded one, and the proxies its classes' mean embeddings."""
    unfold(folded, network, pictures[:2000])
    unit = embed(folded, pictures[:10000])
    (proxies,) = trainer.get_layer("proxies").get_weights()
    for label in np.unique(labels[:10000]):
        proxies[label] = unit[labels[:10000] == label].mean(axis=0)
    trainer.get_layer("proxies").set_weights([proxies])


def train(data: Path, folder: Path, settings: Settings, *, start: Path | None = None) -> keras.Model:
    """Train, or go on training, and return the network in float32, as `build_network` makes it.

    Only the train set is read. `start` is a folded network to go on from; without one, training begins with random
    weights. The numbers of epochs may change between two calls, and the schedule follows.
    """
    pictures = read_idx(data / "train-images-idx3-ubyte.gz")
    labels = read_idx(data / "train-labels-idx1-ubyte.gz")
    chosen, held_out = split(labels, settings)
    keras.utils.set_random_seed(settings.seed)
    # Convolutions in bfloat16 are nearly twice as fast on processors that have it; pooling and loss stay float32.
    keras.config.set_dtype_policy("mixed_bfloat16")
    network, trainer = build_trainer(settings)
    if start:
        _go_on_from(keras.models.load_model(start), network, trainer, pictures[chosen], labels[chosen])
    steps = len(chosen) // settings.batch
    for epoch in range(restore(trainer, folder, settings), settings.epochs + settings.polish):
        print(f"epoch {epoch + 1} of {settings.epochs + settings.polish}", flush=True)
        rng = np.random.default_rng((settings.seed, epoch))
        order = rng.permutation(chosen)
        bar = keras.utils.Progbar(steps, interval=10)
        total = 0.0
        for step in range(steps):
            done = epoch + step / steps
            progress = (
                done / settings.epochs if done < settings.epochs else 1 + (done - settings.epochs) / settings.polish
            )
            batch = order[step * settings.batch : (step + 1) * settings.batch]
            # Every picture is shown both ways round in any two epochs.
            x = augmented(pictures[batch], (batch + epoch) % 2 == 0, progress, settings, rng)
            x = x[..., None].astype(np.float32)
            y = np.stack([labels[batch], np.full(len(batch), settings.hardness * min(progress, 1.0))], axis=1)
            trainer.optimizer.learning_rate = learning_rate(progress, settings)
            loss = float(trainer.train_on_batch(x, y.astype(np.float32)))
            total += loss
            bar.update(step + 1, values=[("loss", loss)])
        entry = {"epoch": epoch + 1, "loss": total / steps}
        if len(held_out):
            entry["held_out_precision_at_1"] = nearest_is_right(network, pictures, labels, held_out, chosen[:10000])
        print(entry, flush=True)
        save(trainer, folder, epoch + 1)
    keras.config.set_dtype_policy("float32")
    final = build_network(dimensions=settings.dimensions)
    final.set_weights(network.get_weights())
    return final
