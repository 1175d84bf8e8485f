"""A gallery comes back as it was written, and what was damaged is refused in one sentence."""

import hashlib
import json
import mmap
import os
import pickle
import shutil
import signal
import subprocess
import sys
import zipfile
from io import BytesIO

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
from imgsearch.search.search import search
from tests.galleries import garment_gallery, photo_gallery, photographs


@pytest.fixture(scope="module")
def photos():
    return photo_gallery()


@pytest.fixture
def folder(tmp_path, photos):
    save_gallery(photos, tmp_path / "photos")
    return tmp_path / "photos"


def same(one, other):
    assert (one.n, one.title, one.label_names, one.preprocessing) == (
        other.n,
        other.title,
        other.label_names,
        other.preprocessing,
    )
    assert list(one.methods) == list(other.methods)
    for key in one.methods:
        np.testing.assert_array_equal(one.vectors(key), other.vectors(key))
        assert one.method_vectors[key].stored.dtype == other.method_vectors[key].stored.dtype
    for i in range(one.n):
        np.testing.assert_array_equal(one.picture(i), other.picture(i))
        assert (one.label(i), one.file_name(i), one.credit(i)) == (other.label(i), other.file_name(i), other.credit(i))


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
    save_gallery(gallery.with_map_positions(map_positions), tmp_path / "kept")
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
    assert to_file(photos) == to_file(photo_gallery())


def test_opening_reads_no_vectors(folder):
    before = open_gallery(folder)
    root = before.method_vectors["histogram"].stored
    while isinstance(root, np.ndarray):
        root = root.base
    assert isinstance(root, mmap.mmap)
    assert before.method_vectors["histogram"]._vectors is None


def test_adding_a_method_leaves_the_other_files_alone(folder, photos):
    method = photos.methods["histogram"]
    vectors = np.ascontiguousarray(photos.vectors("histogram")[::-1])
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    update_gallery(folder, vectors={"histogram": (method, vectors)})
    after = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    np.testing.assert_array_equal(open_gallery(folder).vectors("histogram"), vectors)
    assert after["pictures.bin"] == before["pictures.bin"]
    assert after["histogram-grid.npy"] == before["histogram-grid.npy"]
    assert "histogram.npy" not in after  # the new one has another name, so that no mixture is ever there
    verify_gallery(folder)


def test_figures_of_vectors_that_are_replaced_are_dropped(folder, photos):
    figures = {"histogram": {"P@1": 0.5}, "histogram-grid": {"P@1": 0.75}}
    update_gallery(folder, evaluation={"gallery": 12, "methods": figures, "chance": {"histogram": 0.1}})
    update_gallery(folder, vectors={"histogram": (photos.methods["histogram"], photos.vectors("histogram"))})
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
        update_gallery(folder, vectors={"histogram": (method, np.zeros((3, 512), np.float32))})
    same(verify_gallery(folder), photos)


# ---- damage


def change_header(folder, change):
    header = json.loads((folder / "gallery.json").read_text())
    change(header)
    (folder / "gallery.json").write_text(json.dumps(header))


def write_array(folder, role, array, **options):
    """Put an array in the place of another, with a header that says so, as a stranger could."""
    stream = BytesIO()
    np.save(stream, array, **options)
    (folder / f"{role}.npy").write_bytes(stream.getvalue())
    change_header(folder, lambda header: header["files"][role].update(bytes=len(stream.getvalue())))


class Boom:
    def __reduce__(self):
        return os.mkdir, ("unpickled",)


