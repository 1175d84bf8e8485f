"""The network of the local features, in small: its parts, its loss, and that it takes pictures of any size."""

import cv2
import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="training needs TensorFlow and Keras")

from ai_edge_litert.interpreter import Interpreter  # noqa: E402

from imgsearch.training.export import write_litert  # noqa: E402
from imgsearch.training.local_features.correspondences import Correspondences  # noqa: E402
from imgsearch.training.local_features.head import learn, matching_loss  # noqa: E402
from imgsearch.training.local_features.network import DIMENSIONS, Upsampling, build_head, cut, join  # noqa: E402
from imgsearch.training.photos.efficientnet import build_lite2  # noqa: E402


def test_upsampling_is_linear_interpolation():
    coarse = np.random.default_rng(0).random((1, 5, 7, 3), np.float32)
    expected = cv2.resize(coarse[0], (14, 10), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(Upsampling()(coarse)[0, 1:-1, 1:-1], expected[1:-1, 1:-1], atol=1e-6)


def test_one_exported_network_takes_pictures_of_any_size(tmp_path):
    random = np.random.default_rng(0)
    head = build_head(random.random((100, 168), np.float32))
    network = join(cut(build_lite2(None)), head)
    write_litert(network, tmp_path / "small.tflite", batch=1)
    interpreter = Interpreter(str(tmp_path / "small.tflite"))
    for height, width in ((96, 64), (32, 32), (64, 128), (96, 64)):
        picture = random.integers(0, 256, (1, height, width, 3)).astype(np.float32)
        place = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(place, picture.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(place, picture)
        interpreter.invoke()
        described = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        assert described.shape == (1, height // 8, width // 8, DIMENSIONS)
        np.testing.assert_allclose(np.linalg.norm(described, axis=-1), 1, atol=1e-5)
        np.testing.assert_allclose(described, network(picture), atol=0.01)


def _loss(kept, query, cells, elsewhere):
    return float(matching_loss(*(np.asarray(each, np.float32) for each in (kept, query, cells, elsewhere))))


def test_loss_is_low_where_same_places_are_alike_and_others_are_not():
    places = np.eye(8)[:6].reshape(2, 3, 8)
    apart = np.array([[(0, 0), (10, 0), (0, 10)]] * 2)
    elsewhere = np.tile(np.eye(8)[6], (2, 4, 1))
    right = _loss(places, places, apart, elsewhere)
    assert right < 1e-5
    assert _loss(places, places[::-1], apart, elsewhere) > 10
    assert _loss(places, places, apart, places) > right + 0.5


def test_loss_leaves_out_neighbours_in_the_same_picture_only():
    alike = np.zeros((2, 2, 4))
    alike[0, :, 0] = alike[1, :, 1] = 1  # both places of a picture look the same
    elsewhere = np.tile(np.eye(4)[3], (2, 1, 1))
    near, apart = np.array([[(0, 0), (2, 0)]] * 2), np.array([[(0, 0), (3, 0)]] * 2)
    assert _loss(alike, alike, near, elsewhere) < 1e-5
    assert _loss(alike, alike, apart, elsewhere) == pytest.approx(2 * np.log(2), abs=1e-4)
    same = np.tile(np.eye(4)[0], (2, 2, 1))  # and so do those of both pictures
    assert _loss(same, same, near, elsewhere) == pytest.approx(2 * np.log(3), abs=1e-4)


def test_learning_makes_same_places_alike():
    random = np.random.default_rng(0)

    def pair():
        """A few channels say where it is, and many more are noise."""
        told = random.normal(size=(40, 8))
        kept, query = (np.hstack([told, random.normal(size=(40, 56))]) for _ in range(2))
        cells = 10 * np.arange(80).reshape(40, 2)
        return Correspondences(
            *(each.astype(np.float16) for each in (kept, query, cells, random.normal(size=(20, 64))))
        )

    def right(head, fresh):
        kept, query = (np.asarray(head(each[None, None]))[0, 0] for each in (fresh.kept, fresh.query))
        return np.mean((kept @ query.T).argmax(axis=1) == np.arange(40))

    pairs, fresh = [pair() for _ in range(20)], pair()
    before, after = (right(learn(pairs, steps), fresh) for steps in (1, 200))
    assert before < 0.4
    assert after > 0.8
