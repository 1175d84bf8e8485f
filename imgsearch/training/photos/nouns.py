"""The nouns of WordNet 3.0: what they are called, and what is a kind of what."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDER = Path("/usr/share/wordnet")  # where Debian's package wordnet-base puts them

# The files of lexicographers (lexnames(5WN)) whose nouns can be seen in a photograph.
_VISIBLE = frozenset({"05", "06", "08", "13", "17", "18", "20"})  # animal, artifact, body, food, object, person, plant
_ALIVE = frozenset({"05", "20"})


class NounsError(RuntimeError):
    """WordNet cannot be read; the text is one sentence with a remedy."""


@dataclass(frozen=True)
class Synset:
    """One meaning."""

    names: tuple[str, ...]  # the usual name first
    kinds: tuple[str, ...]  # keys of what it is a kind of
    visible: bool  # whether it can be seen in a photograph
    alive: bool  # whether it is an animal or a plant


class Nouns:
    """All meanings in WordNet's files by their key, the eight digits of ``data.noun``; NounsError if there are none."""

    def __init__(self, folder: Path = FOLDER) -> None:
        try:
            self.synsets = dict(_synset(line) for line in _lines(folder / "data.noun"))
            self.senses = dict(_senses(line) for line in _lines(folder / "index.noun"))
            self._counts = [line.split() for line in _lines(folder / "cntlist.rev")]
            self._plurals = [line.replace("_", " ").split() for line in _lines(folder / "noun.exc")]
        except OSError as error:
            raise NounsError(
                f"There are no nouns of WordNet in {folder}: install the Debian package wordnet-base, "
                "or name another folder with --wordnet."
            ) from error

    def above(self, key: str) -> set[str]:
        """A meaning and everything that it is a kind of."""
        found: set[str] = set()
        left = [key]
        while left:
            now = left.pop()
            if now not in found:
                found.add(now)
                left.extend(self.synsets[now].kinds)
        return found

    def count(self, name: str, key: str) -> int:
        """How often a name has this meaning in the texts that WordNet counted."""
        return self._used.get((name.lower(), key), 0)

    def plurals(self) -> list[tuple[str, str]]:
        """Irregular plurals, each with its singular."""
        return [(pair[0], pair[1]) for pair in self._plurals if len(pair) == 2]

    @cached_property
    def _used(self) -> dict[tuple[str, str], int]:
        # A key such as dog%1:05:00:: names the lemma, the part of speech (1: noun) and the file, not the meaning;
        # the second column is the place of the meaning among the lemma's.
        used = {}
        for key, place, count in self._counts:
            lemma, _, rest = key.partition("%")
            name = lemma.replace("_", " ")
            senses = self.senses.get(name, ())
            # A few places are those of an older WordNet.
            if rest.startswith("1:") and int(place) <= len(senses):
                used[name, senses[int(place) - 1]] = int(count)
        return used


def _lines(path: Path) -> list[str]:
    """Lines of a file without the licence at its head, which is indented."""
    return [line for line in path.read_text(encoding="latin-1").splitlines() if not line.startswith(" ")]


def _synset(line: str) -> tuple[str, Synset]:
    """One line of ``data.noun``, as wndb(5WN) describes it."""
    words = line.partition("|")[0].split()
    names = int(words[3], 16)
    first = 4 + 2 * names
    pointers = words[first + 1 : first + 1 + 4 * int(words[first])]
    kinds = [pointers[i + 1] for i in range(0, len(pointers), 4) if pointers[i] in ("@", "@i")]
    called = [words[4 + 2 * i].replace("_", " ") for i in range(names)]
    return words[0], Synset(tuple(called), tuple(kinds), words[1] in _VISIBLE, words[1] in _ALIVE)


def _senses(line: str) -> tuple[str, tuple[str, ...]]:
    """One line of ``index.noun``: a name and its meanings, the most common first."""
    words = line.split()
    return words[0].replace("_", " "), tuple(words[-int(words[2]) :])
