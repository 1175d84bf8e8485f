"""A photograph of a garment becomes what the makers of Fashion-MNIST would have made of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from imgsearch.images.transforms import Picture, enlarge, fit

Mask = npt.NDArray[np.bool_]

SIDE = 28
THUMBNAIL = 73  # longer side of the shop pictures that the makers started from (51 x 73)
SEGMENT_SIDE = 96  # longer side at which the garment is separated from its background
WORK_SIDE = 512  # nothing of a larger photograph would survive the way to 28 pixels
FUZZ = 0.05 * 255 * 3**0.5  # "within 5 % of the maximum possible intensity in RGB space"
SMALLEST, LARGEST = 0.1, 0.9  # share of the photograph that a garment may take
PLAIN = 0.9  # share of the border that a plain background has
SMALLEST_PLAIN = 0.02  # share that a garment on a plain background takes at least
GREY = 8  # levels that a compressed grey may be off
MARGIN = 0.03  # share of the longer side along the border that is surely background
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709
SHOWN = 252  # side of the small pictures when they are shown: nine times 28


@dataclass(frozen=True)
class Conversion:
    """What was done to a photograph of a garment."""

    steps: tuple[tuple[str, Picture], ...]  # caption and picture of each stage, for showing; the last is the result
    result: Picture  # (28, 28, 3), light garment on black
    from_photograph: bool  # false where it was one of Fashion-MNIST's own pictures, enlarged


def convert(photograph: Picture) -> Conversion:
    """Put the garment on white, then take the seven steps of the Fashion-MNIST paper (arXiv 1708.07747, section 2).

    A grey picture on pure black is taken for one that was negated before.
    """
    work = fit(photograph, WORK_SIDE)
    steps = [("Photograph", work)]
    negated = _is_negated(work)
    if negated:
        work = np.asarray(255 - work, dtype=np.uint8)
        steps.append(("Negated back", work))
    # The makers' pictures have a plain ground, and are subsampled as they did it. In a photograph taken at home
    # that turns weave and noise into specks: averaged all the way to 28 pixels, 3 of 100 matches more are right.
    mask, plain = segment(work)
    left, top, right, bottom = _around(mask)
    cut = np.where(mask[top:bottom, left:right, None], work[top:bottom, left:right], np.uint8(255))
    # From a busy background it is told by a guess, which may lose half of it.
    caption = "Garment on white" if plain else "What was taken for the garment"
    steps += [(caption, cut), *_seven_steps(cut, THUMBNAIL if plain else SIDE)]
    shown = tuple((caption, enlarge(step, max(1, SHOWN // max(step.shape)))) for caption, step in steps)
    return Conversion(shown, steps[-1][1], not negated)


def garment_box(photograph: Picture) -> tuple[float, float, float, float]:
    """The rectangle around what is taken for the garment: left, top, right, bottom in shares of the photograph."""
    mask, _ = segment(fit(photograph, WORK_SIDE))
    height, width = mask.shape
    left, top, right, bottom = _around(mask)
    return left / width, top / height, right / width, bottom / height


def _is_negated(picture: Picture) -> bool:
    """Whether a picture is grey on pure black, as one of Fashion-MNIST is that somebody enlarged."""
    grey = not np.any(np.ptp(picture, axis=2) > GREY)
    return grey and float(np.mean(_border(picture)[:, 0] <= GREY)) >= PLAIN


def _border(picture: npt.NDArray[np.generic]) -> npt.NDArray[Any]:
    """The outermost pixels, (n, 3), the corners twice."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def _around(mask: Mask) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is in a mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _seven_steps(trimmed: Picture, thumbnail: int) -> list[tuple[str, Picture]]:
    small = _subsample(fit(trimmed, thumbnail))
    sharp = _sharpen(small)
    height, width = sharp.shape[:2]
    canvas = np.full((SIDE, SIDE, 3), 255, np.uint8)
    # An odd pixel goes above and to the left, as in the makers' own pictures.
    top, left = (SIDE - height + 1) // 2, (SIDE - width + 1) // 2
    canvas[top : top + height, left : left + width] = sharp
    grey = np.rint((255 - canvas).astype(np.float32) @ LUMA).astype(np.uint8)
    result = np.repeat(grey[:, :, None], 3, axis=2)
    return [("Longest edge to 28 pixels", small), ("Sharpened, centred", canvas), ("Negated, grey", result)]


