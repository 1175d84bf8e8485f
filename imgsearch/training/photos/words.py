"""Words for the photo network: ``words.npz``, made of the classifier's rows and the nouns of WordNet.

The trunk was trained to tell 1,000 classes apart by one row of numbers each, in the space of its last pooled
features. A row, less the mean of all, put through the linear layer like a picture's features, is where the pictures
of that class lie in the embedding: a word's vector. What all classes have in common is taken out of it as Fisher's
linear discriminant does, with the covariance of the 1,000 vectors themselves, because no picture is to be known here.

A noun of WordNet with at least one class below it is a word, too, and stands for all of those classes. Nouns with the
same classes below are one word with several names.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imgsearch.methods.linear_layer import LinearLayer
from imgsearch.methods.siamese import Siamese
from imgsearch.training.export import whole_file
from imgsearch.training.photos.network import POOLINGS
from imgsearch.training.photos.nouns import FOLDER, Nouns


def _list(text: str) -> frozenset[str]:
    return frozenset(" ".join(text.split()).split("; "))


SHRINKAGE = 0.3  # how much of the mean variance is added to the covariance of the classes before it is inverted
FILE = "words.npz"
# A noun with more classes below it than this says too little to be a hint.
_TOO_MANY = 250
# Names whose most common meaning is not the one that is meant of a picture.
_MEANT = {"plant": "00017222", "bike": "02834778", "coach": "02924116", "tank": "04389033", "cutlery": "03153375"}
# Classes whose first name is not what people say.
_TITLES = {
    "ashcan": "trash can",
    "barrow": "wheelbarrow",
    "cock": "rooster",
    "ice bear": "polar bear",
    "lesser panda": "red panda",
    "Madagascar cat": "ring-tailed lemur",
    "ram": "sheep",
    "sorrel": "horse",
    "Arabian camel": "camel",
    "rapeseed": "rape plant",
}
# What is too vague to say of a picture, though WordNet's texts use it.
_VAGUE = _list(
    """
    abstraction; agent; area; armor; article; artifact; attire; attribute; barrier; causal agent; collection;
    commodity; communication; component; container; conveyance; covering; craft; creation; device; domestic animal;
    electronic equipment; entity; equipment; establishment; facility; fluid; game; game bird; garment; geological
    formation; group; hand tool; housing; implement; instrument; instrumentality; layer; line; liquid; living thing;
    location; machine; material; matter; measure; medium; mercantile establishment; military vehicle; natural
    object; nutriment; object; obstruction; opening; organism; part; passage; percussion instrument; physical
    entity; piece; place of business; press; produce; product; property; protective covering; region; relation;
    section; shape; sheet; signal; simple machine; solid; stick; strip; structure; substance; support; surface;
    system; timepiece; top; unit; vertebrate; vessel; way; weight; wheel; whole; wild dog; work; written
    communication
    """
)
# What is plain to say, though those texts do not use it.
_PLAIN = _list(
    """
    amphibian; aquatic bird; aquatic mammal; arachnid; arthropod; baked goods; big cat; bird of prey; body armor;
    butterfly; canine; cockatoo; crocodilian; crustacean; domestic cat; dragonfly; edible fruit; feline; finch;
    footwear; fungus; game equipment; grasshopper; grouse; hare; heron; home appliance; hunting dog; invertebrate;
    jellyfish; keyboard instrument; kitchen utensil; marsupial; measuring instrument; mollusk; motor vehicle;
    peafowl; personal computer; poodle; primate; public transport; retriever; rodent; sailing vessel; schnauzer; sea
    turtle; seal; shepherd dog; shorebird; spitz; sporting dog; sports car; sports equipment; squash; stork;
    stringed instrument; swine; tableware; toy dog; turtle; viper; wading bird; warship; watchdog; waterfowl;
    weasel; whale; wheeled vehicle; wind instrument; woodwind; working dog; zebra
    """
)


def class_keys() -> list[str]:
    """Keys in WordNet of the classifier's classes, in its order, from the package timm."""
    package = find_spec("timm")
    if package is None or package.origin is None:
        raise RuntimeError("The order of the classes needs the package 'timm': pip install --no-deps timm")
    path = Path(package.origin).parent / "data" / "_info" / "imagenet_synsets.txt"
    return [line.strip().removeprefix("n") for line in path.read_text(encoding="ascii").splitlines() if line.strip()]


def class_vectors(classifier: NDArray[np.floating], layer: LinearLayer) -> NDArray[np.float64]:
    """Where each class lies in the embedding: (classes, channels) → (classes, d), rows of length 1."""
    index = [(pooling.scale, pooling.gamma) for pooling in POOLINGS].index(("head", 1))
    block = layer.blocks[index]
    rows = classifier.astype(np.float64)
    centred = rows - rows.mean(axis=0)
    lying = _unit(centred @ layer.weights[block.start : block.stop].astype(np.float64))
    lying = np.asarray(lying - lying.mean(axis=0))
    covariance = np.cov(lying.T)
    covariance += SHRINKAGE * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    return _unit(np.asarray(np.linalg.solve(covariance, lying.T).T, np.float64))


