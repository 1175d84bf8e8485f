"""What is stored narrow comes back exactly."""

import numpy as np
import pytest

from imgsearch.vectors import Vectors, pack, unpack


@pytest.mark.parametrize(
    ("matrix", "divisor", "dtype"),
    [
        (np.array([[0, 1, 16], [784, 3, 5]]) / 784, 784, np.uint16),
        (np.array([[0, 1, 16], [255, 3, 5]]) / 784, 784, np.uint8),
        (np.array([[0.5, 1 / 1024]]), 784, np.float16),
        (np.array([[0.5, 0.25]]), None, np.float16),
        (np.array([[0.1, 1 / 3]]), None, np.float32),
        (np.array([[1e6, 0.5]]), None, np.float32),
    ],
)
def test_pack_is_narrow_and_without_loss(matrix, divisor, dtype):
    matrix = matrix.astype(np.float32)
    stored, kept = pack(matrix, divisor)
    assert stored.dtype == dtype
    np.testing.assert_array_equal(unpack(stored, kept), matrix)


def test_the_products_are_within_the_stated_error():
    random = np.random.default_rng(0)
    matrix = random.normal(size=(2000, 300)).astype(np.float32)
    query = random.normal(size=300).astype(np.float32)
    vectors = Vectors(matrix)
    exact = matrix.astype(np.float64) @ query.astype(np.float64)
    error = np.abs(vectors.products(query) - exact).max()
    assert 0 < error <= vectors.rounding * vectors.largest_norm * np.linalg.norm(query)


def test_a_matrix_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="not int64"):
        Vectors(np.ones((3, 2), np.int64))
    with pytest.raises(ValueError, match="not uint8"):
        Vectors(np.ones((3, 2), np.uint8))
    with pytest.raises(ValueError, match="C-contiguous"):
        Vectors(np.ones((3, 2), np.float32).T)
