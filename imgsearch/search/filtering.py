"""Which of the ranked pictures are shown: only some kinds, not some kinds, not the query itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.ranking.index import Nearest, VectorIndex

_MORE = 8


@dataclass(frozen=True)
class Filter:
    """What is left of a ranking, whose order and scores stay as they are; kinds are as the gallery names them."""

    only: tuple[str, ...] = ()  # empty for all kinds, and for pictures without one
    without: tuple[str, ...] = ()
    hide_query: bool = False  # whether pictures that are the query itself are left out

    def __bool__(self) -> bool:
        return bool(self.only or self.without or self.hide_query)

    @classmethod
    def of(
        cls, gallery: Gallery, *, only: Sequence[str] = (), without: Sequence[str] = (), hide_query: bool = False
    ) -> "Filter":
        """A filter by kinds as a person writes them; GalleryError names those that there are."""
        return cls(_kinds(gallery, only), _kinds(gallery, without), hide_query)

    def passes(self, gallery: Gallery) -> NDArray[np.bool_]:
        """Whether each picture is of a kind that is shown: (n,) bool."""
        if not (self.only or self.without) or gallery.labels is None:
            return np.ones(gallery.n, bool)
        only, without = (
            np.isin(gallery.labels, [gallery.label_names.index(kind) for kind in kinds])
            for kinds in (self.only, self.without)
        )
        return np.asarray(only & ~without if self.only else ~without)

    @property
    def words(self) -> str:
        """What acts, such as "only shirt and coat, without the query itself"; empty where nothing does."""
        kinds = ((word, kinds) for word, kinds in (("only", self.only), ("without", self.without)) if kinds)
        parts = [f"{word} {_listed(kinds)}" for word, kinds in kinds]
        return ", ".join([*parts, *(["without the query itself"] if self.hide_query else [])])

    def sentence(self, passing: int, n: int) -> str:
        """What acts, and on how many of the gallery's n pictures; empty where nothing does."""
        said = self.words
        if not said:
            return ""
        left = f": {passing:,} of {n:,} pictures" if self.only or self.without else ""
        return f"{said[0].upper()}{said[1:]}{left}. “Closer than” counts all pictures."

    def as_json(self) -> dict[str, Any]:
        """What the command line and a download say of it."""
        return {"only": list(self.only), "without": list(self.without), "hide_query": self.hide_query}


NO_FILTER = Filter()


def deep_enough(
    ask: Callable[[int], Nearest], passes: NDArray[np.bool_], wanted: int, depth: int, most: int
) -> Nearest:
    """Look as deep into a ranking as it takes to see so many that pass, or all that there are.

    `ask` gives so many of the best; `depth` is how deep the first look goes, and `most` the deepest that one can look.
    """
    wanted = min(wanted, int(passes.sum()))
    while True:
        found = ask(min(depth, most))
        if depth >= most or passes[found.indices].sum() >= wanted:
            return found
        depth *= _MORE


def limit_note(shown: Filter, found: int, k: int, index: VectorIndex) -> str:
    """What has to be said where a ranking could not be looked at deep enough; else empty."""
    if not shown or found >= k or index.most >= index.n:
        return ""
    return f"An engine names {index.most:,} matches at most; {found:,} of those pass the filter: there may be more."


def _kinds(gallery: Gallery, written: Sequence[str]) -> tuple[str, ...]:
    known = {_plain(name): name for name in gallery.label_names}
    unknown = [kind for kind in written if _plain(kind) not in known]
    if unknown:
        there = ", ".join(name.replace("_", " ") for name in gallery.label_names) or "none: its pictures have no labels"
        raise GalleryError(f"The gallery {gallery.title} has no kind “{unknown[0]}”: it has {there}.")
    return tuple(dict.fromkeys(known[_plain(kind)] for kind in written))


def _listed(kinds: Sequence[str]) -> str:
    names = [kind.replace("_", " ") for kind in kinds]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _plain(kind: str) -> str:
    return " ".join(kind.replace("_", " ").casefold().split())
