"""An exact copy is known as one."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from imgsearch import __main__ as command
from imgsearch.gallery.builder import GalleryBuilder
from imgsearch.gallery.gallery import Origin
from imgsearch.gallery.persistence import open_gallery
from imgsearch.images.transforms import digest
from imgsearch.methods.registry import photo_methods as offered
from imgsearch.page.session import queries
from imgsearch.page.session.searching import search_results
from imgsearch.page.session.visitor import visitor
from imgsearch.search.search import search
from tests.galleries import gallery_of, photo_methods, photographs


@pytest.fixture(scope="module")
def large():
    """A JPEG of twelve megapixels, with enough detail that its size matters."""
    random = np.random.default_rng(3)
    coarse = Image.fromarray(random.integers(0, 256, (300, 400, 3), np.uint8)).resize(
        (4000, 3000), Image.Resampling.BICUBIC
    )
    fine = np.asarray(coarse, np.int16) + random.integers(-25, 25, (3000, 4000, 1))
    stream = io.BytesIO()
    Image.fromarray(np.clip(fine, 0, 255).astype(np.uint8)).save(stream, "JPEG", quality=92)
    return stream.getvalue()


def test_the_same_file_has_the_same_scores_on_the_page_in_own_pictures_and_by_the_command_line(large, tmp_path, capsys):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "large.jpg").write_bytes(large)
    for number, picture in enumerate(photographs(3)):
        Image.fromarray(picture).save(folder / f"{number}.png")
    keys = ["histogram", "histogram-grid"]
    index = ["index", str(folder), "--out", str(tmp_path / "gallery")]
    assert command.main([*index, *(word for key in keys for word in ("--method", key))]) == 0
    indexed = open_gallery(tmp_path / "gallery")
    builder = GalleryBuilder(offered(keys))
    for path in sorted(folder.iterdir()):
        builder.add_file(path.name, path.read_bytes())
    own = builder.finish(name="own")
    queries.hand_in(large, "large.jpg")
    queries.take_handed_in()
    for key in keys:
        capsys.readouterr()
        assert (
            command.main(["search", str(tmp_path / "gallery"), str(folder / "large.jpg"), "--method", key, "--json"])
            == 0
        )
        by_command = [match["score"] for match in json.loads(capsys.readouterr().out)["matches"]]
        in_indexed, in_own = (search_results(gallery, key, visitor().query, 10).matches for gallery in (indexed, own))
        assert [match.score for match in in_indexed] == by_command
        assert [match.score for match in in_own] == by_command
        assert [match.name for match in in_indexed if match.identical] == ["large.jpg"]


def test_the_same_bytes_are_a_copy_whatever_their_score():
    pictures = photographs(5)
    origins = [Origin(1, 1, digest(bytes([number]))) for number in range(5)]
    gallery = gallery_of(pictures, photo_methods(), name="photos")
    gallery.origins = origins
    # As a gallery that was described by an older program.
    other = np.ascontiguousarray(pictures[2][::-1, ::-1] // 2)
    found = search(gallery, "histogram", other, k=5, digest=digest(bytes([2])))
    assert [match.index for match in found.matches if match.identical] == [2]
    assert not any(match.identical for match in search(gallery, "histogram", other, k=5).matches)
    assert not any(match.identical for match in search(gallery, "histogram", other, k=5, digest="0" * 64).matches)
