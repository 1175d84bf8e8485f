"""Which of many rank values could be among the k best: one pass over all, and a look at few."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_COLUMNS = 512
# Above this share of columns it is faster to go through all values.
_FEW = 1 / 8


class Columns:
    """Values laid out as a table, of which the largest of each column are looked at first.

    Finding those is the only pass over all values: what is looked for is then only looked for in columns whose
    largest is large enough. Against `np.partition` of all values this halves a search of 1,000,000.

    Parameters
    ----------
    values : (n,) float32
    """

    def __init__(self, values: NDArray[np.floating]) -> None:
        whole = len(values) - len(values) % _COLUMNS
        self._values = values
        self._table = values[:whole].reshape(-1, _COLUMNS)
        self._rest = values[whole:]
        self._largest = np.maximum.reduce(self._table, axis=0, initial=-np.inf)
        self._largest_of_rest = float(self._rest.max(initial=-np.inf))

    def near_the_best(self, k: int, slack: float) -> NDArray[np.intp]:
        """Ascending indices of every value that is at least the k-th largest less `slack`, and few others."""
        if k >= len(self._values):
            return np.arange(len(self._values))
        if k > _COLUMNS // 4 or len(self._table) < 4:
            return (self._values >= kth_largest(self._values, k) - slack).nonzero()[0]
        # The k-th largest of the columns' largest is at most the k-th largest of all.
        found = self.reaching(kth_largest(self._largest, k) - slack)
        if len(found) > 4 * k:
            kept = self._values[found]
            found = found[kept >= kth_largest(kept, k) - slack]
        return found

    def reaching(self, floor: float) -> NDArray[np.intp]:
        """Ascending indices of every value that is at least `floor`."""
        columns = (self._largest >= floor).nonzero()[0]
        if len(columns) > _FEW * _COLUMNS:
            return (self._values >= floor).nonzero()[0]
        rows, places = (self._table.take(columns, axis=1) >= floor).nonzero()
        found: NDArray[np.intp] = rows * _COLUMNS + columns[places]
        if self._largest_of_rest >= floor:
            found = np.concatenate([found, (self._rest >= floor).nonzero()[0] + self._table.size])
        return found


def kth_largest(values: NDArray[np.floating], k: int) -> float:
    """The k-th largest of at least k values."""
    return float(np.partition(values, len(values) - k)[len(values) - k])
