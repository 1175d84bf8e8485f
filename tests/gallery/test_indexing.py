"""Indexing does only what is new, survives a kill at any moment, and gives the same gallery in the end."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from imgsearch.gallery import indexing, parts
from imgsearch.gallery.gallery import GalleryError
from imgsearch.gallery.persistence import open_gallery, verify_gallery
from imgsearch.local_features.codebook import codebook
from imgsearch.search.same import needs_features
from tests.galleries import photo_methods, photographs, write_pictures


@pytest.fixture
def folder(tmp_path):
    write_pictures(tmp_path / "pictures")
    return tmp_path / "pictures"


@pytest.fixture
def described(monkeypatch):
    """The number of pictures that were described."""
    calls = []
    describe = parts.describe_file

    def counting(data, methods, origin):
        calls.append(data)
        return describe(data, methods, origin)

    monkeypatch.setattr(parts, "describe_file", counting)
    return calls


def names(gallery):
    return [gallery.file_name(i) for i in range(gallery.n)]


def same(one, other):
    assert names(one) == names(other)
    assert [one.label(i) for i in range(one.n)] == [other.label(i) for i in range(other.n)]
    for key in one.methods:
        np.testing.assert_array_equal(one.vectors(key), other.vectors(key))
    for i in range(one.n):
        assert one.store.encoded(i) == other.store.encoded(i)


def test_a_folder_becomes_a_gallery(folder, tmp_path):
    told = []
    report = indexing.index(
        folder, tmp_path / "out", photo_methods(), title="Test", progress=lambda *at: told.append(at)
    )
    gallery = verify_gallery(tmp_path / "out")
    assert (report.added, report.kept, report.dropped, report.unreadable) == (12, 0, 0, ())
    assert names(gallery) == sorted(f"{label}/{i:02d}.png" for i in range(12) for label in [gallery_label(i)])
    assert gallery.title == "Test"
    assert gallery.label_names == ("round", "square", "tall")
    assert gallery.map_positions.shape == (12, 2)
    assert told[-1][:2] == (12, 12)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def gallery_label(i):
    return ("round", "square", "tall")[i % 3]


def test_again_only_what_is_new_is_read(folder, tmp_path, described):
    out = tmp_path / "out"
    indexing.index(folder, out, photo_methods())
    assert len(described) == 12
    described.clear()
    report = indexing.index(folder, out, photo_methods())
    assert (report.added, report.kept, report.dropped, len(described)) == (0, 12, 0, 0)

    (folder / "round" / "00.png").unlink()
    (folder / "square" / "04.png").rename(folder / "tall" / "renamed.png")
    os.utime(folder / "tall" / "02.png")
    Image.fromarray(photographs(13)[12]).save(folder / "round" / "new.png")
    report = indexing.index(folder, out, photo_methods())
    assert (report.added, report.kept, report.dropped, len(described)) == (1, 11, 2, 1)
    fresh = indexing.index(folder, tmp_path / "fresh", photo_methods()).gallery
    same(report.gallery, fresh)


def test_a_changed_picture_is_read_again(folder, tmp_path, described):
    indexing.index(folder, tmp_path / "out", photo_methods())
    described.clear()
    Image.fromarray(photographs(13)[12]).save(folder / "round" / "00.png")
    gallery = indexing.index(folder, tmp_path / "out", photo_methods()).gallery
    assert len(described) == 1
    np.testing.assert_array_equal(gallery.vectors("histogram")[0], gallery.describe("histogram", photographs(13)[12]))


def test_a_gallery_of_an_older_version_gets_its_local_features_without_being_described_anew(
    folder, tmp_path, described, monkeypatch
):
    made = indexing.index(folder, tmp_path / "out", photo_methods()).gallery
    described.clear()
    monkeypatch.setattr(codebook(), "fingerprint", "newer")
    old = open_gallery(tmp_path / "out")
    assert "run `index` again" in needs_features(old)
    gallery = indexing.index(folder, tmp_path / "out", photo_methods()).gallery
    assert described == []
    assert not needs_features(gallery)
    for one, other in zip(gallery.features.arrays, made.features.arrays, strict=True):
        np.testing.assert_array_equal(one, other)
    same(gallery, made)


def test_other_methods_are_described_anew(folder, tmp_path, described):
    indexing.index(folder, tmp_path / "out", photo_methods()[:1])
    described.clear()
    gallery = indexing.index(folder, tmp_path / "out", photo_methods()).gallery
    assert len(described) == 12
    assert list(gallery.methods) == ["histogram", "histogram-grid"]


def test_a_broken_picture_in_the_middle_is_listed_and_nothing_else_is_lost(folder, tmp_path):
    (folder / "round" / "03.png").write_bytes((folder / "round" / "03.png").read_bytes()[:300])
    (folder / "square" / "04.png").write_bytes(b"")
    report = indexing.index(folder, tmp_path / "out", photo_methods())
    assert [name for name, _ in report.unreadable] == ["round/03.png", "square/04.png"]
    assert all(reason and "\n" not in reason for _, reason in report.unreadable)
    assert report.gallery.n == 10


def test_the_order_of_files_and_the_number_of_workers_change_nothing(folder, tmp_path, monkeypatch):
    one = indexing.index(folder, tmp_path / "one", photo_methods(), workers=1).gallery
    walk = os.walk

    def backwards(root):
        for parent, folders, files in walk(root):
            folders.sort(reverse=True)
            yield parent, folders, sorted(files, reverse=True)

    monkeypatch.setattr(os, "walk", backwards)
    monkeypatch.setattr(indexing, "_PART", 5)
    same(indexing.index(folder, tmp_path / "other", photo_methods(), workers=5).gallery, one)


def test_an_interrupted_run_goes_on_where_it_was(folder, tmp_path, described, monkeypatch):
    monkeypatch.setattr(indexing, "_PART", 4)

    def stop(done, total, name):
        if done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        indexing.index(folder, tmp_path / "out", photo_methods(), progress=stop)
    assert not (tmp_path / "out").exists()
    described.clear()
    report = indexing.index(folder, tmp_path / "out", photo_methods())
    assert len(described) == 4  # of twelve, eight were finished
    assert (report.added, report.kept) == (4, 8)
    monkeypatch.undo()
    same(report.gallery, indexing.index(folder, tmp_path / "fresh", photo_methods()).gallery)


LIMITED = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_NOFILE, (100, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
from imgsearch.gallery import indexing
from tests.galleries import photo_methods
indexing._PART = 1
indexing.index(Path(sys.argv[1]), Path(sys.argv[2]), photo_methods())
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on open files")
def test_more_parts_than_a_process_may_open_files_unasked(tmp_path):
    write_pictures(tmp_path / "pictures", 40)
    words = [sys.executable, "-c", LIMITED, str(tmp_path / "pictures"), str(tmp_path / "out")]
    run = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert verify_gallery(tmp_path / "out").n == 40


def test_the_parts_of_a_large_folder_can_all_be_open():
    assert parts.part_size(1_000, 128) == 128
    for n in (40_000, 1_000_000, 10_000_001):
        assert -(-n // parts.part_size(n, 128)) <= 256


def test_two_runs_at_once_do_not_write_the_same_gallery(folder, tmp_path):
    def second(done, total, name):
        if done == 1:
            with pytest.raises(GalleryError, match="Another run is writing"):
                indexing.index(folder, tmp_path / "out", photo_methods())

    indexing.index(folder, tmp_path / "out", photo_methods(), progress=second)
    verify_gallery(tmp_path / "out")


def test_a_folder_with_other_things_is_not_written_into(folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("dear")
    with pytest.raises(GalleryError, match="other files in it"):
        indexing.index(folder, tmp_path / "out", photo_methods())
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["letter.txt"]


def test_a_folder_without_pictures_leaves_the_old_gallery(folder, tmp_path):
    indexing.index(folder, tmp_path / "out", photo_methods())
    (tmp_path / "empty").mkdir()
    with pytest.raises(GalleryError, match="no picture that can be read"):
        indexing.index(tmp_path / "empty", tmp_path / "out", photo_methods())
    assert verify_gallery(tmp_path / "out").n == 12


def test_a_damaged_old_gallery_is_made_anew(folder, tmp_path, described):
    indexing.index(folder, tmp_path / "out", photo_methods())
    described.clear()
    os.truncate(tmp_path / "out" / "pictures.bin", 10)
    indexing.index(folder, tmp_path / "out", photo_methods())
    assert len(described) == 12
    verify_gallery(tmp_path / "out")
