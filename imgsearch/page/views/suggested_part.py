"""A part of the query to search with: where the garment is, or what makes the match similar."""

from functools import partial

from imgsearch.gallery.gallery import Gallery
from imgsearch.images.transforms import Picture
from imgsearch.methods.explanations import Heat, HeatExplanation
from imgsearch.methods.garment_conversion import garment_box
from imgsearch.page.components.crop import Box
from imgsearch.page.server import work_queue
from imgsearch.page.session import marks, searching
from imgsearch.page.session.visitor import Query
from imgsearch.page.views import explanation, ranked
from imgsearch.presentation.heatmap import hottest


def suggested_part(gallery: Gallery, now: Query) -> Box | None:
    """The rectangle, in shares of a query that is searched for whole; None where no method tells places apart."""
    if searching.conversion(gallery, now) is not None:
        return _rounded(work_queue.run(lambda: garment_box(now.picture)))
    picture = searching.prepared(gallery, now)
    for key in gallery.methods:
        result = ranked.by_method(gallery, key, now)
        match = marks.selected(result.matches)
        if match is None:
            return None
        explained = work_queue.run(partial(explanation.explain, gallery, picture, result, match))
        if isinstance(explained, HeatExplanation) and explained.query is not None:
            return _rounded(_on_picture(explained.query, picture))
    return None


def _on_picture(heat: Heat, picture: Picture) -> Box:
    """Where the heat is, in shares of the picture itself.

    A method sees the picture whole, in the middle, with its own proportions.
    """
    (high, wide), (height, width) = heat.picture.shape[:2], picture.shape[:2]
    scale = min(high / height, wide / width)
    across, down = width * scale / wide, height * scale / high
    left, top, right, bottom = hottest(heat.over(high, wide))
    x0, x1 = (min(max(0.5 + (edge - 0.5) / across, 0.0), 1.0) for edge in (left, right))
    y0, y1 = (min(max(0.5 + (edge - 0.5) / down, 0.0), 1.0) for edge in (top, bottom))
    return x0, y0, x1, y1


def _rounded(box: Box) -> Box:
    left, top, right, bottom = (round(edge, 3) for edge in box)
    return left, top, right, bottom
