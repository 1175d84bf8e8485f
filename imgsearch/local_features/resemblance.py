"""In how much of a picture a query shows the like of it: another shirt is the like of a shirt, what hides it is not.

So of two queries that look equally like a picture, the one that shows the like of it where it differs is another thing.
"""

import cv2
import numpy as np

from imgsearch.images.transforms import Picture
from imgsearch.local_features.dense import alike_at
from imgsearch.local_features.features import Features, KeptFeatures
from imgsearch.local_features.geometry import Agreement
from imgsearch.local_features.grid import STRIDE
from imgsearch.local_features.overlay import laid_over

_WHOLLY = 242  # of 255, from which on a cell is within the query


def resemblance(query: Picture, agreed: Agreement, of_query: Features, of_kept: KeptFeatures) -> float:
    """The share of a kept picture's cells within the query that the network sees as alike, 0 to 1."""
    rows, columns = of_kept.kept_cells.grid
    size = columns * STRIDE, rows * STRIDE
    laid, reach = laid_over(query, agreed, of_query, of_kept, size, border=cv2.BORDER_REPLICATE)
    within = cv2.resize(reach, (columns, rows), interpolation=cv2.INTER_AREA) > _WHOLLY
    return alike_at(laid, of_kept.kept_cells, np.asarray(within))