DAMAGES = {
    "no header": (lambda f: (f / "gallery.json").unlink(), "not a gallery"),
    "header cut": (lambda f: os.truncate(f / "gallery.json", 50), "damaged"),
    "header of another kind": (lambda f: (f / "gallery.json").write_text("[]"), "damaged"),
    "header without methods": (lambda f: change_header(f, lambda h: h.pop("methods")), "damaged"),
    "another version": (lambda f: change_header(f, lambda h: h.update(format=99)), "format 99"),
    "file missing": (lambda f: (f / "labels.npy").unlink(), "labels.npy is missing"),
    "file cut": (lambda f: os.truncate(f / "histogram.npy", 2000), "histogram.npy in photos is cut short"),
    "empty file": (lambda f: write_empty(f), "is not an array file"),
    "pictures cut": (lambda f: os.truncate(f / "pictures.bin", 10), "pictures.bin in photos is cut short"),
    "wrong shape": (lambda f: write_array(f, "histogram", np.zeros((12, 7), np.float32)), "12×7 where 12×512 belongs"),
    "wrong type": (lambda f: write_array(f, "labels", np.zeros(12, np.float64)), "float64 where int16 belongs"),
    "pickle": (
        lambda f: write_array(f, "labels", np.array([Boom()] * 12, object), allow_pickle=True),
        "labels.npy in photos is not an array file",
    ),
    "pickle alone": (lambda f: write_pickle(f), "not an array file"),
    "labels outside": (lambda f: write_array(f, "labels", np.full(12, 3, np.int16)), "outside the list"),
    "offsets fall": (lambda f: write_array(f, "offsets", np.arange(12, -1, -1)), "damaged"),
    "path": (
        lambda f: change_header(f, lambda h: h["files"]["labels"].update(file="../labels.npy")),
        "outside the gallery",
    ),
    "other model": (
        lambda f: change_header(f, lambda h: h["methods"]["histogram"].update(fingerprint="0" * 16)),
        "another version of the method Euclidean histogram",
    ),
    "unknown method": (
        lambda f: change_header(f, lambda h: h["methods"]["histogram"]["config"].update(kind="magic")),
        "no method 'magic'",
    ),
    "older version": (
        lambda f: change_header(f, lambda h: h["pictures"].update(kind="packed")),
        "photos is from an older version, .* make the gallery again",
    ),
    "array too long": (lambda f: append(f, "labels"), "labels.npy in photos is cut short or too long"),
    "zip": (lambda f: write_zip(f), "labels.npy in photos is not an array file"),
    "wrong count": (lambda f: change_header(f, lambda h: h.update(n=11)), "where .* belongs"),
}


def write_empty(folder):
    (folder / "labels.npy").write_bytes(b"")
    change_header(folder, lambda header: header["files"]["labels"].update(bytes=0))


def write_pickle(folder):
    raw = pickle.dumps(Boom())
    (folder / "labels.npy").write_bytes(raw)
    change_header(folder, lambda header: header["files"]["labels"].update(bytes=len(raw)))


def append(folder, role):
    path = folder / f"{role}.npy"
    path.write_bytes(path.read_bytes() + b"more")
    change_header(folder, lambda header: header["files"][role].update(bytes=path.stat().st_size))


def write_zip(folder):
    raw = zipped({"labels": b"0"})
    (folder / "labels.npy").write_bytes(raw)
    change_header(folder, lambda header: header["files"]["labels"].update(bytes=len(raw)))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_folder_is_one_sentence(folder, damage, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spoil, sentence = DAMAGES[damage]
    spoil(folder)
    with pytest.raises(GalleryError, match=sentence) as caught:
        open_gallery(folder)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "unpickled").exists()


def test_values_that_are_not_numbers_are_refused_when_searched(folder, photos):
    vectors = photos.vectors("histogram").copy()
    vectors[3, 5] = np.nan
    write_array(folder, "histogram", vectors)
    gallery = open_gallery(folder)
    with pytest.raises(GalleryError, match="not numbers"):
        search(gallery, "histogram", photographs(1)[0])
    search(gallery, "histogram-grid", photographs(1)[0])


def test_an_altered_byte_is_found_by_the_checksum(folder):
    raw = bytearray((folder / "pictures.bin").read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / "pictures.bin").write_bytes(raw)
    with pytest.raises(GalleryError, match=r"pictures.bin in photos was altered"):
        verify_gallery(folder)


