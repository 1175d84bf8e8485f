"""Garments: a photograph comes out as what the makers of Fashion-MNIST would have made of it."""

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.images.transforms import enlarge, fit
from imgsearch.methods import garment_conversion
from imgsearch.methods.garment_conversion import convert, garment_box, segment


def to_fashion(photograph):
    return convert(photograph).result


def shirt(height: int = 300, width: int = 240, colour=(40, 60, 90), background=(255, 255, 255)) -> np.ndarray:
    """A T-shirt drawn with rectangles, on one colour."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = background
    inside = np.zeros((height, width), bool)
    inside[height // 5 : height * 4 // 5, width * 3 // 10 : width * 7 // 10] = True
    inside[height // 5 : height * 2 // 5, width // 8 : width * 7 // 8] = True
    picture[inside] = colour
    return picture


def on_a_busy_background(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The shirt on a carpet, and where it is."""
    rng = np.random.default_rng(seed)
    picture = shirt()
    mask = (picture < 200).all(axis=2)
    carpet = np.repeat(np.repeat(rng.integers(110, 230, (75, 60, 3)), 4, axis=0), 4, axis=1)
    noisy = np.where(mask[:, :, None], picture + rng.normal(0, 6, picture.shape), carpet)
    return np.clip(noisy, 0, 255).astype(np.uint8), mask


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / (a | b).sum())


@pytest.fixture(scope="module")
def gallery():
    return open_gallery(ASSETS / "galleries" / "fashion")


@pytest.fixture(scope="module")
def everything(gallery) -> np.ndarray:
    """The first pictures of the gallery as (n, 784) float32."""
    return np.stack([gallery.picture(i)[:, :, 0] for i in range(3_000)]).reshape(3_000, -1).astype(np.float32)


def as_product_photograph(picture: np.ndarray, factor: int = 8, margin: int = 30) -> np.ndarray:
    """A picture of the gallery, negated back, enlarged, on a white ground."""
    large = enlarge(np.asarray(255 - picture), factor)
    return np.pad(large, ((margin, margin), (margin, margin), (0, 0)), constant_values=255)


@pytest.mark.parametrize("shape", [(300, 240), (240, 300), (1, 1), (5, 3), (28, 28), (1000, 40), (2000, 3000)])
def test_any_photograph_comes_out_as_28_by_28_grey(shape):
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    result = to_fashion(picture)
    assert result.shape == (28, 28, 3)
    assert result.dtype == np.uint8
    assert (result == result[:, :, :1]).all()


@pytest.mark.parametrize("value", [0, 17, 128, 255])
def test_a_photograph_of_one_colour_is_still_converted(value):
    assert to_fashion(np.full((60, 50, 3), value, np.uint8)).shape == (28, 28, 3)


def test_a_dark_garment_on_white_becomes_light_on_black():
    result = to_fashion(shirt())[:, :, 0]
    assert result[14, 14] > 170
    assert result[27, 0] == result[27, 27] == 0  # beside the waist


def test_it_is_trimmed_scaled_to_28_and_centred():
    result = to_fashion(shirt(400, 300))[:, :, 0] > 0
    rows, columns = np.flatnonzero(result.any(axis=1)), np.flatnonzero(result.any(axis=0))
    assert (rows[0], rows[-1]) == (0, 27)
    assert abs(int(columns[0]) - (27 - int(columns[-1]))) <= 1
    assert len(columns) == pytest.approx(28 * (300 * 3 / 4) / (400 * 3 / 5), abs=1)


def test_outlines_are_sharpened_and_the_inside_is_not():
    edge = np.full((28, 28, 3), 200, np.uint8)
    edge[:, 14:] = 80
    sharp = garment_conversion._sharpen(edge)
    assert (sharp[:, 13] > 200).all()
    assert (sharp[:, 14] <= 80).all()
    np.testing.assert_array_equal(sharp[:, :10], edge[:, :10])
    np.testing.assert_array_equal(sharp[:, 18:], edge[:, 18:])


def test_subsampling_skips_rows_and_columns():
    picture = np.arange(56, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 3), np.uint8)
    np.testing.assert_array_equal(garment_conversion._subsample(picture)[:, 0, 0], np.arange(28) * 2 + 1)


@pytest.mark.parametrize("factor", [2, 8, 15])
def test_enlarged_and_negated_it_comes_back_near_itself(gallery, everything, factor):
    indices = range(0, 3_000, 150)
    ranks, differences = [], []
    for i in indices:
        result = to_fashion(as_product_photograph(gallery.picture(i), factor))[:, :, 0].astype(np.float32).ravel()
        distances = ((everything - result) ** 2).sum(axis=1)
        ranks.append(int((distances < distances[i]).sum()))
        differences.append(float(np.abs(result - everything[i]).mean()))
    assert np.median(ranks) == 0
    assert np.mean(np.array(ranks) < 10) >= 0.9
    assert np.mean(differences) < 6


def test_one_that_was_enlarged_but_not_negated_is_recognised(gallery):
    picture = gallery.picture(0)
    large = np.pad(enlarge(picture, 10), ((9, 9), (9, 9), (0, 0)))
    steps = [caption for caption, _ in convert(large).steps]
    assert "Negated back" in steps
    np.testing.assert_array_equal(to_fashion(large), to_fashion(np.asarray(255 - large)))


@pytest.mark.parametrize("background", [(255, 255, 255), (230, 228, 225), (200, 30, 40), (20, 20, 22)])
def test_on_a_plain_background_the_garment_is_found_exactly(background):
    picture = shirt(colour=(90, 130, 180), background=background)
    mask, plain = segment(picture)
    assert plain
    assert overlap(mask, (picture == (90, 130, 180)).all(axis=2)) == 1.0
    assert garment_box(picture) == (1 / 8, 1 / 5, 7 / 8, 4 / 5)


def test_on_a_plain_background_any_colour_of_it_gives_the_same():
    results = [to_fashion(shirt(colour=(90, 130, 180), background=b)) for b in ((255, 255, 255), (200, 30, 40))]
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("seed", range(3))
def test_on_a_busy_background_the_garment_is_found(seed):
    picture, mask = on_a_busy_background(seed)
    found, plain = segment(picture)
    assert overlap(found, mask) > 0.85
    assert not plain


def test_what_is_not_garment_is_white_before_the_steps_and_black_after():
    picture, _ = on_a_busy_background()
    result = to_fashion(picture)[:, :, 0]
    assert (result[[27, 27], [0, 27]] == 0).all()  # beside the waist
    assert result[14, 14] > 150


def test_the_same_photograph_gives_the_same_result():
    picture, _ = on_a_busy_background()
    np.testing.assert_array_equal(to_fashion(picture), to_fashion(picture))


def test_the_steps_show_what_was_done_and_end_with_the_result():
    picture, _ = on_a_busy_background()
    done = convert(picture)
    captions = [caption for caption, _ in done.steps]
    assert captions[0] == "Photograph"
    # Only on a plain ground is it known to be the garment.
    assert captions[1] == "What was taken for the garment"
    assert convert(shirt()).steps[1][0] == "Garment on white"
    assert captions[-1] == "Negated, grey"
    assert len(set(captions)) == len(captions) >= 4
    for _, step in done.steps:
        assert step.dtype == np.uint8
        assert step.shape[2] == 3
        assert max(step.shape) <= garment_conversion.WORK_SIDE
    np.testing.assert_array_equal(fit(done.steps[-1][1], 28), done.result)


def test_the_photograph_is_left_as_it_was():
    picture, _ = on_a_busy_background()
    before = picture.copy()
    convert(picture)
    np.testing.assert_array_equal(picture, before)
