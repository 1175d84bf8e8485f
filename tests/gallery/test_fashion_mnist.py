"""IDX files are read as they are, and damaged ones refused in one sentence."""

import gzip
import struct

import numpy as np
import pytest

from imgsearch.gallery.fashion_mnist import DataError, is_fashion, read_fashion, read_idx


def idx(array, code=0x08):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape) + array.tobytes()


def write_fashion(folder):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    for stem, n in (("train", 30), ("t10k", 7)):
        pictures = random.integers(0, 256, (n, 28, 28), dtype=np.uint8)
        labels = (np.arange(n) % 10).astype(np.uint8)
        (folder / f"{stem}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(pictures)))
        (folder / f"{stem}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))


def test_the_four_files_are_read(tmp_path):
    write_fashion(tmp_path)
    assert is_fashion(tmp_path)
    train, test = read_fashion(tmp_path)
    assert train.pictures.shape == (30, 28, 28)
    assert test.labels.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert not is_fashion(tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "not an IDX file"),
        (gzip.compress(b"\x89PNG"), "not an IDX file"),
        (gzip.compress(idx(np.zeros(3, np.float32), 0x0D)), "not an IDX file of unsigned bytes"),
        (gzip.compress(idx(np.zeros((2, 2), np.uint8))[:7]), "cut short"),
        (gzip.compress(idx(np.zeros((2, 2), np.uint8))[:-1]), "cut short"),
        (gzip.compress(idx(np.zeros((2, 2), np.uint8)) + b"x"), "too long"),
        (b"\x89PNG", "cannot be read"),
        (gzip.compress(idx(np.zeros((20, 20), np.uint8)), mtime=0)[:-9], "cannot be read"),
        (gzip.compress(b"abc" * 100, mtime=0)[:12] + b"\xff" * 40, "cannot be read"),
        (gzip.compress(struct.pack(">BBBB4I", 0, 0, 8, 4, *[2**32 - 1] * 4)), "cut short"),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path, raw, sentence):
    (tmp_path / "file").write_bytes(raw)
    with pytest.raises(DataError, match=sentence) as caught:
        read_idx(tmp_path / "file")
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_where_to_say_it(tmp_path):
    with pytest.raises(DataError, match="is missing: name the folder"):
        read_fashion(tmp_path)
