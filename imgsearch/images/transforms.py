"""Pictures as arrays: made smaller or larger, and written into the bytes of a file."""

import hashlib
import io
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

Picture: TypeAlias = npt.NDArray[np.uint8]  # RGB, uint8, shape (height, width, 3)


def fit(picture: Picture, longest: int) -> Picture:
    """Reduce a picture so that its longer side is at most `longest` pixels; a smaller one is returned itself."""
    height, width = picture.shape[:2]
    longer = max(height, width)
    if longer <= longest:
        return picture
    import cv2

    size = (max(1, round(width * longest / longer)), max(1, round(height * longest / longer)))
    # To more than half, interpolation takes almost every pixel into account, too, in a tenth of the time.
    how = cv2.INTER_AREA if longer >= 2 * longest else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how), dtype=np.uint8)


def squash(picture: Picture, height: int, width: int) -> Picture:
    """Resize (h, w, 3) uint8 to (height, width, 3), whatever its proportions: by area down, linearly up."""
    if picture.shape[:2] == (height, width):
        return picture
    import cv2

    shrinks = picture.shape[0] >= height and picture.shape[1] >= width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8).reshape(height, width, -1)


def letterbox(picture: Picture, height: int, width: int) -> Picture:
    """Resize (h, w, 3) uint8 to (height, width, 3) with its proportions kept, centred on white."""
    scale = min(height / picture.shape[0], width / picture.shape[1])
    tall = min(height, max(1, round(picture.shape[0] * scale)))
    wide = min(width, max(1, round(picture.shape[1] * scale)))
    page = np.full((height, width, 3), 255, np.uint8)
    top, left = (height - tall) // 2, (width - wide) // 2
    page[top : top + tall, left : left + wide] = squash(picture, tall, wide)
    return page


FITS = {"squash": squash, "letterbox": letterbox}  # by the name that a model file has for it


def enlarge(picture: Picture, factor: int) -> Picture:
    """Repeat every pixel `factor` times in both directions, so that single pixels of a 28x28 can be seen."""
    return np.repeat(np.repeat(picture, factor, axis=0), factor, axis=1)


def encode(picture: Picture, format: Literal["png", "webp", "jpeg"] = "png", *, quality: int = 85) -> bytes:
    """The bytes of a file; `quality`, 0 to 100, is for WebP and JPEG."""
    if format == "png":
        import cv2

        # A fifth of Pillow's time for 28×28 pixels, of which a page of Fashion has a dozen ("change of method").
        return cv2.imencode(".png", picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 3])[1].tobytes()
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format.upper(), quality=quality, method=2)
    return file.getvalue()


def digest(data: bytes) -> str:
    """SHA-256 of `data` in hexadecimal: the name under which results of exactly these bytes are kept."""
    return hashlib.sha256(data).hexdigest()
