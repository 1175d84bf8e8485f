"""Method 2: what a Siamese network promises of its vectors."""

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.images.transforms import FITS
from imgsearch.methods.explanations import REMAINDER, Side
from imgsearch.methods.linear_layer import ModelError
from imgsearch.methods.siamese import MODELS, Siamese
from imgsearch.search.search import search


@pytest.fixture(scope="module")
def fashion() -> Siamese:
    return Siamese("fashion")


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    gallery = open_gallery(ASSETS / "galleries" / "fashion")
    return [gallery.picture(i) for i in range(24)]


def test_a_vector_has_length_one_and_the_promised_dimensions(fashion, pictures):
    vectors = np.stack([fashion.describe(picture) for picture in pictures])
    assert vectors.shape == (24, fashion.dimensions)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_the_gallery_holds_the_vectors_that_the_network_gives_today(fashion, pictures):
    gallery = open_gallery(ASSETS / "galleries" / "fashion")
    np.testing.assert_allclose(
        np.stack([fashion.describe(picture) for picture in pictures]), gallery.vectors("siamese")[:24], atol=5e-4
    )


def test_a_mirrored_picture_has_the_same_vector(fashion, pictures):
    mirrored = np.ascontiguousarray(pictures[0][:, ::-1])
    np.testing.assert_allclose(fashion.describe(mirrored), fashion.describe(pictures[0]), atol=1e-6)


