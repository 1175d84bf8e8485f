"""A visitor's gallery in the making: cancelled, paused, added to, and taken from."""

import io
import threading
import time
import zipfile

import pytest

from imgsearch.gallery.builder import GalleryBuilder, described_in, without_pictures
from imgsearch.gallery.gallery import GalleryError
from imgsearch.gallery.persistence import from_file, to_file
from imgsearch.images.transforms import encode
from imgsearch.methods.histogram import ColourHistogram, GreyHistogram
from imgsearch.page.server import memory_budget
from imgsearch.page.server.memory_budget import Budget
from imgsearch.page.session.building import Building
from tests.galleries import gallery_of, photographs


class File(io.BytesIO):
    def __init__(self, name, data):
        super().__init__(data)
        self.name = name


def files(n, seed=0, folder=""):
    return [File(f"{folder}{i:02d}.png", encode(one, "png")) for i, one in enumerate(photographs(n, seed))]


def building(uploaded, present=None, *, adding=False):
    return Building(uploaded, [ColourHistogram()], present, adding=adding)


def finish(one):
    one.go_on()
    until(lambda: one.is_over)
    return one


def until(true):
    for _ in range(1000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come about")


@pytest.fixture
def slow(monkeypatch):
    """Pictures are described when they are let through, one at a time."""
    gate = threading.Semaphore(0)
    add_file = GalleryBuilder.add_file

    def wait(*given):
        gate.acquire()
        add_file(*given)

    monkeypatch.setattr(GalleryBuilder, "add_file", wait)
    yield gate
    gate.release(100)


def test_cancelling_keeps_what_is_done(slow):
    one = building(files(10))
    one.go_on()
    slow.release(3)
    until(lambda: one.done == 4)
    one.cancel()
    slow.release()
    until(lambda: one.is_over)
    assert one.error is None
    assert one.gallery.n == 4
    assert one.gallery.names == ["00.png", "01.png", "02.png", "03.png"]


def test_cancelling_before_anything_is_done_changes_nothing():
    one = building(files(3))
    one.cancel()
    finish(one)
    assert one.gallery is one.error is None
    one = building(files(3, 1), gallery_of(photographs(2), [ColourHistogram()], name="own", features=True), adding=True)
    one.cancel()
    finish(one)
    assert one.gallery is one.error is None


def test_a_pause_ends_after_the_picture_at_hand_and_it_goes_on_from_there(slow):
    one = building(files(5))
    one.go_on()
    until(lambda: one.done == 1)
    one.pause()
    slow.release(5)
    time.sleep(0.2)
    assert one.done == 1
    assert not one.is_over
    finish(one)
    assert one.gallery.n == 5


def test_a_failure_ends_it_and_is_kept(monkeypatch):
    def broken(*given):
        raise RuntimeError("a fault in the program")

    monkeypatch.setattr(GalleryBuilder, "add_file", broken)
    one = finish(building(files(2)))
    assert isinstance(one.error, RuntimeError)
    assert one.gallery is None


def test_what_it_holds_of_the_files_goes_with_each():
    uploaded = files(2)
    one = finish(building(uploaded))
    assert not one._files
    assert one._present is None


def test_adding_keeps_names_kinds_and_vectors_and_leaves_out_what_is_there():
    present = finish(building(files(4, folder="album/red/") + files(1, 5, "album/blue/"))).gallery
    assert set(present.label_names) == {"red", "blue"}
    more = files(2, seed=7, folder="other/green/") + files(1, folder="again/red/") + files(1, 8, "other/grey/")
    for start in (present, from_file(to_file(present))):
        one = finish(building([File(file.name, file.getvalue()) for file in more], start, adding=True))
        assert one.error is None
        assert [name for name, reason in one.skipped if "already" in reason] == ["again/red/00.png"]
        assert one.gallery.n == 8
        assert one.gallery.names[:5] == list(present.names)
        assert set(one.gallery.label_names) == {"red", "blue", "green", "grey"}
        assert (one.gallery.vectors("histogram", range(5)) == present.vectors("histogram")).all()
        assert one.gallery.features is not None


def test_adding_nothing_new_is_a_sentence():
    present = finish(building(files(2))).gallery
    one = finish(building(files(2), present, adding=True))
    assert one.gallery is None
    assert str(one.error) == "None of these files was added: see below why."
    assert len(one.skipped) == 2


def test_a_gallery_that_was_described_otherwise_cannot_be_added_to():
    other = gallery_of(photographs(2), [GreyHistogram(bins=256)], name="own", features=True)
    one = finish(building(files(1), other, adding=True))
    assert isinstance(one.error, GalleryError)
    assert "build a new one" in str(one.error)


def test_an_archive_is_counted_and_told_of(monkeypatch):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for file in files(3):
            archive.writestr(f"kind/{file.name}", file.getvalue())
    one = finish(building([File("many.ZIP", stream.getvalue()), File("x.png", b"broken")]))
    assert (one.done, one.total) == (4, 4)
    assert one.gallery.n == 3
    assert [name for name, _ in one.skipped] == ["x.png"]


def test_what_does_not_fit_is_refused_while_it_is_made(monkeypatch):
    monkeypatch.setattr(memory_budget, "everybody", Budget(0))
    one = finish(building(files(5)))
    assert str(one.error) == memory_budget.FULL
    assert one.done == 1


def test_pictures_taken_out_leave_the_others_as_they_were():
    present = finish(building(files(3, folder="a/red/") + files(2, 4, "a/blue/"))).gallery
    for whole in (present, from_file(to_file(present))):
        rest = without_pictures(whole, {0, 3})
        assert rest.names == [present.names[index] for index in (1, 2, 4)]
        assert [rest.label(index) for index in range(3)] == ["red", "red", "blue"]
        assert (rest.vectors("histogram") == present.vectors("histogram", [1, 2, 4])).all()
        assert all(isinstance(file, bytes) for file in rest.store.files)
        assert len(described_in(rest, [ColourHistogram()])) == 3
