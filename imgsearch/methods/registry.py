"""The list of methods: a method is made from, and gives back, a small JSON configuration."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from imgsearch import ImgsearchError
from imgsearch.ranking.metrics import Metric

# kind → module and class. A module is imported when a gallery first needs it, not before.
_KINDS = {
    "grey-histogram": ("imgsearch.methods.histogram", "GreyHistogram"),
    "colour-histogram": ("imgsearch.methods.histogram", "ColourHistogram"),
    "siamese": ("imgsearch.methods.siamese", "Siamese"),
}

# What the two kinds of gallery are searched with, in the order in which it is offered.
_FASHION: tuple[dict[str, Any], ...] = (
    {"kind": "grey-histogram", "bins": 256, "grid": 1},
    {"kind": "grey-histogram", "bins": 8, "grid": 7},
    {"kind": "siamese", "model": "fashion"},
)
_PHOTOS: tuple[dict[str, Any], ...] = (
    {"kind": "colour-histogram", "space": "rgb", "bins": [8, 8, 8], "grid": 1, "root": False},
    {"kind": "colour-histogram", "space": "lab", "bins": [6, 6, 6], "grid": 4, "root": True},
    {"kind": "siamese", "model": "photos"},
)

# A configuration may come from a stranger's file and may name a model: never a path.
_PLAIN_WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")


METHODS = ("histogram", "histogram-grid", "siamese")
"""Keys of the methods, in the order in which they are offered."""
PREFERRED = "siamese"


class Method(Protocol):
    """A way of seeing: how to describe a picture, and how its vectors are compared."""

    key: str
    title: str
    metric: Metric
    dimensions: int
    fingerprint: str

    def config(self) -> dict[str, Any]:
        """JSON-able settings from which `from_config` makes an equal method."""
        ...

    def describe(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(h, w, 3) uint8 → (d,) float32."""
        ...

    def describe_many(self, pictures: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """n pictures → (n, d) float32."""
        ...

    def format_score(self, score: float) -> str:
        """The score as a person reads it."""
        ...


class MethodError(ImgsearchError):
    """A configuration that no method can be made from; the text is one sentence with a remedy."""


def from_config(config: dict[str, Any]) -> Method:
    """Make a method from its configuration.

    Parameters
    ----------
    config : dict
        As `Method.config` gives it: `kind`, and the keyword arguments of the method's class.

    Raises
    ------
    MethodError
        If the kind is unknown, a setting is not possible, or the model that it names is not there.
    """
    settings = dict(config)
    kind = settings.pop("kind", None)
    if kind not in _KINDS:
        raise MethodError(f"There is no method {kind!r}: known are {', '.join(sorted(_KINDS))}.")
    for name, value in settings.items():
        if isinstance(value, str) and not _PLAIN_WORD.match(value):
            raise MethodError(f"The setting {name}={value!r} of the method {kind} is not a plain word.")
    module, name = _KINDS[kind]
    try:
        made: Method = getattr(import_module(module), name)(**settings)
    except (TypeError, ValueError, OSError) as error:
        raise MethodError(f"The method {kind} cannot be made: {error}.") from error
    return made


def fashion_methods(keys: Collection[str] = ()) -> list[Method]:
    """The methods of a gallery of 28×28 garments; `keys` limits them. MethodError if one cannot be made."""
    return _chosen(_FASHION, keys)


def photo_methods(keys: Collection[str] = ()) -> list[Method]:
    """The methods of a gallery of photographs; `keys` limits them. MethodError if one cannot be made."""
    return _chosen(_PHOTOS, keys)


def _chosen(configs: Sequence[dict[str, Any]], keys: Collection[str]) -> list[Method]:
    wanted = set(keys)
    chosen = []
    for config in configs:
        # A network is only loaded when it is wanted.
        if not wanted or config["kind"] != "siamese" or "siamese" in wanted:
            method = from_config(config)
            if not wanted or method.key in wanted:
                chosen.append(method)
    missing = wanted - {method.key for method in chosen}
    if missing:
        raise MethodError(f"There is no method {', '.join(sorted(missing))} for this kind of gallery.")
    return chosen
