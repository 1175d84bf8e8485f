"""What the numbers of a histogram stand for: names and colours that a person can read."""

from collections import Counter
from collections.abc import Iterable, Sequence
from colorsys import rgb_to_hls
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LIGHTNESS = ((0.12, "black"), (0.35, "dark grey"), (0.65, "grey"), (0.9, "light grey"), (1.01, "white"))
_HUES = (
    *((15, "red"), (45, "orange"), (70, "yellow"), (160, "green"), (195, "turquoise")),
    *((255, "blue"), (290, "violet"), (340, "pink"), (361, "red")),
)


@dataclass(frozen=True)
class Bins:
    """The b bins of a histogram."""

    names: tuple[str, ...]  # in words
    colours: NDArray[np.uint8] | None  # (b, 3), in the middle of each bin; None for grey levels
    axis: str  # what the bins are in the order of, or nothing
    grid: int  # cells along each side of the picture
    root: bool  # whether the numbers are square roots of shares

    def shares(self, vector: NDArray[np.floating]) -> NDArray[np.float64]:
        """Share of the picture that falls into each bin, over all cells: (b,), summing to about 1."""
        values = vector.astype(np.float64)
        if self.root:
            values = values**2
        return np.asarray(values.reshape(self.grid * self.grid, len(self.names)).sum(axis=0))


def grey_bins(count: int, grid: int) -> Bins:
    """The bins of a histogram of `count` grey levels on a grid."""
    edges = [256 * bin_ // count for bin_ in range(count + 1)]
    names = tuple(
        {0: "black", 255: "white"}.get(low, f"grey {low}") if high - low == 1 else f"greys {low} to {high - 1}"
        for low, high in zip(edges[:-1], edges[1:], strict=True)
    )
    return Bins(names, None, "from black to white", grid, False)


def colour_bins(space: str, counts: Sequence[int], grid: int, *, root: bool) -> Bins:
    """The bins of a histogram of colours on a grid; `space` is "rgb" or "lab", `counts` one a channel."""
    colours = _colours(space, counts)
    plain = [colour_name(colour) for colour in colours]
    often = Counter(plain)
    # There are more bins than names: what is called the same is told apart by its code.
    names = (
        name if often[name] == 1 else f"{name} #{colour.tobytes().hex().upper()}"
        for name, colour in zip(plain, colours, strict=True)
    )
    # Where no screen shows the middle of a bin, its neighbour may have the same code.
    return Bins(tuple(numbered(names)), colours, "", grid, root)


def numbered(names: Iterable[str]) -> list[str]:
    """The same names, each but the first of equal ones with its number: "red", "red (2)"."""
    seen: Counter[str] = Counter()
    distinct = []
    for name in names:
        seen[name] += 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct


def colour_name(colour: NDArray[np.uint8]) -> str:
    """A plain name for a colour (3,) uint8, such as "dark blue"."""
    hue, lightness, _ = rgb_to_hls(*(float(value) / 255 for value in colour))
    if np.ptp(colour) < 0.12 * 255:
        return next(name for bound, name in _LIGHTNESS if lightness < bound)
    name = next(name for bound, name in _HUES if 360 * hue < bound)
    if name == "orange" and lightness < 0.4:
        name = "brown"
    if name == "yellow" and lightness < 0.45:
        name = "olive"
    if lightness < 0.3:
        return f"dark {name}"
    if lightness > 0.75:
        return f"light {name}"
    return name


def _colours(space: str, counts: Sequence[int]) -> NDArray[np.uint8]:
    """A colour in every bin as RGB, the third channel running fastest."""
    import cv2

    middles = [((np.arange(count) + 0.5) * 256 / count).astype(np.uint8) for count in counts]
    if space == "lab":
        # Greys lie on the border between bins; halfway to it, bins beside it look as grey as what is in them.
        for channel, count in enumerate(counts[1:], start=1):
            edges = 256 * np.arange(count + 1) / count
            middle = (edges[:-1] + edges[1:]) / 2
            middles[channel] = ((middle + np.clip(128, edges[:-1], edges[1:])) / 2).astype(np.uint8)
    every = np.stack(np.meshgrid(*middles, indexing="ij"), axis=-1).reshape(-1, 1, 3)
    colours = cv2.cvtColor(every, cv2.COLOR_LAB2RGB) if space == "lab" else every
    return np.asarray(colours, np.uint8).reshape(-1, 3)
