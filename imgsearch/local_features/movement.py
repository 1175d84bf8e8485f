"""Which pairs of features agree in one movement: a shift, a turn and a scale.

A keypoint has a place, a size and a direction, so a single pair says how the picture was moved (Philbin et al., *Object
retrieval with large vocabularies and fast spatial matching*, CVPR 2007). A cell has a place alone, so it takes two. No
chance is in it: all are tried.
"""

import numpy as np
from numpy.typing import NDArray

_SCALE = np.log(2.2)
_TURN = np.radians(40)
_SHIFT = 0.12
"""How far scale, direction and place (as a share of the query's longer side) of a pair may be from those of the
movement that another pair alone would give: a slant of 45° reaches about so far."""

_TRIED = 12  # pairs of cells of which every two give a movement
_LEAST_APART = 0.12  # share of the kept picture's longer side: cells side by side say little of turn and scale
_SCALES = 0.15, 1.3  # of the kept picture in the query, both with a longer side of 1
_MOST_TURN = np.radians(65)  # the network describes what is upright
_CELL_SHIFT = 0.05
_AT_ONCE = 64  # pictures: all movements of 400 would take 25 MB at once


def agreeing(query: NDArray[np.float32], kept: NDArray[np.float32], side: int, *, mirrored: bool) -> NDArray[np.bool_]:
    """For each of p pairs, which pairs agree with the movement that it gives; (p, p) bool.

    `query` and `kept` are their places, (p, 4), and `side` is the query's longer one. `mirrored` says that the query's
    descriptors are those of its mirror image.
    """
    there, here = query.astype(np.float32), kept.astype(np.float32)
    target, source = there[:, 0] + 1j * there[:, 1], here[:, 0] + 1j * here[:, 1]
    if mirrored:
        source = source.conj()
    angle = np.radians(there[:, 3] + here[:, 3] if mirrored else there[:, 3] - here[:, 3])
    octave = np.log(there[:, 2] / here[:, 2])
    turn = np.exp(octave + 1j * angle)
    miss = turn[:, None] * source + (target - turn * source)[:, None] - target
    turned = np.abs((angle - angle[:, None] + np.pi) % (2 * np.pi) - np.pi)
    near = miss.real**2 + miss.imag**2 <= (_SHIFT * side) ** 2
    return np.asarray(near & (np.abs(octave - octave[:, None]) <= _SCALE) & (turned <= _TURN))


def most_in_one(
    query: NDArray[np.complex64], kept: NDArray[np.complex64], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The largest weight of pairs of cells that agree in one movement, for each of c pictures; (c,) float32.

    `query` and `kept` are their places, x + iy in shares of the longer sides, (c, m), and `weights`, (c, m), fall from
    left to right; a picture with fewer pairs has NaN behind them. Every two of the first twelve give a movement.
    """
    found = np.zeros(len(weights), np.float32)
    for start in range(0, len(weights), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        found[part] = _most_in_one(query[part], kept[part], weights[part])
    return found


def _most_in_one(
    query: NDArray[np.complex64], kept: NDArray[np.complex64], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    one, other = np.triu_indices(min(_TRIED, weights.shape[1]), 1)
    apart = kept[:, other] - kept[:, one]
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = (query[:, other] - query[:, one]) / apart
        size = np.abs(turn)
        likely = (np.abs(apart) > _LEAST_APART) & (size > _SCALES[0]) & (size < _SCALES[1])
        likely &= np.abs(np.angle(turn)) < _MOST_TURN
        shift = query[:, one] - turn * kept[:, one]
        miss = turn[:, :, None] * kept[:, None] + shift[:, :, None] - query[:, None]
        near = miss.real**2 + miss.imag**2 <= _CELL_SHIFT**2
    together = (near * np.nan_to_num(weights)[:, None]).sum(2)
    return np.asarray(np.where(likely, together, 0).max(1, initial=0))
