"""What a result says of a whole gallery."""

import json

import numpy as np

from imgsearch.gallery.garment_queries import QueryDescription
from imgsearch.ranking.metrics import EUCLIDEAN
from imgsearch.search.search import search, search_described
from tests.benchmarks.galleries import embeddings, of_vectors
from tests.galleries import photo_gallery, photographs


def test_of_a_large_gallery_the_scores_are_those_of_a_sample():
    gallery = of_vectors(embeddings(30_000, 16), EUCLIDEAN)
    query = gallery.vectors("made-up", [17])[0]
    result = search_described(gallery, "made-up", QueryDescription(query), k=5)
    assert result.sample_scores.shape == (10_000,)
    every = np.linalg.norm(gallery.vectors("made-up").astype(np.float64) - query, axis=1)
    np.testing.assert_allclose(result.sample_scores, every[np.linspace(0, 29_999, 10_000).astype(int)], atol=2e-3)
    shares = [np.mean(result.sample_scores < np.quantile(every, part)) for part in (0.1, 0.5, 0.9)]
    np.testing.assert_allclose(shares, [0.1, 0.5, 0.9], atol=0.02)
    # What is closer stays exact.
    for match in result.matches:
        assert match.closer_than == np.count_nonzero(every > match.score + 1e-9) / 30_000


def test_a_match_has_one_form_in_json():
    match = search(photo_gallery(), "histogram", photographs(1)[0]).matches[0]
    assert json.loads(json.dumps(match.as_json())) == {
        "rank": 1,
        "index": 0,
        "label": match.label,
        "name": match.name,
        "score": 0.0,
        "closer_than": 11 / 12,
        "identical": True,
    }
