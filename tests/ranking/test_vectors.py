"""What is stored narrow comes back exactly."""

import subprocess
import sys

import numpy as np
import pytest

from imgsearch.ranking.vectors import Vectors, pack, unpack


@pytest.mark.parametrize(
    ("matrix", "count_scale", "dtype"),
    [
        (np.array([[0, 1, 16], [784, 3, 5]]) / 784, 784, np.uint16),
        (np.array([[0, 1, 16], [255, 3, 5]]) / 784, 784, np.uint8),
        (np.array([[0.5, 1 / 1024]]), 784, np.float16),
        (np.array([[0.5, 0.25]]), None, np.float16),
        (np.array([[0.1, 1 / 3]]), None, np.float32),
        (np.array([[1e6, 0.5]]), None, np.float32),
    ],
)
def test_pack_is_narrow_and_without_loss(matrix, count_scale, dtype):
    matrix = matrix.astype(np.float32)
    stored, kept = pack(matrix, count_scale)
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


def test_the_products_of_every_finite_half_are_those_of_float32():
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)].reshape(-1, 2)
    vectors = Vectors(np.ascontiguousarray(finite))
    for column in range(2):
        query = np.eye(2, dtype=np.float32)[column]
        np.testing.assert_array_equal(vectors.products(query), finite[:, column].astype(np.float32))


def test_a_matrix_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="not int64"):
        Vectors(np.ones((3, 2), np.int64))
    with pytest.raises(ValueError, match="not uint8"):
        Vectors(np.ones((3, 2), np.uint8))
    with pytest.raises(ValueError, match="C-contiguous"):
        Vectors(np.ones((3, 2), np.float32).T)


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux says how much of a file is in memory.")
def test_a_large_mapped_matrix_is_not_kept_in_memory_by_what_was_read_of_it(tmp_path):
    n, d = 400_000, 64
    np.save(tmp_path / "matrix.npy", np.tile(np.eye(d, dtype=np.float32), (n // d, 1)))
    program = """
import sys
import numpy as np
from imgsearch.ranking.vectors import Vectors
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1e3
before = peak()
vectors = Vectors(np.load(sys.argv[1], mmap_mode="r"))
which = np.arange(0, len(vectors), 50)
assert (vectors.lengths == 1).all()
assert (vectors.exact_rows(which).argmax(axis=1) == which % 64).all()
assert (vectors.products(np.eye(64, dtype=np.float32)[0], which) == (which % 64 == 0)).all()
assert (vectors.products(np.eye(64, dtype=np.float32)[0])[:64] == np.eye(64)[0]).all()
print(peak() - before)
"""
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "matrix.npy")], capture_output=True, text=True, check=True
    )
    assert float(run.stdout) < 0.4 * 4 * n * d / 1e6
