"""Whether points agree only in what several pictures have behind their things: a floor, a bedspread, a wall."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.geometry import Agreement

_SHARED = 6
"""Points of the query in which another picture agrees, too, from which on the two are thought to share something."""

_LEAST_OWN = 20
_LEAST_OWN_SHARE = 0.5
"""Points that must then be left in which no other picture agrees, and their share of all."""


def only_backdrop(agreed: Agreement, others: Sequence[Agreement]) -> bool:
    """Whether too little of what agrees is the picture's own; `others` are pictures of the gallery of other things."""
    shared = in_both(agreed, others)
    own = agreed.points - int(shared.sum())
    return bool(shared.sum() >= _SHARED and (own < _LEAST_OWN or own < _LEAST_OWN_SHARE * agreed.points))


def in_both(agreed: Agreement, others: Sequence[Agreement]) -> NDArray[np.bool_]:
    """Which of the query's points agree with one of the others, too; (p,) bool."""
    places = [np.empty(0, np.complex128), *(_places(other) for other in others)]
    return np.isin(_places(agreed), np.concatenate(places))


def _places(agreed: Agreement) -> NDArray[np.complex128]:
    return np.asarray(agreed.query[:, 0] + 1j * agreed.query[:, 1])