def words_of(nouns: Nouns, classes: Sequence[str]) -> dict[tuple[int, ...], list[str]]:
    """The classes below each noun that has any → the keys of all nouns with just those, the most special first."""
    below: dict[str, list[int]] = {}
    for index, key in enumerate(classes):
        for above in nouns.above(key):
            below.setdefault(above, []).append(index)
    words: dict[tuple[int, ...], list[str]] = {}
    for key in sorted(below, key=lambda key: (-len(nouns.above(key)), key)):
        words.setdefault(tuple(sorted(below[key])), []).append(key)
    return dict(sorted(words.items(), key=lambda item: (len(item[0]), item[0])))


def title_of(nouns: Nouns, keys: Sequence[str], size: int) -> str:
    """What a word of so many classes is called on the page: a class by its first name, others by the most used."""
    names = nouns.synsets[keys[0]].names
    if size == 1:
        return _TITLES.get(names[0], names[0])
    return max(names, key=lambda name: nouns.count(name, keys[0]))


def names_of(nouns: Nouns, words: Iterable[Sequence[str]]) -> dict[str, list[int]]:
    """Every name in small letters → the words that it can mean, the most common first; irregular plurals, too."""
    word_of = {key: index for index, keys in enumerate(words) for key in keys}
    names: dict[str, list[int]] = {}
    for name, senses in nouns.senses.items():
        meant = [key for key in senses if key in word_of]
        meant.sort(key=lambda key: key != _MEANT.get(name))
        if meant:
            names[name] = list(dict.fromkeys(word_of[key] for key in meant))
    for plural, singular in nouns.plurals():
        if singular in names:
            names.setdefault(plural, names[singular])
    return names


def hints_of(nouns: Nouns, known: Mapping[str, int], names: Mapping[str, object]) -> dict[str, str]:
    """Nouns that the network does not know → the nearest that it knows among what each is a kind of."""
    hints = {}
    for name, senses in nouns.senses.items():
        # An animal or a plant rather than a dish made of it; and a name in capital letters is a person's or a place's.
        seen = [key for key in senses if nouns.synsets[key].visible and name in nouns.synsets[key].names]
        if name in names or not seen:
            continue
        level = {min(seen, key=lambda key: not nouns.synsets[key].alive)}
        while level:
            here = [key for key in level if known.get(key, _TOO_MANY) < _TOO_MANY]
            plain = [key for key in here if nouns.synsets[key].names[0] not in _VAGUE]
            if plain:
                hints[name] = nouns.synsets[max(plain, key=lambda key: (known[key], key))].names[0].lower()
                break
            level = {above for key in level for above in nouns.synsets[key].kinds}
    return hints


def write_words(path: Path, classifier: NDArray[np.floating], *, wordnet: Path = FOLDER) -> None:
    """Write the file that `imgsearch.search.vocabulary` reads, from the classifier's rows, (classes, channels)."""
    nouns = Nouns(wordnet)
    network = Siamese("photos")
    words = words_of(nouns, class_keys())
    keys = list(words.values())
    names = names_of(nouns, keys)
    sizes = [len(classes) for classes in words]
    titles = _told_apart(
        [title_of(nouns, word, size) for word, size in zip(keys, sizes, strict=True)], nouns, keys, names
    )
    for index, title in enumerate(titles):
        names.setdefault(title.lower(), [index])
    known = {key: len(classes) for classes, word in words.items() for key in word}
    hints = hints_of(nouns, known, names)
    said = [_sayable(nouns, word, size) for word, size in zip(keys, sizes, strict=True)]
    with whole_file(path) as part:
        np.savez_compressed(
            part,
            rows=class_vectors(classifier, network.layer).astype(np.float16),
            starts=np.cumsum([0, *sizes]).astype(np.int32),
            members=np.concatenate(list(words)).astype(np.int16),
            titles=_packed(titles),
            sayable=np.array(said),
            names=_packed(f"{name}\t{' '.join(map(str, given))}" for name, given in sorted(names.items())),
            hints=_packed(f"{name}\t{near}" for name, near in sorted(hints.items())),
            info=np.array(json.dumps({"network": network.fingerprint})),
        )
    print(f"{path.name}: {len(words):,} words with {len(names):,} names, {path.stat().st_size / 1e6:.2f} MB")


def _sayable(nouns: Nouns, keys: Sequence[str], size: int) -> bool:
    """Whether a word is one that a person would say of a picture."""
    names = nouns.synsets[keys[0]].names
    if size == 1 or names[0] in _PLAIN:
        return True
    return names[0] not in _VAGUE and any(nouns.count(name, keys[0]) for name in names)


def _told_apart(
    titles: list[str], nouns: Nouns, keys: Sequence[Sequence[str]], names: Mapping[str, Sequence[int]]
) -> list[str]:
    """Titles of which no two are the same: "crane (machine)" where "crane" is the bird."""
    told = []
    for index, title in enumerate(titles):
        first = names.get(title.lower(), [index])[0]
        if first == index:
            told.append(title)
            continue
        kind = nouns.synsets[keys[index][-1]].kinds
        told.append(f"{title} ({nouns.synsets[kind[0]].names[0]})" if kind else title)
    return told


def _packed(lines: Iterable[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))