def test_threads_get_the_vectors_that_one_thread_gets(fashion, pictures):
    alone = np.stack([fashion.describe(picture) for picture in pictures])
    torn = []

    def visit(seed: int) -> None:
        for i in np.random.default_rng(seed).permutation(len(pictures)):
            if not np.array_equal(fashion.describe(pictures[i]), alone[i]):
                torn.append((seed, i))

    visitors = [threading.Thread(target=visit, args=(seed,)) for seed in range(8)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert torn == []


def test_the_maps_pool_to_the_pooled_values(fashion, pictures):
    features = fashion.features(pictures[0])
    for block in fashion.layer.blocks:
        means = features.maps[block.map].mean(axis=(1, 2))
        np.testing.assert_allclose(means, features.pooled[:, block.start : block.stop], atol=1e-5)


def test_a_changed_layer_changes_the_fingerprint(tmp_path, fashion):
    for name in ("fashion.tflite", "fashion.npz"):
        shutil.copy(MODELS / name, tmp_path / name)
    assert Siamese("fashion", tmp_path).fingerprint == fashion.fingerprint
    with np.load(tmp_path / "fashion.npz") as file:
        arrays = dict(file)
    arrays["weights"] = arrays["weights"] * np.float32(1.001)
    np.savez(tmp_path / "fashion.npz", **arrays)
    assert Siamese("fashion", tmp_path).fingerprint != fashion.fingerprint


@pytest.mark.parametrize("missing", ["fashion.tflite", "fashion.npz"])
def test_a_missing_file_is_named(tmp_path, missing):
    for name in {"fashion.tflite", "fashion.npz"} - {missing}:
        shutil.copy(MODELS / name, tmp_path / name)
    with pytest.raises(ModelError, match=rf"{missing} is missing\. Restore it"):
        Siamese("fashion", tmp_path)


@pytest.mark.parametrize("damaged", ["fashion.tflite", "fashion.npz"])
def test_a_file_cut_short_is_named(tmp_path: Path, damaged):
    for name in ("fashion.tflite", "fashion.npz"):
        shutil.copy(MODELS / name, tmp_path / name)
    whole = (tmp_path / damaged).read_bytes()
    (tmp_path / damaged).write_bytes(whole[: len(whole) // 3])
    with pytest.raises(ModelError, match=rf"{damaged} is damaged\. Restore it"):
        Siamese("fashion", tmp_path)


@pytest.mark.parametrize("fit", sorted(FITS))
@pytest.mark.parametrize("shape", [(1, 900, 3), (900, 1, 3), (5, 7, 3), (300, 200, 3)])
def test_any_proportions_come_to_the_network_s_size(fit, shape):
    picture = np.full(shape, 90, np.uint8)
    fitted = FITS[fit](picture, 28, 28)
    assert fitted.shape == (28, 28, 3)
    assert fitted.dtype == np.uint8
    assert (fitted == 90).any()


def test_the_first_numbers_of_known_embeddings_and_a_known_ranking_stay(fashion):
    gallery = open_gallery(ASSETS / "galleries" / "fashion")
    pinned = [0.1289, -0.1068, 0.0758, 0.1511, 0.1223, 0.1142]
    np.testing.assert_allclose(fashion.describe(gallery.picture(0))[:6], pinned, atol=1e-3)
    assert gallery.queries is not None
    matches = search(gallery, "siamese", gallery.queries.picture(0), k=5).matches
    assert [match.index for match in matches] == [38284, 6339, 40456, 4145, 54745]


def test_a_gallery_picture_searched_for_itself_comes_first():
    gallery = open_gallery(ASSETS / "galleries" / "fashion")
    for index in range(0, gallery.n, 1500):
        assert search(gallery, "siamese", gallery.picture(index), k=1).matches[0].index == index


# ---- explanations


def test_the_places_of_a_hundred_pairs_sum_to_their_cosines(fashion):
    gallery = open_gallery(ASSETS / "galleries" / "fashion")
    for pair in np.random.default_rng(0).integers(0, gallery.n, (100, 2)):
        vectors = gallery.vectors("siamese", pair)
        sides = [Side(vector, gallery.picture(int(i))) for vector, i in zip(vectors, pair, strict=True)]
        explained = fashion.explain(*sides)
        cosine = _cosine(*vectors)
        assert explained.score == pytest.approx(cosine, abs=1e-9)
        for heat in (explained.query, explained.match):
            assert not heat.parts
            assert heat.places == pytest.approx(cosine, abs=1e-9)
            assert abs(heat.rounding) < 1e-4


def test_exchanging_query_and_match_exchanges_the_maps(fashion):
    one, other = (_side(fashion, seed) for seed in (1, 2))
    there, back = fashion.explain(one, other), fashion.explain(other, one)
    for scale in there.query.maps:
        np.testing.assert_allclose(there.query.maps[scale], back.match.maps[scale], atol=1e-9)


def test_a_vector_without_a_picture_is_explained_on_the_other_side(fashion):
    picture = _side(fashion, 1)
    word = np.random.default_rng(3).normal(size=fashion.dimensions).astype(np.float32)
    explained = fashion.explain(Side(word), picture)
    assert explained.query is None
    assert explained.score == pytest.approx(_cosine(word, picture.vector), abs=1e-9)
    assert explained.match.places == pytest.approx(explained.score, abs=1e-9)
    assert abs(explained.match.rounding) < 1e-6


def test_what_was_added_to_a_query_is_a_part_of_its_own(fashion):
    query, liked, match = (_side(fashion, seed) for seed in (1, 2, 3))
    added = 0.5 * liked.vector.astype(np.float64)
    moved = (0.8 * query.vector + added).astype(np.float32)
    explained = fashion.explain(Side(moved, query.picture, {"your marks": added}), match)
    length = float(np.linalg.norm(moved.astype(np.float64)))
    assert explained.score == pytest.approx(_cosine(moved, match.vector), abs=1e-9)
    assert explained.query.places == pytest.approx(0.8 / length * _cosine(query.vector, match.vector), abs=1e-5)
    assert explained.query.parts["your marks"] == pytest.approx(
        0.5 / length * _cosine(liked.vector, match.vector), abs=1e-5
    )
    assert explained.query.total == pytest.approx(explained.score, abs=1e-9)
    assert explained.match.places == pytest.approx(explained.score, abs=1e-9)
    for heat in (explained.query, explained.match):
        assert abs(heat.rounding) < 1e-6


def test_what_a_picture_does_not_give_is_said_and_not_spread(fashion):
    """The vector of another picture: its places must not be made to fit."""
    one, other, match = (_side(fashion, seed) for seed in (1, 2, 3))
    explained = fashion.explain(Side(other.vector, one.picture), match)
    assert abs(explained.query.parts[REMAINDER]) > 0.01
    assert explained.query.total == pytest.approx(explained.score, abs=1e-9)


def test_a_vector_without_a_direction_has_no_explanation(fashion):
    assert fashion.explain(Side(np.zeros(fashion.dimensions, np.float32)), _side(fashion, 1)) is None


def test_what_goes_in_is_what_is_shown(fashion):
    picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    shown = fashion.preview(picture).picture
    assert shown.shape == (28, 28, 3)
    assert shown.dtype == np.uint8
    np.testing.assert_array_equal(shown[..., :1], fashion.see(picture))


def _side(network, seed):
    noise = np.random.default_rng(seed).integers(0, 256, (7, 7, 1), dtype=np.uint8)
    picture = np.repeat(np.repeat(np.repeat(noise, 4, axis=0), 4, axis=1), 3, axis=2)
    return Side(network.describe(picture), picture)


def _cosine(one, other):
    one, other = one.astype(np.float64), other.astype(np.float64)
    return one @ other / np.linalg.norm(one) / np.linalg.norm(other)


def test_how_it_works_speaks_of_what_each_network_really_is() -> None:
    picture = np.zeros((28, 28, 3), np.uint8)
    fashion, photos = (Siamese(name).idea(picture, "") for name in ("fashion", "photos"))
    assert "pictures of one kind the same way" in fashion
    assert "ImageNet" in photos and "without labels" in photos
    assert "pictures of one kind the same way" not in photos
