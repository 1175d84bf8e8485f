"""Which pairs of keypoints agree in the movement that one of them alone gives.

A keypoint has a place, a size and a direction, so a single pair says how the picture was shifted, turned and scaled
(Philbin et al., *Object retrieval with large vocabularies and fast spatial matching*, CVPR 2007). No chance is in it:
every pair is tried.
"""

import numpy as np
from numpy.typing import NDArray

_SCALE = np.log(2.2)
_TURN = np.radians(40)
_SHIFT = 0.12
"""How far scale, direction and place (as a share of the query's longer side) of a pair may be from those of the
movement that another pair alone would give: a slant of 45° reaches about so far."""


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