def test_a_file_cut_anywhere_is_one_sentence(photos):
    raw = to_file(photos)
    for length in [*range(64), *range(64, len(raw), len(raw) // 50), len(raw) - 1]:
        with pytest.raises(GalleryError) as caught:
            from_file(raw[:length])
        assert "\n" not in str(caught.value)


def test_a_file_altered_anywhere_is_one_sentence_or_the_same(photos):
    raw = to_file(photos)
    random = np.random.default_rng(0)
    refused = 0
    for position in random.integers(0, len(raw), 150):
        altered = bytearray(raw)
        altered[position] ^= 1 << random.integers(8)
        try:
            # What a zip does not mean anything by may change; the content may not.
            same(from_file(bytes(altered)), photos)
        except GalleryError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 100


def zipped(members, compression=zipfile.ZIP_STORED):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def unzipped(raw):
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def test_a_file_that_unpacks_to_more_than_it_is_is_refused(photos):
    with pytest.raises(GalleryError, match="not a saved gallery"):
        from_file(zipped(unzipped(to_file(photos)), zipfile.ZIP_DEFLATED))


def test_a_file_that_is_too_large_is_refused(photos):
    with pytest.raises(GalleryError, match="larger than"):
        from_file(to_file(photos), max_bytes=10_000)


def test_another_zip_is_no_gallery():
    with pytest.raises(GalleryError, match="not a saved gallery"):
        from_file(zipped({"holiday.txt": b"sun"}))
    with pytest.raises(GalleryError, match="cut short or altered"):
        from_file(b"not a zip at all")


def test_a_file_from_another_model_is_refused(photos):
    members = unzipped(to_file(photos))
    header = json.loads(members["gallery.json"])
    header["methods"]["histogram"]["fingerprint"] = "0" * 16
    members["gallery.json"] = json.dumps(header).encode()
    with pytest.raises(GalleryError, match="another version of the method Euclidean histogram"):
        from_file(zipped(members))


def test_a_file_that_names_a_search_engine_is_refused(photos):
    """An engine is an address: a visitor's file does not send the server there."""
    members = unzipped(to_file(photos))
    header = json.loads(members["gallery.json"])
    header["engine"] = {"uri": "http://localhost:19530"}
    members["gallery.json"] = json.dumps(header).encode()
    with pytest.raises(GalleryError, match="names a search engine"):
        from_file(zipped(members))


@pytest.mark.parametrize(("count", "held"), [(14, 13), (13, 14), (10**13, 13), (10**30, 13)])
def test_an_array_that_claims_another_length_than_it_has_is_one_sentence(photos, count, held):
    stream = BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<i8", "fortran_order": False, "shape": (count,)})
    claimed = stream.getvalue() + bytes(held * 8)
    members = unzipped(to_file(photos))
    members["offsets.npy"] = claimed
    header = json.loads(members["gallery.json"])
    header["files"]["offsets"].update(sha256=hashlib.sha256(claimed).hexdigest(), bytes=len(claimed))
    members["gallery.json"] = json.dumps(header).encode()
    with pytest.raises(GalleryError, match=r"offsets.npy in This file is not an array file"):
        from_file(zipped(members))


# ---- faults while writing


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


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_a_sentence(tmp_path, photos):
    tmp_path.chmod(0o500)
    with pytest.raises(GalleryError, match="could not be written"):
        save_gallery(photos, tmp_path / "photos")


def test_a_file_in_the_way_is_a_sentence(tmp_path, photos):
    (tmp_path / "taken").write_text("not a folder")
    with pytest.raises(GalleryError, match="could not be written"):
        save_gallery(photos, tmp_path / "taken" / "photos")


SAVER = """
import sys
from imgsearch.gallery.persistence import save_gallery
from tests.galleries import photo_gallery
galleries = [photo_gallery(12), photo_gallery(9)]
print("ready", flush=True)
while True:
    for gallery in galleries:
        save_gallery(gallery, sys.argv[1])
"""


def test_killed_while_saving_there_is_the_old_gallery_or_the_new(tmp_path):
    path = tmp_path / "photos"
    expected = {12: photo_gallery(12), 9: photo_gallery(9)}
    save_gallery(expected[12], path)
    random = np.random.default_rng(0)
    for _ in range(8):
        with subprocess.Popen([sys.executable, "-c", SAVER, str(path)], stdout=subprocess.PIPE) as saver:
            assert saver.stdout.readline() == b"ready\n"
            with pytest.raises(subprocess.TimeoutExpired):
                saver.wait(float(random.uniform(0, 0.1)))
            saver.send_signal(signal.SIGKILL)
        found = verify_gallery(path)
        same(found, expected[found.n])
    save_gallery(expected[9], path)
    header = json.loads((path / "gallery.json").read_text())
    # What the killed ones left is gone with the next whole write.
    assert {file.name for file in path.iterdir()} == {file["file"] for file in header["files"].values()} | {
        "gallery.json"
    }


# ---- the list


def test_galleries_are_listed_from_the_folder_that_the_host_names(tmp_path, folder, monkeypatch):
    shutil.copytree(folder, tmp_path / ".hidden")
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("IMGSEARCH_GALLERIES", str(tmp_path))
    assert list_galleries()["photos"] == folder
    assert ".hidden" not in list_galleries()
    assert "other" not in list_galleries()
