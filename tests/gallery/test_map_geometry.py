"""The map of a gallery."""

from __future__ import annotations

import numpy as np

from imgsearch.gallery.map_geometry import TILE, inside, place_of_query, sample, scaled, sheet
from imgsearch.methods.histogram import ColourHistogram
from tests.galleries import gallery_of


def test_places_fill_the_unit_square_and_grow_downwards() -> None:
    places = scaled(np.array([[0.0, 0.0], [10.0, 5.0], [5.0, 2.5]], np.float32))
    assert places.min() > 0
    assert places.max() < 1
    assert places[0, 1] > places[1, 1]
    np.testing.assert_allclose(places[2], [0.5, 0.5])
    assert np.isfinite(scaled(np.ones((3, 2), np.float32))).all()


def test_query_lies_among_its_nearest() -> None:
    places = np.array([[0.1, 0.1], [0.2, 0.2], [0.3, 0.3], [0.9, 0.9]])
    assert place_of_query(places, [0, 1, 2]) == (0.2, 0.2)


def test_sample_is_the_same_every_time() -> None:
    assert sample(5, 10).tolist() == [0, 1, 2, 3, 4]
    some = sample(1000, 10)
    assert len(set(some.tolist())) == 10
    assert (np.diff(some) > 0).all()
    assert some.tolist() == sample(1000, 10).tolist()


def test_inside_of_an_outline_that_is_not_convex() -> None:
    # A thick L.
    outline = np.array([(0, 0), (1, 0), (1, 0.4), (0.4, 0.4), (0.4, 1), (0, 1)])
    places = np.array([(0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8), (0.41, 0.41), (0.39, 0.5)])
    assert inside(places, outline).tolist() == [0, 1, 2, 5]
    assert inside(places, outline[:2]).tolist() == []


def test_sheet_has_every_picture_in_its_place() -> None:
    pictures = [np.full((40, 60, 3), shade, np.uint8) for shade in (10, 200, 90)]
    gallery = gallery_of(pictures, [ColourHistogram()], name="three")
    page = sheet(gallery, [0, 1, 2], columns=2)
    assert page.shape == (2 * TILE, 2 * TILE, 3)
    middle = TILE // 2
    assert abs(int(page[middle, TILE + middle, 0]) - 200) < 8
    assert abs(int(page[TILE + middle, middle, 0]) - 90) < 8
    assert page[TILE + middle, TILE + middle].tolist() == [0, 0, 0]
