"""The list of methods: a method is made from, and gives back, a small JSON configuration."""

import re
from collections.abc import Collection, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, NamedTuple

from imgsearch import ImgsearchError
from imgsearch.methods.method import Method


class Entry(NamedTuple):
    """One kind of method: what makes it, and the keys and settings with which the two kinds of gallery have it."""

    module: str
    factory: str
    garments: Mapping[str, dict[str, Any]] = MappingProxyType({})
    photos: Mapping[str, dict[str, Any]] = MappingProxyType({})


# By kind, in the order in which methods are offered. A module is imported when a gallery first needs it, not before.
METHODS = {
    "grey-histogram": Entry(
        "imgsearch.methods.histogram",
        "GreyHistogram",
        garments={"histogram": {"bins": 256, "grid": 1}, "histogram-grid": {"bins": 8, "grid": 7}},
    ),
    "colour-histogram": Entry(
        "imgsearch.methods.histogram",
        "ColourHistogram",
        photos={
            "histogram": {"space": "rgb", "bins": (8, 8, 8), "grid": 1, "root": False},
            "histogram-grid": {"space": "lab", "bins": (4, 6, 6), "grid": 4, "root": True},
        },
    ),
    "siamese": Entry(
        "imgsearch.methods.siamese",
        "shared_network",
        garments={"siamese": {"model": "fashion"}},
        photos={"siamese": {"model": "photos"}},
    ),
}

# A configuration may come from a stranger's file and may name a model: never a path.
_PLAIN_WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")


class MethodError(ImgsearchError):
    """A configuration that no method can be made from."""


def from_config(config: dict[str, Any]) -> Method:
    """Make a method from what its `config` gave; MethodError if a kind, a setting or a model is not possible."""
    settings = dict(config)
    kind = settings.pop("kind", None)
    if kind not in METHODS:
        raise MethodError(f"There is no method {kind!r}: known are {', '.join(sorted(METHODS))}.")
    for name, value in settings.items():
        if isinstance(value, str) and not _PLAIN_WORD.match(value):
            raise MethodError(f"The setting {name}={value!r} of the method {kind} is not a plain word.")
    entry = METHODS[kind]
    try:
        made: Method = getattr(import_module(entry.module), entry.factory)(**settings)
    except (TypeError, ValueError, OSError) as error:
        raise MethodError(f"The method {kind} cannot be made: {error}.") from error
    return made


def method_keys() -> list[str]:
    """The keys of all methods that are offered for any gallery, in their order."""
    return list(dict.fromkeys(key for entry in METHODS.values() for key in (*entry.garments, *entry.photos)))


def preferred_key(keys: Collection[str]) -> str:
    """Of the keys that there are, the first variant of the last kind in the list."""
    kinds = reversed(METHODS.values())
    known = (key for entry in kinds for key in (*entry.garments, *entry.photos) if key in keys)
    return next(known, next(iter(keys)))


def fashion_methods(keys: Collection[str] = ()) -> list[Method]:
    """The methods of a gallery of 28×28 garments; `keys` limits them. MethodError if one cannot be made."""
    return _made({kind: entry.garments for kind, entry in METHODS.items()}, keys)


def photo_methods(keys: Collection[str] = ()) -> list[Method]:
    """The methods of a gallery of photographs; `keys` limits them. MethodError if one cannot be made."""
    return _made({kind: entry.photos for kind, entry in METHODS.items()}, keys)


def _made(offered: Mapping[str, Mapping[str, dict[str, Any]]], keys: Collection[str]) -> list[Method]:
    configs = {key: {"kind": kind, **settings} for kind, by_key in offered.items() for key, settings in by_key.items()}
    missing = sorted(set(keys) - set(configs))
    if missing:
        raise MethodError(
            f"There is no method {', '.join(missing)} for this kind of gallery: it has {', '.join(configs)}."
        )
    return [from_config(config) for key, config in configs.items() if not keys or key in keys]
