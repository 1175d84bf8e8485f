"""The map of the gallery: the query and its matches among all pictures, and what is inside an outline."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from imgsearch.gallery import map_geometry
from imgsearch.gallery.gallery import Gallery
from imgsearch.images.transforms import encode
from imgsearch.page.components.encoded import data_url, packed
from imgsearch.page.components.map import chosen_point, outlined, point_map
from imgsearch.page.components.strip import picked, picture_strip
from imgsearch.page.server import work_queue
from imgsearch.page.session import galleries, searching
from imgsearch.page.session.redraw import redraw
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.page.views import large
from imgsearch.presentation.kind_names import kind_name
from imgsearch.presentation.safe_text import for_markdown, plain
from imgsearch.search.result import Result

_POINTS = 2500
_SHOWN = 16
_KEY = "gallery-map"
_INSIDE = "inside-outline"


def show(gallery: Gallery, now: Query, found: Sequence[Result]) -> None:
    """Map, and below it the pictures inside the outline that the visitor drew."""
    if gallery.map_positions is None:
        gallery = _drawn(gallery)
    if gallery.map_positions is None:
        st.caption("There is no map of this gallery.")
        return
    # The map is laid out by the last method, so a query is placed by what that one finds.
    key = next(reversed(gallery.methods))
    result = next((each for each in found if each.method.key == key), None)
    if result is None:
        result = searching.search_results(gallery, key, now, 10)
    places = map_geometry.scaled(gallery.map_positions)
    nearest = [match.index for match in result.matches]
    dots = len(map_geometry.sample(gallery.n, _POINTS))
    some = f" {dots:,} of the {gallery.n:,} pictures are drawn as dots." if dots < gallery.n else ""
    st.caption(
        f"Pictures that the {gallery.method(key).title} finds alike lie close together. The star is the query, in the "
        "middle of its ten nearest; the numbers are the matches. Point at a dot to see its picture, click to enlarge "
        "it, draw around some to see what they are." + some
    )
    outline = outlined(_KEY)
    shown = found[-1]
    point_map(
        galleries.remembered(gallery, "map", lambda: _points(gallery))
        | {
            "query": map_geometry.place_of_query(places, nearest),
            "matches": [[*map(float, places[match.index]), match.rank] for match in shown.matches],
            "order": _order(gallery, shown),
            "outline": [list(corner) for corner in outline] or None,
            "alt": f"Map of {gallery.n:,} pictures with the query and its {len(shown.matches)} matches",
            "legend": "Kinds of pictures",
        },
        key=_KEY,
        on_outline=lambda: redraw("more"),
        on_chosen=_chosen,
    )
    if outline:
        _show_inside(gallery, map_geometry.inside(places, np.array(outline)))


def _drawn(gallery: Gallery) -> Gallery:
    """A visitor's own gallery with its map, worked out when it is first looked at."""
    if gallery is not galleries.own():
        return gallery
    from imgsearch.gallery.projection import with_map

    with st.spinner("Drawing the map of your pictures…"):
        drawn = work_queue.run(lambda: with_map(gallery))
    visitor().own.gallery = drawn
    return drawn


def _show_inside(gallery: Gallery, indices: np.ndarray) -> None:
    if not len(indices):
        st.caption("There is nothing inside this outline.")
        return
    counts = Counter(gallery.label(int(index)) for index in indices)
    kinds = ", ".join(
        f"{for_markdown(kind_name(label))} {100 * count / len(indices):.0f} %"
        for label, count in counts.most_common(4)
        if label
    )
    dots = int(np.isin(indices, map_geometry.sample(gallery.n, _POINTS)).sum())
    drawn = f", {dots:,} of them drawn as dots" if dots < len(indices) else ""
    st.markdown(f"**{len(indices):,} pictures inside**{drawn}" + (f": {kinds}" if kinds else ""))
    some = indices[map_geometry.sample(len(indices), _SHOWN)]
    inside = some.tolist()
    visitor().inside = inside
    picture_strip(
        [_item(gallery, index) for index in inside],
        chosen=None,
        label="Pictures inside the outline",
        key=_INSIDE,
        on_picked=_picked,
        wraps=True,
    )


def _item(gallery: Gallery, index: int) -> dict[str, Any]:
    address, pixels = galleries.thumbnail(gallery, index)
    name = plain(galleries.picture_name(gallery, index))
    return {"id": str(index), "src": address, "alt": name, "pixels": pixels}


def _picked() -> None:
    inside = visitor().inside
    index = picked(_INSIDE)
    if index in map(str, inside):
        large.ask(inside, inside.index(int(index)), ["From the map"] * len(inside))


def _order(gallery: Gallery, shown: Result) -> list[int]:
    """Numbers of the kinds: those of the matches, then the others, the most frequent first."""
    if gallery.labels is None:
        return [0]
    among = Counter(match.label for match in shown.matches)
    sizes = np.bincount(gallery.labels[gallery.labels >= 0], minlength=len(gallery.label_names))
    return sorted(range(len(sizes)), key=lambda kind: (-among[gallery.label_names[kind]], -sizes[kind]))


def _chosen() -> None:
    gallery, point = galleries.usable(), chosen_point(_KEY)
    if gallery is None or point is None:
        return
    indices = map_geometry.sample(gallery.n, _POINTS)
    if point < len(indices):
        large.ask([int(indices[point])], 0, ["From the map"])


def _points(gallery: Gallery) -> dict[str, Any]:
    assert gallery.map_positions is not None
    indices = map_geometry.sample(gallery.n, _POINTS)
    columns = max(1, int(np.ceil(np.sqrt(len(indices)))))
    places = map_geometry.scaled(gallery.map_positions)[indices]
    kinds = np.zeros(len(indices)) if gallery.labels is None else gallery.labels[indices]
    names = [plain(kind_name(name)) for name in gallery.label_names] or ["Pictures"]
    return {
        "places": packed(np.rint(places * 65535).astype("<u2")),
        # What has no label has the number of no kind.
        "kinds": packed(kinds.astype("<u2")),
        "names": names,
        "sheet": data_url(encode(map_geometry.sheet(gallery, indices.tolist(), columns), "webp", quality=70), "webp"),
        "columns": columns,
    }
