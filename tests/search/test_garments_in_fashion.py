"""Photographs of garments find garments of their kind in the Fashion gallery; photographs of none are told so.

All of them are photographs that the delivered head never learned from (`garment_head.held_out`), and all go through
`search`, as they do from the page and from the command line.
"""

from __future__ import annotations

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.gallery import GALLERY_SIDE, Gallery
from imgsearch.gallery.persistence import open_gallery
from imgsearch.images.reading import read_picture
from imgsearch.methods.explanations import HeatExplanation, Side
from imgsearch.search.search import Result, search
from imgsearch.training.photos.garment_kinds import RIGHT, held_out
from tests.galleries import DATA

EVERY_EXPLAINED = 12

pytestmark = pytest.mark.skipif(
    not ((DATA / "garments").is_dir() and (DATA / "photos").is_dir()),
    reason="the photographs of ../shared/data are not here",
)


def names_in(folder: str) -> list[str]:
    return [path.relative_to(DATA).as_posix() for path in sorted((DATA / folder).glob("*/*.*"))]


@pytest.fixture(scope="module")
def gallery() -> Gallery:
    return open_gallery(ASSETS / "galleries" / "fashion")


@pytest.fixture(scope="module")
def found(gallery: Gallery) -> dict[str, Result]:
    photographs = [name for name in names_in("photos") if not name.startswith("photos/README")]
    names = held_out(names_in("garments"), photographs)
    pictures = {name: read_picture(DATA / name, longest=GALLERY_SIDE) for name in names}
    return {name: search(gallery, "siamese", picture) for name, picture in pictures.items()}


@pytest.fixture(scope="module")
def garments(found: dict[str, Result]) -> dict[str, Result]:
    return {name: result for name, result in found.items() if name.startswith("garments/")}


@pytest.fixture(scope="module")
def others(found: dict[str, Result]) -> dict[str, Result]:
    return {name: result for name, result in found.items() if name.startswith("photos/")}


def right(name: str, result: Result) -> list[bool]:
    return [match.label in RIGHT[name.split("/")[1]] for match in result.matches]


def test_there_are_enough_of_each(garments: dict[str, Result], others: dict[str, Result]) -> None:
    assert len(garments) > 250
    assert {name.split("/")[1] for name in garments} == set(RIGHT)
    assert {"dog", "landmark", "food"} <= {name.split("/")[1] for name in others}
    assert len(others) > 100


def test_of_the_first_ten_matches_most_are_of_the_right_kind(garments: dict[str, Result]) -> None:
    assert np.mean([right(name, result) for name, result in garments.items()]) >= 0.91


def test_a_garment_is_not_told_that_it_is_none(garments: dict[str, Result]) -> None:
    assert np.mean([not result.convincing for result in garments.values()]) <= 0.03


def test_what_is_no_garment_is_told_so(others: dict[str, Result]) -> None:
    assert np.mean([not result.convincing for result in others.values()]) >= 0.95


def test_the_matches_of_one_kind_differ_from_garment_to_garment(garments: dict[str, Result]) -> None:
    """The conversion has its say: not every pair of trousers finds the ten at the middle of all trousers."""
    rankings = [tuple(match.index for match in result.matches) for result in garments.values()]
    assert len(set(rankings)) > 0.95 * len(rankings)


def test_the_explanation_of_every_match_adds_up_to_the_shown_score(gallery: Gallery, found: dict[str, Result]) -> None:
    method = gallery.method("siamese")
    worst = 0.0
    for name in list(found)[::EVERY_EXPLAINED]:
        result = found[name]
        picture = gallery.prepare(read_picture(DATA / name, longest=GALLERY_SIDE))
        for match in result.matches[:3]:
            other = Side(gallery.vectors("siamese", [match.index])[0], gallery.picture(match.index))
            explained = method.explain(Side(result.vector, picture, result.added), other)
            assert isinstance(explained, HeatExplanation)
            for heat in (explained.query, explained.match):
                assert heat is not None
                worst = max(worst, abs(heat.total - match.score))
            # The converted picture's own share lies on its places, and none is left over.
            assert explained.query is not None
            assert set(explained.query.parts) == set(result.added)
    assert worst <= 1e-5


def test_the_heat_of_the_kind_adds_up_to_the_score_that_the_guess_was_made_from(
    gallery: Gallery, garments: dict[str, Result]
) -> None:
    name, result = next(iter(garments.items()))
    assert result.guess is not None
    picture = read_picture(DATA / name, longest=GALLERY_SIDE)
    scores = np.array([gallery.garment_queries.where(picture, kind).total for kind in range(10)])
    shares = np.exp(scores - scores.max())
    np.testing.assert_allclose(shares / shares.sum(), result.guess.shares, atol=1e-5)
