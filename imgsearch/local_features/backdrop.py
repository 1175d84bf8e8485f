"""Which points are a picture's own, and not of what several pictures have behind their things: a floor, a wall."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imgsearch.local_features.geometry import Agreement


def in_both(agreed: Agreement, others: Sequence[Agreement]) -> NDArray[np.bool_]:
    """Which of the query's points agree with one of the others, too; (p,) bool."""
    places = [np.empty(0, np.complex128), *(_places(other) for other in others)]
    return np.isin(_places(agreed), np.concatenate(places))


def _places(agreed: Agreement) -> NDArray[np.complex128]:
    return np.asarray(agreed.query[:, 0] + 1j * agreed.query[:, 1])
