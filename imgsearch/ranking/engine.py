"""Where a gallery's vectors are searched when it is not here: the address of a search engine."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from imgsearch import ImgsearchError

ADDRESS = "IMGSEARCH_ENGINE"  # environment variable: an address that takes the place of the one in a gallery
TOKEN = "IMGSEARCH_ENGINE_TOKEN"
"""Environment variable: what the engine lets this program in with; never printed or stored."""

FLAT, HNSW = "FLAT", "HNSW"
INDEX_TYPES = (FLAT, HNSW)


class EngineError(ImgsearchError):
    """An engine that does not do what a gallery needs; the text is one sentence with a remedy."""


@dataclass(frozen=True)
class Engine:
    """An engine that holds the vectors of a gallery.

    `recall` is what share of the ten nearest, 0 to 1, an approximate index found when it was measured, by method.
    """

    uri: str  # the absolute path of an embedded file, or an address with http or https
    index: str = FLAT  # exact; or HNSW, approximate and faster
    recall: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def at(cls, address: str, index: str = FLAT) -> "Engine":
        """The engine at an address that a person wrote; EngineError if it is none, or has a password in it."""
        if index not in INDEX_TYPES:
            raise EngineError(f"{index!r} is no type of index: choose {' or '.join(INDEX_TYPES)}.")
        if address.endswith(".db") and "://" not in address:
            return cls(str(Path(address).absolute()), index)
        try:
            parts = urlsplit(address)
            known = parts.scheme in ("http", "https") and bool(parts.hostname)
            secret = "@" in parts.netloc
            _ = parts.port  # a ValueError if it is none
        except ValueError:
            known = secret = False
        if secret:
            raise EngineError(f"An address is written into the gallery: put the password into ${TOKEN} instead.")
        if not known:
            raise EngineError(
                f"{re.sub('//.*@', '//', address)!r} is no address of an engine: name a file such as vectors.db, "
                "or http://host:19530, or https://host."
            )
        return cls(address, index)

    @classmethod
    def of_header(cls, header: Any) -> "Engine":
        """What a gallery's header says; EngineError if that is no engine."""
        try:
            uri, index = str(header["uri"]), str(header["index"])
            recall = {str(key): float(share) for key, share in header.get("recall", {}).items()}
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise EngineError(
                "What gallery.json says of an engine is damaged: python -m imgsearch pull takes it out."
            ) from error
        return replace(cls.at(uri, index), recall=recall)

    def in_use(self) -> "Engine":
        """The engine at the address in `$IMGSEARCH_ENGINE` if there is one, else this; EngineError if it is none."""
        address = os.environ.get(ADDRESS)
        return replace(self.at(address, self.index), recall=self.recall) if address else self

    def header(self) -> dict[str, Any]:
        """What `of_header` reads."""
        recall = {"recall": dict(self.recall)} if self.recall else {}
        return {"uri": self.uri, "index": self.index, **recall}

    @property
    def is_file(self) -> bool:
        """Whether it is an embedded file."""
        return "://" not in self.uri

    @property
    def patience(self) -> float:
        """Seconds that a search waits for an answer: of a server, it is said within three seconds that it is away."""
        return 30.0 if self.is_file else 2.4  # a file's engine is part of this process, and only slow where this is

    @property
    def is_exact(self) -> bool:
        """Whether it finds the nearest, always."""
        return self.index == FLAT
