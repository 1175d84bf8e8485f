"""A folder's pictures are found, named and labelled the same everywhere."""

import pytest

from imgsearch.gallery.folders import folder_queries, gallery_of_folder, list_pictures
from imgsearch.gallery.gallery import GalleryError
from tests.galleries import photo_methods, write_pictures


def test_pictures_are_listed_in_one_order_and_nothing_else(tmp_path):
    for name in ("b.JPG", "a.png", "é.webp", "deep/er/z.gif", "notes.txt", ".hidden.png", ".git/x.png", "A.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    assert list_pictures(tmp_path) == ["A.png", "a.png", "b.JPG", "deep/er/z.gif", "é.webp"]
    with pytest.raises(GalleryError, match="not a folder"):
        list_pictures(tmp_path / "a.png")


def test_a_plain_folder_is_a_gallery_without_what_is_broken(tmp_path):
    names = write_pictures(tmp_path)
    (tmp_path / "round" / "03.png").write_bytes(b"not a picture")
    gallery, unreadable = gallery_of_folder(tmp_path, photo_methods())
    assert [gallery.file_name(i) for i in range(gallery.n)] == [name for name in names if name != "round/03.png"]
    assert [name for name, _ in unreadable] == ["round/03.png"]
    assert gallery.label(0) == "round"


def test_queries_of_a_folder_have_its_labels(tmp_path):
    write_pictures(tmp_path)
    queries = folder_queries(tmp_path)
    assert (queries.n, queries.label_names) == (12, ("round", "square", "tall"))
    assert queries.label(11) == "tall"
    assert queries.picture(0).ndim == 3


def test_queries_without_labels_are_refused(tmp_path):
    with pytest.raises(GalleryError, match="no pictures in subfolders"):
        folder_queries(tmp_path)
