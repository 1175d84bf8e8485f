"""One way from picture files to a gallery: what is described is what is kept, from every entrance."""

import hashlib

import numpy as np
import pytest

from imgsearch.gallery.builder import GalleryBuilder, describe_file, label_of
from imgsearch.gallery.folders import gallery_of_folder
from imgsearch.gallery.gallery import Credit, GalleryError
from imgsearch.gallery.indexing import index
from imgsearch.images.transforms import encode
from tests.galleries import photo_methods, photographs


def large(seed=0, height=900, width=1200):
    """A JPEG of smooth colours and grain, larger than a gallery keeps it."""
    random = np.random.default_rng(seed)
    picture = np.linspace(0, 200, width)[None, :, None] + random.integers(0, 56, (height, width, 3))
    return encode(picture.astype(np.uint8), "jpeg", quality=90)


def built(files, **options):
    builder = GalleryBuilder(photo_methods())
    skipped = []
    builder.add_files(files, skipped=lambda name, reason: skipped.append((name, reason)))
    return builder.finish(name="test", **options), skipped


def test_what_is_known_of_a_picture_stays_with_it():
    names = ["zebra/b.png", "a.png", "ant/c.png"]
    files = [(name, encode(picture)) for name, picture in zip(names, photographs(3), strict=True)]
    gallery, _ = built(files, title="Three pictures", credits={"a.png": Credit("B. Author", "CC-BY-4.0", "a book")})
    assert [gallery.label(i) for i in range(3)] == ["zebra", "", "ant"]
    assert [gallery.file_name(i) for i in range(3)] == names
    assert gallery.label_names == ("ant", "zebra")
    assert gallery.credit(0) is None
    assert gallery.credit(1).licence == "CC-BY-4.0"
    assert [origin.sha256 for origin in gallery.origins] == [hashlib.sha256(data).hexdigest() for _, data in files]
    np.testing.assert_array_equal(gallery.picture(2), photographs(3)[2])
    assert gallery.title == "Three pictures"


def test_every_gallery_has_a_map_unless_nobody_looks_at_it_yet():
    files = [(f"{i}.png", encode(picture)) for i, picture in enumerate(photographs(6))]
    assert built(files)[0].map_positions.shape == (6, 2)
    assert built(files, mapped=False)[0].map_positions is None


def test_a_file_that_is_no_picture_is_told_and_left_out():
    gallery, skipped = built([("good.png", encode(photographs(1)[0])), ("bad.png", b"nothing")])
    assert gallery.n == 1
    assert [name for name, _ in skipped] == ["bad.png"]
    assert skipped[0][1].endswith(".")


def test_a_gallery_of_nothing_is_refused():
    with pytest.raises(GalleryError, match="at least one picture"):
        GalleryBuilder(photo_methods()).finish(name="empty")


def test_progress_is_told():
    told = []
    builder = GalleryBuilder(photo_methods())
    files = [(name, encode(picture)) for name, picture in zip("abc", photographs(3), strict=True)]
    builder.add_files(files, skipped=print, total=3, progress=lambda *at: told.append(at))
    assert told == [(1, 3, "a"), (2, 3, "b"), (3, 3, "c")]


def test_the_label_is_the_folder_a_picture_lies_in():
    assert [label_of(name) for name in ("x.png", "cat/x.png", "train/cat/x.png")] == [None, "cat", "cat"]


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["a.png", "b.png"], ["", ""]),
        (["trip/a.png", "trip/b.png"], ["", ""]),
        (["trip/sea/a.png", "trip/town/b.png"], ["sea", "town"]),
        (["trip/a.png", "trip/town/b.png"], ["", "town"]),
        (["top/trip/a.png", "top/trip/b.png", "top/trip/town/c.png"], ["", "", "town"]),
        (["seaside/a.png", "sea/b.png"], ["seaside", "sea"]),
    ],
)
def test_an_uploaded_folder_is_labelled_as_if_it_were_indexed(names, labels):
    gallery, _ = built([(name, encode(photographs(1)[0])) for name in names], uploaded=True)
    assert [gallery.label(i) for i in range(gallery.n)] == labels


def test_the_kept_picture_gives_the_stored_vector_to_the_last_bit():
    """Of a large JPEG, which is kept smaller, and of a small one, which is kept as it is."""
    gallery, _ = built([(f"{seed}.jpg", large(seed)) for seed in range(3)] + [("small.jpg", large(9, 90, 120))])
    assert gallery.picture(0).shape == (480, 640, 3)
    for key, method in gallery.methods.items():
        for i in range(gallery.n):
            np.testing.assert_array_equal(gallery.vectors(key)[i], method.describe(gallery.picture(i)))


def test_every_entrance_gives_the_same_gallery(tmp_path):
    files = [(f"{kind}/{i}.jpg", large(i)) for i, kind in enumerate(("sea", "sea", "town"))]
    for name, data in files:
        (tmp_path / "pictures" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pictures" / name).write_bytes(data)
    indexed = index(tmp_path / "pictures", tmp_path / "out", photo_methods()).gallery
    plain, _ = gallery_of_folder(tmp_path / "pictures", photo_methods())
    own, _ = built([(f"chosen/{name}", data) for name, data in files], uploaded=True)
    np.testing.assert_array_equal(indexed.map_positions, own.map_positions)
    for other in (plain, own):
        assert [other.file_name(i) for i in range(3)] == [indexed.file_name(i) for i in range(3)]
        assert [other.label(i) for i in range(3)] == [indexed.label(i) for i in range(3)] == ["sea", "sea", "town"]
        assert [origin.sha256 for origin in other.origins] == [origin.sha256 for origin in indexed.origins]
        for i in range(3):
            assert other.store.encoded(i) == indexed.store.encoded(i)
        for key in indexed.methods:
            np.testing.assert_array_equal(other.vectors(key), indexed.vectors(key))
            assert other.method_vectors[key].stored.dtype == indexed.method_vectors[key].stored.dtype


def test_vectors_are_kept_in_half_precision_where_that_loses_nothing():
    described = describe_file(large(), photo_methods())
    exact = {method.key: method.describe(built([("x", large())])[0].picture(0)) for method in photo_methods()}
    for key, vector in described.vectors.items():
        np.testing.assert_array_equal(vector.astype(np.float32), exact[key])
    assert described.vectors["histogram"].dtype == np.float16
