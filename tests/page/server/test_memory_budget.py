"""All visitors' own galleries together take no more memory than they may, and what was taken comes back."""

import gc
import threading
import time

import pytest
from streamlit.testing.v1 import AppTest

from imgsearch.gallery.builder import GalleryBuilder
from imgsearch.gallery.gallery import GalleryError
from imgsearch.gallery.persistence import to_file
from imgsearch.images.transforms import encode
from imgsearch.methods.histogram import ColourHistogram
from imgsearch.page.server import memory_budget
from imgsearch.page.server.memory_budget import Budget, size_of
from imgsearch.page.session.visitor import OwnPictures, Visitor
from imgsearch.presentation.safe_text import for_markdown
from tests.galleries import gallery_of, photo_gallery, photographs


def own(n=3, seed=0):
    return gallery_of(photographs(n, seed), [ColourHistogram()], name="own", names=["x.png"] * n)


def test_size_is_that_of_pictures_and_vectors():
    gallery = photo_gallery(4)
    least = sum(len(file) for file in gallery.store.files) + sum(
        d.stored.nbytes for d in gallery.method_vectors.values()
    )
    assert least <= size_of(gallery) <= least + 100  # and the names


def test_what_does_not_fit_is_refused_and_changes_nothing():
    one, other = own(), own()
    shared = Budget(size_of(one) * 3 // 2)
    shared.take(one)
    with pytest.raises(GalleryError, match="try again in a few minutes"):
        shared.take(other)
    with pytest.raises(GalleryError, match="try again in a few minutes"):
        shared.check(size_of(other))
    assert shared.used() == size_of(one)
    shared.take(other, instead_of=one)


def test_nobody_is_refused_for_a_gallery_that_is_gone_and_not_yet_freed():
    one, other = own(), own()
    shared = Budget(size_of(one) * 3 // 2)
    shared.take(one)
    gc.disable()
    try:
        del one
        shared.take(other)
    finally:
        gc.enable()


def test_what_was_taken_comes_back_when_the_pictures_are_freed():
    one = own()
    shared = Budget(size_of(one))
    shared.take(one)
    with_map = one.changed(map_positions=None)
    del one
    gc.collect()
    assert shared.used() == size_of(with_map)  # its pictures are there still
    del with_map
    gc.collect()
    assert shared.used() == 0
    last = own()
    shared.take(last)
    assert shared.used() == size_of(last)


def test_a_file_counts_as_a_whole():
    one = own()
    shared = Budget(10_000_000)
    shared.take(one, at_least=9_000_000)
    assert shared.used() == 9_000_000
    shared.take(own(), instead_of=one, at_least=9_000_000)


def test_many_threads_take_no_more_than_there_is(monkeypatch):
    check = Budget.check

    def slow(*arguments, **named):
        check(*arguments, **named)
        time.sleep(0.002)  # long enough for others to come in between, were they let in

    monkeypatch.setattr(Budget, "check", slow)
    made = [own(1, seed=1) for _ in range(24)]
    shared = Budget(size_of(made[0]) * 5)
    start = threading.Barrier(len(made))
    refused = []

    def take(gallery):
        start.wait()
        try:
            shared.take(gallery)
        except GalleryError:
            refused.append(gallery)

    threads = [threading.Thread(target=take, args=[gallery]) for gallery in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 19
    assert shared.used() == size_of(made[0]) * 5


def page():
    from imgsearch.page.session.visitor import visitor
    from imgsearch.page.views import own_pictures

    own_pictures.show(visitor().own.gallery)


@pytest.fixture
def visitor(monkeypatch):
    monkeypatch.setattr("imgsearch.page.views.own_pictures.photo_methods", lambda: [ColourHistogram()])
    app = AppTest.from_function(page, default_timeout=30)
    before = OwnPictures(gallery=own(), skipped=[("before.png", "It was left out before.")])
    app.session_state["visitor"] = Visitor(own=before)
    app.session_state["gallery"] = "own"
    return app


def allow(monkeypatch, most):
    monkeypatch.setattr(memory_budget, "everybody", Budget(most))
    return memory_budget.everybody


def make(app):
    app.run()
    app.file_uploader[0].upload("new.png", encode(photographs(1)[0], "png")).run()
    replace(app)


def replace(app):
    app.button(key="own-replace").click().run()
    while app.session_state["visitor"].own.building is not None:
        app.run()


def open_saved(app, gallery):
    app.session_state["own-source"] = "A saved gallery"
    app.run()
    app.file_uploader[0].upload("mine.imgsearch", to_file(gallery)).run()
    app.button(key="own-open").click().run()


def is_refused(app, before):
    assert not app.exception
    assert [error.value for error in app.error] == [for_markdown(memory_budget.FULL, longest=400)]
    assert app.session_state["visitor"].own.gallery is before
    assert app.session_state["visitor"].own.skipped == [("before.png", "It was left out before.")]


@pytest.mark.parametrize("missing", [1, 1_000_000])
def test_visitor_keeps_the_old_gallery_where_a_new_one_does_not_fit(visitor, monkeypatch, missing):
    new = gallery_of(photographs(1), [ColourHistogram()], name="own", names=["new.png"])
    allow(monkeypatch, max(size_of(new) - missing, 0))
    before = visitor.session_state["visitor"].own.gallery
    make(visitor)
    is_refused(visitor, before)


def test_pictures_that_cannot_fit_are_not_all_described_first(visitor, monkeypatch):
    allow(monkeypatch, 0)
    described = []
    add_file = GalleryBuilder.add_file
    monkeypatch.setattr(GalleryBuilder, "add_file", lambda *given: described.append(given) or add_file(*given))
    before = visitor.session_state["visitor"].own.gallery
    visitor.run()
    visitor.file_uploader[0].set_value(
        [(f"{i}.png", encode(picture, "png"), "image/png") for i, picture in enumerate(photographs(3))]
    ).run()
    replace(visitor)
    assert len(described) == 1
    is_refused(visitor, before)


def test_visitor_keeps_the_old_gallery_where_a_saved_one_does_not_fit(visitor, monkeypatch):
    saved = own(5)
    allow(monkeypatch, len(to_file(saved)) - 1)
    before = visitor.session_state["visitor"].own.gallery
    open_saved(visitor, saved)
    is_refused(visitor, before)


@pytest.mark.parametrize("way", [make, lambda app: open_saved(app, own(5))], ids=["made", "opened"])
def test_visitor_s_gallery_counts_until_it_is_forgotten(visitor, monkeypatch, way):
    shared = allow(monkeypatch, 10_000_000)
    way(visitor)
    assert not visitor.exception
    assert shared.used() >= size_of(visitor.session_state["visitor"].own.gallery) > 0
    visitor.button(key="own-forget").click().run()
    assert visitor.session_state["visitor"].own.gallery is None
    gc.collect()
    assert shared.used() == 0
