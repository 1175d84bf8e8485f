"""Whether a match is the query itself."""

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import Gallery

_GLANCE = 16
_LOSS = 24.0


def is_copy(gallery: Gallery, index: int, picture: NDArray[np.uint8] | None, digest: str, *, same_vector: bool) -> bool:
    """Whether a picture of the gallery is the one that a query was made from.

    `digest` is the sha256 of the bytes that the whole query came as, else empty: the same bytes are the same picture.
    Where these are not known, or others, it is the same picture if its vector, by its score, is the same and it looks
    the same as `picture`, which is as the methods see it: many pictures have the same histogram.
    """
    if digest and gallery.origins is not None and gallery.origins[index].sha256 == digest:
        return True
    if not same_vector or picture is None:
        return False
    # They look the same but for their size and the loss of an encoder.
    one, other = _glance(picture), _glance(gallery.picture(index))
    return one.shape == other.shape and bool(np.abs(one - other).max() <= _LOSS)


def _glance(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The mean colours of a coarse grid of cells, (g, g, 3) float64."""
    rows = np.linspace(0, picture.shape[0], min(_GLANCE, picture.shape[0]) + 1).astype(int)[:-1]
    columns = np.linspace(0, picture.shape[1], min(_GLANCE, picture.shape[1]) + 1).astype(int)[:-1]
    sums = np.add.reduceat(np.add.reduceat(picture.astype(np.float64), rows, axis=0), columns, axis=1)
    heights = np.diff(np.append(rows, picture.shape[0]))
    widths = np.diff(np.append(columns, picture.shape[1]))
    return np.asarray(sums / (heights[:, None, None] * widths[None, :, None]))
