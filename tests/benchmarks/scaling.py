"""How time and memory grow with the gallery, and what limits them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from imgsearch.gallery.garment_queries import QueryDescription
from imgsearch.ranking.pruning import UpperBounds
from imgsearch.search.search import search_described
from tests.benchmarks.galleries import embeddings, of_vectors
from tests.benchmarks.measure import as_text, in_turns

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
DIMENSIONS = 64


@dataclass(frozen=True)
class Point:
    """One size of gallery.

    Attributes
    ----------
    n : int
    seconds : float, of one query
    product_seconds : float, of the bare matrix-vector product
    bytes : int, of the vectors
    moved : int, bytes that a query goes through: the upper bounds' where there are any, else the vectors'
    """

    n: int
    seconds: float
    product_seconds: float
    bytes: int
    moved: int

    @property
    def bytes_per_second(self) -> float:
        return self.moved / self.seconds

    @property
    def memory(self) -> int:
        """Bytes of the vectors and of what a search has beside them."""
        return self.bytes + (self.moved if self.moved != self.bytes else 0)


@dataclass(frozen=True)
class Scaling:
    """All sizes, and the rate at which this machine reads memory."""

    points: tuple[Point, ...]
    read_bytes_per_second: float
    copy_bytes_per_second: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure() -> Scaling:
    """Time one query at every size, and the machine's memory."""
    whole = embeddings(max(SIZES), DIMENSIONS)
    query = whole[5].copy()
    points = []
    for n in SIZES:
        matrix = np.ascontiguousarray(whole[:n])
        gallery = of_vectors(matrix)
        rounds = 5 if n > 100_000 else 15
        ours, product = in_turns(
            lambda gallery=gallery: search_described(gallery, "made-up", QueryDescription(query)),
            lambda matrix=matrix: matrix @ query,
            rounds=rounds,
        )
        bounds = UpperBounds.of(gallery.search_vectors("made-up"))
        points.append(Point(n, ours, product, matrix.nbytes, matrix.nbytes if bounds is None else bounds.table.nbytes))
    target = np.empty_like(whole)
    copy, read = in_turns(lambda: np.copyto(target, whole), lambda: whole.max(), rounds=5, calls=2)
    return Scaling(tuple(points), whole.nbytes / read, 2 * whole.nbytes / copy)


def table(scaling: Scaling) -> str:
    """The points as lines of text."""
    rate = scaling.read_bytes_per_second
    lines = [
        f"{'pictures':>10}  {'one query':>10}  {'product':>10}  {'memory':>10}  {'moved':>10}  {'at':>10}  of reading"
    ]
    lines += [
        f"{point.n:>10,}  {as_text(point.seconds):>10}  {as_text(point.product_seconds):>10}  "
        f"{point.memory / 1e6:>7.1f} MB  {point.moved / 1e6:>7.1f} MB  {point.bytes_per_second / 1e9:>5.1f} GB/s  "
        f"{point.bytes_per_second / rate:>9.0%}"
        for point in scaling.points
    ]
    largest = scaling.points[-1]
    limit = "memory's bandwidth" if largest.bytes_per_second > rate / 2 else "work between the readings, not memory"
    lines.append(
        f"one thread reads memory at {rate / 1e9:.1f} GB/s and copies at "
        f"{scaling.copy_bytes_per_second / 1e9:.1f} GB/s, read and written; "
        f"a query of {largest.n:,} is limited by {limit}"
    )
    return "\n".join(lines)


def plot(scaling: Scaling) -> str:
    """Time and memory against size, all logarithmic, as an SVG picture."""
    sizes = [point.n for point in scaling.points]
    times = (
        ("bare product", "#999", "5 4", -8, [point.product_seconds for point in scaling.points]),
        ("one query, ranked", "#0b6e99", "none", 16, [point.seconds for point in scaling.points]),
    )
    memories = (
        ("vectors", "#999", "5 4", 14, [float(point.bytes) for point in scaling.points]),
        ("in memory", "#0b6e99", "none", -8, [float(point.memory) for point in scaling.points]),
    )
    width, height = 640, 400
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * width} {height}" font-family="sans-serif" '
            'font-size="12"><rect width="100%" height="100%" fill="white"/>',
            _panel(sizes, times, as_text, width, height),
            f'<g transform="translate({width})">',
            _panel(sizes, memories, lambda value: f"{value / 1e6:g} MB", width, height),
            "</g></svg>",
        ]
    )


def _panel(
    sizes: Sequence[int],
    lines: Sequence[tuple[str, str, str, int, list[float]]],
    say: Callable[[float], str],
    width: int,
    height: int,
) -> str:
    """Lines of (name, colour, dashes, shift of the name, values) over the sizes."""
    margin = 60
    low, high = math.log10(sizes[0]), math.log10(sizes[-1])
    values = [value for line in lines for value in line[-1]]
    bottom, top = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def x(n: float) -> float:
        return margin + (math.log10(n) - low) / (high - low) * (width - 2 * margin)

    def y(value: float) -> float:
        return height - margin - (math.log10(value) - bottom) / (top - bottom) * (height - 2 * margin)

    parts = []
    for exponent in range(math.ceil(low), math.floor(high) + 1):
        at = x(10**exponent)
        parts.append(f'<path d="M{at:.1f} {margin}V{height - margin}" stroke="#ddd"/>')
        parts.append(f'<text x="{at:.1f}" y="{height - margin + 18}" text-anchor="middle">{10**exponent:,}</text>')
    for exponent in range(bottom, top + 1):
        at = y(10.0**exponent)
        parts.append(f'<path d="M{margin} {at:.1f}H{width - margin}" stroke="#ddd"/>')
        parts.append(f'<text x="{margin - 6}" y="{at + 4:.1f}" text-anchor="end">{say(10.0**exponent)}</text>')
    for name, colour, dashes, shift, line in lines:
        path = " ".join(f"{x(n):.1f},{y(value):.1f}" for n, value in zip(sizes, line, strict=True))
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
        )
        end = f'x="{x(sizes[-1]):.1f}" y="{y(line[-1]) + shift:.1f}" text-anchor="end"'
        parts.append(f'<text {end} fill="{colour}">{name}</text>')
    parts.append(f'<text x="{width / 2}" y="{height - 14}" text-anchor="middle">pictures in the gallery</text>')
    return "\n".join(parts)
