"""The words of the photo network, read from ``assets/models/words.npz`` when they are first asked for."""

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imgsearch.methods.method import Method
from imgsearch.methods.siamese import MODELS
from imgsearch.search.vocabulary import Vocabulary, Word, WordsError

_REMEDY = "Restore it from the repository, or make it again: python -m imgsearch.training.photos words."


def read_words(path: Path, fingerprint: str) -> Vocabulary:
    """The words of the network of that fingerprint; WordsError when the file is missing, damaged, or of another."""
    try:
        with np.load(path, allow_pickle=False) as file:
            made_for = json.loads(str(file["info"]))["network"]
            rows = file["rows"].astype(np.float32)
            starts, members, sayable = file["starts"], file["members"], file["sayable"].tolist()
            titles = _lines(file["titles"])
            lines = _lines(file["names"])
            hints = file["hints"].tobytes()
        words = [
            Word(title, members[starts[i] : starts[i + 1]], said)
            for i, (title, said) in enumerate(zip(titles, sayable, strict=True))
        ]
        pairs = (line.split("\t") for line in lines)
        names = {name: tuple(map(int, given.split())) for name, given in pairs}
    except FileNotFoundError:
        raise WordsError(f"The file of words assets/models/{path.name} is missing. {_REMEDY}") from None
    except Exception as error:  # zip, npy and JSON readers each raise their own kinds
        raise WordsError(f"The file of words assets/models/{path.name} is damaged. {_REMEDY}") from error
    if made_for != fingerprint:
        raise WordsError(f"The file of words assets/models/{path.name} is of another network. {_REMEDY}")
    return Vocabulary(rows, words, names, hints)


def photo_words(network: Method) -> Vocabulary:
    """The words of the photo network, read once; WordsError if they cannot be had."""
    return _read_once(network.fingerprint)


@lru_cache(maxsize=2)
def _read_once(fingerprint: str) -> Vocabulary:
    return read_words(MODELS / "words.npz", fingerprint)


def _lines(packed: NDArray[np.uint8]) -> list[str]:
    return packed.tobytes().decode().split("\n")
