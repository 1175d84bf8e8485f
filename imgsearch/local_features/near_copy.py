"""Whether a query is a copy of a picture that was altered a little, and in what."""

import cv2
import numpy as np
from numpy.typing import NDArray

from imgsearch.images.transforms import Picture
from imgsearch.local_features.features import Features
from imgsearch.local_features.geometry import Agreement, corners, moved
from imgsearch.local_features.keypoints import grey_of_side

_STRAIGHT = 0.03  # share by which a copy's sides may seem to be bent or stretched
_CROPPED = 0.96  # share of the picture below which a copy is called cropped
_RESIZED = 0.05
_TURNED = 3.0  # degrees
_ALIKE = 0.9  # correlation of the brightness of a copy with that of the picture


def near_copy(query: Picture, kept: Picture, agreed: Agreement, of_query: Features, of_kept: Features) -> str:
    """Say what was done to a picture to make the query of it; empty if the query is no copy of it."""
    transform = agreed.transform / agreed.transform[2, 2]
    back = np.linalg.inv(transform)
    stretches = np.linalg.svd(transform[:2, :2])[1]
    bend = np.abs(transform[2, :2] * [of_kept.width, of_kept.height]).sum()
    size = np.array([of_kept.width, of_kept.height])
    seen = moved(corners(of_query), back) / size
    inside = bool((seen > -_STRAIGHT).all() and (seen < 1 + _STRAIGHT).all())
    if stretches[0] > (1 + _STRAIGHT) * stretches[1] or bend > _STRAIGHT or not inside:
        return ""
    if _correlation(query, kept, agreed.transform, of_query, of_kept) < _ALIKE:
        return ""
    cropped = cv2.contourArea(seen.astype(np.float32)) < _CROPPED
    along = transform[:2, 0]
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    if agreed.mirrored:
        angle = (angle + 90) % 180 - 90 if abs(abs(angle) - 180) < _TURNED else angle
    larger = max(query.shape[:2]) / max(kept.shape[:2])
    done = ["cropped"] if cropped else []
    done += ["mirrored"] if agreed.mirrored else []
    done += ["turned"] if abs(angle) > _TURNED else []
    done += ["resized"] if not cropped and abs(larger - 1) > _RESIZED else []
    return ", ".join(["the same picture", *done])


def _correlation(
    query: Picture, kept: Picture, transform: NDArray[np.float64], of_query: Features, of_kept: Features
) -> float:
    """How the brightness of both goes together where they overlap, −1 to 1."""
    here = grey_of_side(kept, max(of_kept.width, of_kept.height))
    there = grey_of_side(query, max(of_query.width, of_query.height))
    height, width = there.shape
    laid = cv2.warpPerspective(here, transform, (width, height), flags=cv2.INTER_LINEAR)
    covered = cv2.warpPerspective(np.full_like(here, 255), transform, (width, height)) > 254
    if covered.sum() < covered.size / 2:
        return 0.0
    # Blurred, so that half a pixel of misplacement and the loss of an encoder do not count.
    one, other = (cv2.GaussianBlur(part, (0, 0), 2)[covered].astype(np.float64) for part in (laid, there))
    spread = one.std() * other.std()
    return float(((one - one.mean()) * (other - other.mean())).mean() / spread) if spread > 0 else 0.0
