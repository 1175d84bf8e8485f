"""Galleries whose vectors are in an engine, made by the command line as a person makes them."""

from __future__ import annotations

import time

import numpy as np
import pytest

from imgsearch.__main__ import main
from imgsearch.gallery.gallery import Gallery, MethodVectors
from imgsearch.gallery.persistence import open_gallery, save_gallery
from imgsearch.gallery.picture_store import ArrayStore
from imgsearch.ranking.engine import EngineError
from imgsearch.ranking.vectors import pack
from imgsearch.search.reference import Reference
from imgsearch.search.search import search_reference
from tests.galleries import LABELS, garment_arrays, garment_gallery


def with_ties(n=900, copies=40):
    """A gallery of garments in which every picture is there several times, far apart."""
    arrays, labels = garment_arrays(n // copies)
    arrays, labels = np.tile(arrays, (copies, 1, 1)), np.tile(labels, copies)
    store = ArrayStore(arrays)
    methods = [described.method for described in garment_gallery().method_vectors.values()]
    described = [
        MethodVectors(method, *pack(np.stack([method.describe(store.picture(i)) for i in range(len(store))]), 28 * 28))
        for method in methods
    ]
    return Gallery(
        name="ties", store=store, described=described, labels=labels, label_names=LABELS, preprocessing="garment"
    )


def pushed(gallery, folder, uri, *options):
    """The gallery as it is opened after it was written to a folder and pushed to an engine."""
    save_gallery(gallery, folder)
    assert main(["push", str(folder), uri, *options]) == 0
    return open_gallery(folder)


def assert_same_answers(gallery, exact, key, queries, k=12):
    """The engine's answers to rows of the gallery, moved a little, are the exact index's to the last bit."""
    index, here = gallery.index(key), exact.index(key)
    random = np.random.default_rng(0)
    for row in np.linspace(0, exact.n - 1, queries).astype(int):
        query = here.rows(np.array([row]))[0]
        if row % 2:
            query = (query + random.normal(0, 0.01, query.shape)).astype(np.float32)
        found, wanted = index.nearest(query, k), here.nearest(query, k)
        np.testing.assert_array_equal(found.indices, wanted.indices, f"{key}, row {row}")
        np.testing.assert_array_equal(found.scores, wanted.scores)
        np.testing.assert_array_equal(found.n_worse, wanted.n_worse)
        assert found.note == ""


SECONDS = 3.0


def complaint(gallery, *, within=SECONDS):
    """The sentence that a search in a gallery whose engine fails ends in."""
    started = time.monotonic()
    with pytest.raises(EngineError) as raised:
        search_reference(gallery, "histogram", Reference("g", 3))
    assert time.monotonic() - started < within
    text = str(raised.value)
    assert text.endswith(".") and "\n" not in text and "Traceback" not in text
    return text
