"""A gallery comes back as it was written, whole or not at all."""

import mmap
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from imgsearch.gallery.gallery import GalleryError
from imgsearch.gallery.persistence import (
    from_file,
    list_galleries,
    open_gallery,
    save_gallery,
    to_file,
    update_gallery,
    verify_gallery,
)
from tests.galleries import garment_gallery, photo_gallery, same


@pytest.mark.parametrize("make", [photo_gallery, garment_gallery], ids=["photos", "garments"])
def test_a_gallery_comes_back_from_a_folder_and_from_a_file(tmp_path, make):
    gallery = make()
    save_gallery(gallery, tmp_path / "kept")
    same(open_gallery(tmp_path / "kept"), gallery)
    same(verify_gallery(tmp_path / "kept"), gallery)
    same(from_file(to_file(gallery)), gallery)
    assert open_gallery(tmp_path / "kept").name == "kept"


def test_queries_and_map_and_figures_come_back(tmp_path):
    gallery = garment_gallery()
    map_positions = np.random.default_rng(0).normal(size=(gallery.n, 2)).astype(np.float32)
    save_gallery(gallery.changed(map_positions=map_positions), tmp_path / "kept")
    update_gallery(tmp_path / "kept", evaluation={"methods": {}, "chance": {"histogram": 0.25, "histogram-grid": None}})
    again = open_gallery(tmp_path / "kept")
    np.testing.assert_array_equal(again.map_positions, map_positions)
    np.testing.assert_array_equal(again.queries.picture(3), gallery.queries.picture(3))
    assert [again.queries.label(i) for i in range(3)] == ["round", "square", "tall"]
    assert again.chance_score("histogram") == 0.25
    assert again.chance_score("histogram-grid") is None


def test_histograms_of_small_pictures_are_stored_as_counts():
    gallery = garment_gallery()
    assert {key: str(one.stored.dtype) for key, one in gallery.method_vectors.items()} == {
        "histogram": "uint16",
        "histogram-grid": "uint8",
    }


def test_the_file_is_the_same_bytes_every_time(photos):
    assert to_file(photos) == to_file(photo_gallery(features=True))


def test_opening_reads_no_vectors(folder):
    before = open_gallery(folder)
    root = before.method_vectors["histogram"].stored
    while isinstance(root, np.ndarray):
        root = root.base
    assert isinstance(getattr(root, "obj", root), mmap.mmap)
    assert "vectors" not in vars(before.method_vectors["histogram"])


def test_adding_a_method_leaves_the_other_files_alone(folder, photos):
    method = photos.methods["histogram"]
    vectors = np.ascontiguousarray(photos.vectors("histogram")[::-1])
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    update_gallery(folder, vectors=(method, vectors))
    after = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    np.testing.assert_array_equal(open_gallery(folder).vectors("histogram"), vectors)
    assert after["pictures.bin"] == before["pictures.bin"]
    assert after["histogram-grid.npy"] == before["histogram-grid.npy"]
    assert "histogram.npy" not in after  # the new one has another name, so that no mixture is ever there
    verify_gallery(folder)


def test_figures_of_vectors_that_are_replaced_are_dropped(folder, photos):
    figures = {"histogram": {"P@1": 0.5}, "histogram-grid": {"P@1": 0.75}}
    update_gallery(folder, evaluation={"gallery": 12, "methods": figures, "chance": {"histogram": 0.1}})
    update_gallery(folder, vectors=(photos.methods["histogram"], photos.vectors("histogram")))
    kept = open_gallery(folder).evaluation
    assert kept == {"gallery": 12, "methods": {"histogram-grid": {"P@1": 0.75}}, "chance": {}, "judgement": {}}


def test_a_reader_keeps_what_it_opened(folder, photos):
    reader = open_gallery(folder)
    save_gallery(photo_gallery(9), folder)
    same(reader, photos)
    assert open_gallery(folder).n == 9


def test_vectors_that_do_not_fit_are_refused_and_change_nothing(folder, photos):
    method = photos.methods["histogram"]
    with pytest.raises(GalleryError, match="belongs"):
        update_gallery(folder, vectors=(method, np.zeros((3, 512), np.float32)))
    same(verify_gallery(folder), photos)


def test_a_full_disk_leaves_the_old_gallery(folder, photos, monkeypatch):
    calls = 0
    fsync = os.fsync

    def full(handle):
        nonlocal calls
        calls += 1
        if calls == 4:
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GalleryError, match="No space left"):
        save_gallery(photo_gallery(7), folder)
    monkeypatch.undo()
    same(verify_gallery(folder), photos)
    assert not [path for path in folder.iterdir() if path.name.endswith(".new")]


def test_a_full_disk_leaves_no_new_gallery(tmp_path, photos, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GalleryError, match="No space left"):
        save_gallery(photos, tmp_path / "photos")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="only POSIX has rights of this kind")
def test_a_folder_that_may_not_be_written_is_a_sentence(photos):
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        user = os.geteuid()
        if user == 0:  # root may write everywhere, and nobody may not
            os.seteuid(65_534)
        try:
            with pytest.raises(GalleryError, match="could not be written"):
                save_gallery(photos, Path(folder) / "photos")
        finally:
            os.seteuid(user)


def test_a_file_in_the_way_is_a_sentence(tmp_path, photos):
    (tmp_path / "taken").write_text("not a folder")
    with pytest.raises(GalleryError, match="could not be written"):
        save_gallery(photos, tmp_path / "taken" / "photos")


def test_galleries_are_listed_from_the_folder_that_the_host_names(tmp_path, folder, monkeypatch):
    shutil.copytree(folder, tmp_path / ".hidden")
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("IMGSEARCH_GALLERIES", str(tmp_path))
    assert list_galleries()["photos"] == folder
    assert ".hidden" not in list_galleries()
    assert "other" not in list_galleries()
