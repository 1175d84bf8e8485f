"""How time and memory grow with the gallery, and what limits them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from imgsearch.search import search_vector
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
    bytes_per_second : float, at which a query goes through the vectors
    """

    n: int
    seconds: float
    product_seconds: float
    bytes: int
    bytes_per_second: float


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
            lambda gallery=gallery: search_vector(gallery, "made-up", query),
            lambda matrix=matrix: matrix @ query,
            rounds=rounds,
        )
        points.append(Point(n, ours, product, matrix.nbytes, matrix.nbytes / ours))
    target = np.empty_like(whole)
    copy, read = in_turns(lambda: np.copyto(target, whole), lambda: whole.max(), rounds=5, calls=2)
    return Scaling(tuple(points), whole.nbytes / read, 2 * whole.nbytes / copy)


def table(scaling: Scaling) -> str:
    """The points as lines of text."""
    lines = [f"{'pictures':>10}  {'one query':>10}  {'product':>10}  {'vectors':>10}  {'through them at':>15}"]
    lines += [
        f"{point.n:>10,}  {as_text(point.seconds):>10}  {as_text(point.product_seconds):>10}  "
        f"{point.bytes / 1e6:>7.1f} MB  {point.bytes_per_second / 1e9:>10.1f} GB/s"
        for point in scaling.points
    ]
    lines.append(
        f"one thread reads memory at {scaling.read_bytes_per_second / 1e9:.1f} GB/s "
        f"and copies at {scaling.copy_bytes_per_second / 1e9:.1f} GB/s, read and written"
    )
    return "\n".join(lines)


def plot(scaling: Scaling) -> str:
    """Time against size, both logarithmic, as an SVG picture."""
    width, height, margin = 640, 400, 60
    low, high = math.log10(SIZES[0]), math.log10(SIZES[-1])
    times = [time for point in scaling.points for time in (point.seconds, point.product_seconds)]
    bottom, top = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))

    def x(n: float) -> float:
        return margin + (math.log10(n) - low) / (high - low) * (width - 2 * margin)

    def y(seconds: float) -> float:
        return height - margin - (math.log10(seconds) - bottom) / (top - bottom) * (height - 2 * margin)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="12"><rect width="100%" height="100%" fill="white"/>'
    ]
    for exponent in range(math.ceil(low), math.floor(high) + 1):
        at = x(10**exponent)
        parts.append(f'<path d="M{at:.1f} {margin}V{height - margin}" stroke="#ddd"/>')
        parts.append(f'<text x="{at:.1f}" y="{height - margin + 18}" text-anchor="middle">{10**exponent:,}</text>')
    for exponent in range(bottom, top + 1):
        at = y(10.0**exponent)
        parts.append(f'<path d="M{margin} {at:.1f}H{width - margin}" stroke="#ddd"/>')
        parts.append(f'<text x="{margin - 6}" y="{at + 4:.1f}" text-anchor="end">{as_text(10.0**exponent)}</text>')
    for name, colour, attribute, line in (
        ("bare product", "#999", "product_seconds", "5 4"),
        ("one query, ranked", "#0b6e99", "seconds", "none"),
    ):
        path = " ".join(f"{x(point.n):.1f},{y(getattr(point, attribute)):.1f}" for point in scaling.points)
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{line}"/>'
        )
        last = scaling.points[-1]
        shift = 14 if attribute == "product_seconds" else -8
        parts.append(
            f'<text x="{x(last.n):.1f}" y="{y(getattr(last, attribute)) + shift:.1f}" text-anchor="end" '
            f'fill="{colour}">{name}</text>'
        )
    parts.append(f'<text x="{width / 2}" y="{height - 14}" text-anchor="middle">pictures in the gallery</text></svg>')
    return "\n".join(parts)
