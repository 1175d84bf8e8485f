"""Where a thing lies in a query, more exactly than points say: optical flow tells how far off each place still is.

Cells are 8 pixels wide. A transform from a dozen of them puts the corners of a picture off by a few per cent, and there
what is the same no longer looks alike.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture
from imgsearch.local_features.features import Features
from imgsearch.local_features.geometry import Agreement, corners, homography, moved, plausible
from imgsearch.local_features.overlay import SIDE, laid_over, of_side, to_size

_APART = 8  # pixels from one place to the next
_WINDOW = 21  # pixels around a place that are looked for
_BLUR = 1.0
_NOISE = 4.0  # levels
_CONTRAST = 40  # levels of the standard deviation around each place, after which both are in one light
_FARTHEST = 12.0  # pixels: what is farther off is something else
_BACK = 1.0  # pixels from its place at which the way there and back may end
_TOLERANCE = 1.5  # pixels by which a place may miss the new transform
_FEWEST = 8  # places
_LEAST_TEXTURE = 1e-3


def aligned(query: Picture, kept: Picture, agreed: Agreement, of_query: Features, of_kept: Features) -> Agreement:
    """The agreement with a transform that lays the query more exactly over a kept picture; as it was if there is none.

    Pyramidal Lucas–Kanade from the kept picture to what lies over it; what goes back to where it came from is the same
    place, and a homography joins these.
    """
    here, _ = of_side(kept, SIDE, of_kept)
    height, width = here.shape[:2]
    over, reach = laid_over(query, agreed, of_query, of_kept, (width, height), border=cv2.BORDER_REPLICATE)
    y, x = np.mgrid[_APART // 2 : height : _APART, _APART // 2 : width : _APART]
    places = np.stack([x, y], axis=2)[reach[y, x] > 250].astype(np.float32)
    if len(places) < _FEWEST:
        return agreed
    one, other = _in_one_light(here), _in_one_light(over)
    there, found = _flow(one, other, places)
    back, found_again = _flow(other, one, there)
    same = found & found_again & (np.linalg.norm(back - places, axis=1) < _BACK)
    same &= np.linalg.norm(there - places, axis=1) < _FARTHEST
    if same.sum() < _FEWEST:
        return agreed
    moves = homography(there[same], places[same], _TOLERANCE)
    if moves is None:
        return agreed
    scale = to_size((width, height), of_kept)
    transform = agreed.transform @ np.linalg.inv(scale) @ moves @ scale
    if not plausible(transform, of_kept, of_query, mirrored=agreed.mirrored):
        return agreed
    return replace(agreed, transform=transform, outline=moved(corners(of_kept), transform))


def _in_one_light(picture: Picture) -> NDArray[np.uint8]:
    """Its brightness, (h, w), less the mean around each pixel, by the standard deviation there."""
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), _BLUR)
    size = _WINDOW, _WINDOW
    mean = cv2.boxFilter(grey, -1, size)
    spread = np.sqrt(np.maximum(cv2.boxFilter(grey * grey, -1, size) - mean * mean, 0) + _NOISE**2)
    return np.asarray(np.clip((grey - mean) / spread * _CONTRAST + 128, 0, 255), np.uint8)


def _flow(
    one: NDArray[np.uint8], other: NDArray[np.uint8], places: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Where places of one, (p, 2), are in the other, and whether they were found, (p,)."""
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        one,
        other,
        places,
        np.empty_like(places),
        winSize=(_WINDOW, _WINDOW),
        maxLevel=1,
        minEigThreshold=_LEAST_TEXTURE,
    )
    return np.asarray(there, np.float32), np.asarray(found[:, 0], bool)