def _subsample(picture: Picture) -> Picture:
    """Skip rows and columns so that the longer edge has 28 of them."""
    height, width = picture.shape[:2]
    longer = max(height, width)
    rows, columns = (max(1, round(side * SIDE / longer)) for side in (height, width))
    row = ((np.arange(rows) + 0.5) * height / rows).astype(int)
    column = ((np.arange(columns) + 0.5) * width / columns).astype(int)
    return np.asarray(picture[row][:, column])


def _sharpen(picture: Picture) -> Picture:
    """Sharpen with a Gaussian of radius and standard deviation 1.0 where the outlines are.

    As ImageMagick's adaptive sharpening does it, which the makers used: the strength of the edges is a
    Laplacian, stretched, blurred and stretched again; above one half, twice the picture minus its blur.
    """
    import cv2

    pixels = picture.astype(np.float32)
    luma = pixels @ LUMA / 255
    kernel = np.full((3, 3), -1, np.float32)
    kernel[1, 1] = 8
    laplacian = cv2.filter2D(luma, -1, kernel, borderType=cv2.BORDER_REPLICATE)
    edges = np.clip(laplacian, 0, 1)
    edges = np.clip(edges / max(float(np.quantile(edges, 0.99)), 1e-6), 0, 1)
    edges = cv2.GaussianBlur(edges, (3, 3), 1.0, borderType=cv2.BORDER_REPLICATE)
    edges = (edges - edges.min()) / max(float(np.ptp(edges)), 1e-6)
    blurred = cv2.GaussianBlur(pixels, (3, 3), 1.0, borderType=cv2.BORDER_REPLICATE)
    sharp = np.where((edges >= 0.5)[:, :, None], 2 * pixels - blurred, pixels)
    return np.clip(np.rint(sharp), 0, 255).astype(np.uint8)


def segment(photograph: Picture) -> tuple[Mask, bool]:
    """Where the garment is in a photograph, (h, w) bool, never empty; and whether its background is plain.

    A plain background is of the border's colour and connected with it. Any other is separated by GrabCut (Rother,
    Kolmogorov, Blake 2004, doi 10.1145/1015706.1015720), which learns from the border.
    """
    plain = _on_plain(photograph)
    if plain is not None:
        return plain, True
    import cv2

    height, width = photograph.shape[:2]
    small = fit(photograph, SEGMENT_SIDE)
    if min(small.shape[:2]) < 8:
        return np.ones((height, width), bool), False
    return np.asarray(cv2.resize(_grabcut(small).astype(np.float32), (width, height))) >= 0.5, False


def _on_plain(photograph: Picture) -> Mask | None:
    """What is not connected background of the border's colour; None when the border has many colours."""
    import cv2

    pixels = photograph.astype(np.float32)
    colour = np.median(_border(pixels), axis=0)
    unlike = np.sqrt(((pixels - colour) ** 2).sum(axis=2))
    border = np.zeros(unlike.shape, bool)
    border[0] = border[-1] = border[:, 0] = border[:, -1] = True
    if np.mean(unlike[border] <= FUZZ) < PLAIN:
        return None
    # A clean background lets pale parts of a garment stay; a noisy or shaded one needs all of the 5 %.
    noise = float(np.quantile(unlike[border & (unlike <= FUZZ)], 0.95))
    near = unlike <= min(FUZZ, 4 + 2 * noise)
    _, pieces = cv2.connectedComponents(near.astype(np.uint8), connectivity=4)
    background = near & np.isin(pieces, np.unique(pieces[border & near]))
    mask = ~background
    return mask if mask.mean() >= SMALLEST_PLAIN else None


def _grabcut(small: Picture) -> Mask:
    """The garment in a photograph that it nearly fills; all of it where nothing can be told apart."""
    import cv2

    height, width = small.shape[:2]
    margin = max(1, round(MARGIN * max(height, width)))
    inside = (margin, margin, width - 2 * margin, height - 2 * margin)
    labels = np.zeros((height, width), np.uint8)
    cv2.setRNGSeed(0)  # clusters start from random numbers: the same picture, the same mask
    try:
        cv2.grabCut(small, labels, inside, np.zeros((1, 65)), np.zeros((1, 65)), 5, cv2.GC_INIT_WITH_RECT)
    except cv2.error:  # a picture of one colour leaves nothing to separate
        return np.ones_like(labels, bool)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    found = (labels == cv2.GC_PR_FGD).astype(np.uint8)
    for operation in (cv2.MORPH_CLOSE, cv2.MORPH_OPEN):  # small gaps and small pieces go
        found = np.asarray(cv2.morphologyEx(found, operation, disc), np.uint8)
    mask = found > 0
    return mask if SMALLEST <= mask.mean() <= LARGEST else np.ones_like(mask)
