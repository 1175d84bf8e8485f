"""In how much of a picture a query looks like it, where their points agree."""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture
from imgsearch.local_features.features import Features
from imgsearch.local_features.geometry import Agreement
from imgsearch.local_features.overlay import SIDE, laid_over, of_side

_WINDOW = 13
_BLUR = 1.0  # pixels
_ALIKE = 0.5  # correlation of the brightness in a window from which on it looks alike
_SURELY_ALIKE = 0.6
_LEAST_PIXELS = 20  # from so many pixels that surely look alike, the light of the query is measured
_COLOUR = 16  # levels of 255 by which the colour may miss the kept one in the query's light
_COLOUR_BLUR = 3.0  # pixels over which colours are compared: edges are never quite as sharp, or quite in place
_WHITE, _BLACK = 245, 8  # levels from which on a camera's light, or its lack, is lost
_PLAIN_KEPT, _PLAIN_QUERY = 3.0, 5.0
"""Standard deviations of the brightness, in levels, of windows without texture: there the colour alone has its say."""

_NOISE = 4.0  # levels


class Likeness(NamedTuple):
    """Shares, 0 to 1, of the kept picture as far as the query reaches, in which the query looks like it.

    `whole` is that of all, and `textured` that of what has texture in either: two tools before a white wall have the
    wall in common.
    """

    whole: float
    textured: float


def likeness(query: Picture, kept: Picture, agreed: Agreement, of_query: Features, of_kept: Features) -> Likeness:
    """In how much of the kept picture the query looks like it.

    The query is laid over the kept picture as the agreement, in pixels of the features, says. Both must then have the
    same texture and, in one light, the same colours. Two garments on the same floor agree in the floor only, and two
    round fruits in their outline.
    """
    here, _ = of_side(kept, SIDE, of_kept)
    size = here.shape[1], here.shape[0]
    over, reach = laid_over(query, agreed, of_query, of_kept, size, border=cv2.BORDER_CONSTANT)
    seen = reach > 250
    laid = cv2.GaussianBlur(over.astype(np.float32), (0, 0), _BLUR)
    plain = cv2.GaussianBlur(here.astype(np.float32), (0, 0), _BLUR)
    correlation, textureless = _texture(plain, laid)
    sure = seen & (correlation > _SURELY_ALIKE)
    if sure.sum() < _LEAST_PIXELS:
        return Likeness(0.0, 0.0)
    light = _light(plain, laid, sure)
    missed = cv2.GaussianBlur(laid - np.clip(plain * light, 0, 255), (0, 0), _COLOUR_BLUR)
    same_colour = np.abs(missed).max(2) < _COLOUR * np.clip(light.mean(), 0.5, 1.5)
    alike = same_colour & ((correlation > _ALIKE) | textureless)
    return Likeness(_share(alike, seen), _share(alike, seen & ~textureless))


def _light(kept: NDArray[Any], query: NDArray[Any], sure: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How much brighter the query is, a factor a channel, (3,), where both surely look alike."""
    lit = sure & (query.max(2) < _WHITE) & (kept.min(2) > _BLACK)
    where = lit if lit.sum() >= _LEAST_PIXELS else sure
    return np.asarray(np.median((query[where] + 2) / (kept[where] + 2), axis=0))


def _share(passes: NDArray[np.bool_], of: NDArray[np.bool_]) -> float:
    return float(passes[of].mean()) if of.any() else 0.0


def _texture(one: NDArray[Any], other: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """How the brightness of two coloured pictures goes together around each pixel, and where neither has texture."""
    a, b = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (one, other))
    mean_a, mean_b = _mean(a), _mean(b)
    spread_a, spread_b = np.maximum(_mean(a * a) - mean_a**2, 0), np.maximum(_mean(b * b) - mean_b**2, 0)
    # Less than the noise is nothing that could be alike.
    correlation = (_mean(a * b) - mean_a * mean_b) / np.sqrt(spread_a * spread_b + _NOISE**2)
    return np.asarray(correlation), (spread_a < _PLAIN_KEPT**2) & (spread_b < _PLAIN_QUERY**2)


def _mean(values: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(cv2.boxFilter(values, -1, (_WINDOW, _WINDOW)))
