"""What was damaged, or made by a stranger, is refused in one sentence."""

import hashlib
import json
import os
import pickle
import zipfile
from io import BytesIO

import numpy as np
import pytest

from imgsearch.gallery import archive_files
from imgsearch.gallery.gallery import GalleryError
from imgsearch.gallery.persistence import (
    from_file,
    open_gallery,
    to_file,
    verify_gallery,
)
from imgsearch.search.search import search
from tests.galleries import photographs, same


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


def test_a_file_that_is_too_large_is_refused(photos, monkeypatch):
    monkeypatch.setattr(archive_files, "MAX_BYTES", 10_000)
    with pytest.raises(GalleryError, match="larger than"):
        from_file(to_file(photos))


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
    with pytest.raises(GalleryError, match=r"offsets.npy in This file is (not an array file|cut short or too long)"):
        from_file(zipped(members))
