"""A histogram counts what is there, where it is asked to."""

import numpy as np
import pytest

from imgsearch.methods.explanations import Side
from imgsearch.methods.histogram import ColourHistogram, GreyHistogram, sorted_pixels
from imgsearch.methods.registry import from_config


def grey(array):
    return np.repeat(np.asarray(array, np.uint8)[..., None], 3, axis=2)


def test_grey_levels_are_counted_over_the_number_of_pixels():
    picture = np.zeros((28, 28))
    picture[0, :3] = [7, 7, 255]
    vector = GreyHistogram().describe(grey(picture))
    assert vector.dtype == np.float32
    assert vector.shape == (256,)
    np.testing.assert_array_equal(vector[[0, 7, 255]], np.array([781 / 784, 2 / 784, 1 / 784], np.float32))
    assert vector.sum() == pytest.approx(1)


def test_every_grey_level_keeps_its_bin():
    picture = grey(np.arange(256).reshape(16, 16))
    np.testing.assert_array_equal(GreyHistogram().describe(picture), np.full(256, 1 / 256, np.float32))


def test_a_grid_keeps_where_the_greys_are():
    picture = np.zeros((28, 28))
    picture[4:8, 24:28] = 255  # the last cell of the second row
    vector = GreyHistogram(bins=8, grid=7).describe(grey(picture)).reshape(7, 7, 8)
    assert vector[1, 6, 7] == np.float32(16 / 784)
    assert vector[1, 6, 0] == 0
    assert vector[0, 0, 0] == np.float32(16 / 784)
    whole = GreyHistogram()
    moved = np.roll(picture, 3, axis=0)
    np.testing.assert_array_equal(whole.describe(grey(picture)), whole.describe(grey(moved)))


def test_cells_of_unequal_size_count_alike():
    vector = GreyHistogram(bins=2, grid=3).describe(grey(np.zeros((10, 11)))).reshape(9, 2)
    np.testing.assert_allclose(vector[:, 0], 1 / 9, rtol=1e-6)


@pytest.mark.parametrize("space", ["rgb", "lab"])
def test_colours_are_counted(space):
    method = ColourHistogram(space=space)
    red, blue = np.zeros((2, 30, 40, 3), np.uint8)
    red[...] = (250, 10, 10)
    blue[...] = (10, 10, 250)
    half = red.copy()
    half[:, 20:] = blue[:, 20:]
    vectors = np.stack([method.describe(picture) for picture in (red, blue, half)])
    assert vectors.shape == (3, 512)
    assert vectors.max(axis=1).tolist() == [1, 1, 0.5]
    np.testing.assert_array_equal(vectors[2], (vectors[0] + vectors[1]) / 2)


def test_the_extremes_of_every_channel_are_counted():
    picture = np.array([[[255, 255, 255], [0, 0, 0]]], np.uint8)
    for space in ("rgb", "lab"):
        assert ColourHistogram(space=space).describe(picture).sum() == 1


def test_roots_have_length_one():
    random = np.random.default_rng(0)
    picture = random.integers(0, 256, (50, 70, 3), dtype=np.uint8)
    vector = ColourHistogram(space="lab", bins=(6, 6, 6), grid=4, root=True).describe(picture)
    assert vector.shape == (6 * 6 * 6 * 16,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)


def test_colour_vectors_lose_nothing_in_half_precision():
    picture = np.random.default_rng(0).integers(0, 256, (50, 70, 3), dtype=np.uint8)
    vector = ColourHistogram().describe(picture)
    np.testing.assert_array_equal(vector.astype(np.float16).astype(np.float32), vector)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (3, 2), (2000, 1)])
@pytest.mark.parametrize("method", [ColourHistogram(grid=4), GreyHistogram(bins=8, grid=7)], ids=["colour", "grey"])
def test_pictures_smaller_than_the_grid_are_described(method, shape):
    vector = method.describe(np.full((*shape, 3), 200, np.uint8))
    assert np.isfinite(vector).all()
    assert vector.sum() > 0


@pytest.mark.parametrize(
    "method",
    [
        GreyHistogram(),
        GreyHistogram(bins=8, grid=7),
        ColourHistogram(),
        ColourHistogram(space="lab", bins=(6, 6, 6), grid=4, root=True),
    ],
    ids=lambda method: f"{method.kind}-{method.grid}",
)
def test_a_method_comes_back_from_its_configuration(method):
    again = from_config(method.config())
    assert (again.key, again.title, again.dimensions) == (method.key, method.title, method.dimensions)
    assert again.fingerprint == method.fingerprint


def test_other_settings_have_another_fingerprint():
    methods = [ColourHistogram(), ColourHistogram(root=True), ColourHistogram(space="lab"), ColourHistogram(grid=2)]
    assert len({method.fingerprint for method in methods}) == len(methods)


@pytest.mark.parametrize(
    "settings",
    [{"bins": 0}, {"bins": 257}, {"grid": 0}, {"grid": 65}, {"bins": 256, "grid": 17}],
)
def test_impossible_grey_histograms_are_refused(settings):
    with pytest.raises(ValueError, match="grey histogram"):
        GreyHistogram(**settings)


@pytest.mark.parametrize(
    "settings",
    [{"space": "cmyk"}, {"bins": (8, 8)}, {"bins": (0, 8, 8)}, {"bins": (256, 256, 256)}, {"grid": 65}],
)
def test_impossible_colour_histograms_are_refused(settings):
    with pytest.raises(ValueError, match="histogram"):
        ColourHistogram(**settings)


@pytest.mark.parametrize("grid", [1, 2])
def test_sorting_keeps_the_pixels_of_every_cell(grid: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype=np.uint8)
    result = sorted_pixels(picture, grid)
    for rows in np.split(np.arange(8), grid):
        for columns in np.split(np.arange(6), grid):
            before = picture[np.ix_(rows, columns)].reshape(-1, 3)
            after = result[np.ix_(rows, columns)].reshape(-1, 3)
            assert sorted(map(tuple, before.tolist())) == sorted(map(tuple, after.tolist()))
            brightness = after @ (0.299, 0.587, 0.114)
            assert (np.diff(brightness) >= -1e-9).all()


def test_the_parts_of_a_distance_sum_to_its_square():
    method = GreyHistogram(bins=8, grid=7)
    query, match = np.random.default_rng(1).random((2, 7 * 7 * 8), dtype=np.float32)
    explained = method.explain(Side(query), Side(match))
    assert explained.parts.shape == (7, 7, 8)
    assert (explained.parts >= 0).all()
    assert explained.score == pytest.approx(np.linalg.norm(query.astype(np.float64) - match), rel=1e-12)
    assert explained.parts.sum() == pytest.approx(explained.score**2, rel=1e-12)


def test_the_bin_that_differs_is_the_bin_that_is_named():
    method = GreyHistogram(bins=4, grid=2)
    query, match = np.zeros((2, 2 * 2 * 4), np.float32)
    match[1 * 4 + 3] = 0.5  # first row, second column, last bin
    explained = method.explain(Side(query), Side(match))
    assert explained.parts[0, 1, 3] == 0.25
    assert explained.score == 0.5
    assert explained.match[3] == 0.5
    assert explained.bins.names[3] == "greys 192 to 255"


def test_a_histogram_shows_the_pixels_in_order_and_names_the_commonest_shade():
    picture = np.zeros((20, 30, 3), np.uint8)
    picture[:5] = 255
    method = GreyHistogram()
    preview = method.preview(picture)
    assert (preview.picture[-5:] == 255).all()
    assert (preview.picture[:-5] == 0).all()
    assert "75 % black" in method.idea(picture, "")
