"""Nothing that could be among the best is left out, and little else is kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgsearch.ranking.candidates import Columns


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, 40, 511, 2048, 5000, 20_011]),
    st.integers(1, 600),
    st.sampled_from([0.0, 0.5]),
    st.sampled_from(["spread", "few values", "one column"]),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_near_the_best_is_found(seed, n, k, slack, kind):
    random = np.random.default_rng(seed)
    values = {
        "spread": lambda: random.normal(size=n),
        "few values": lambda: random.integers(0, 4, n).astype(float),
        "one column": lambda: np.where(np.arange(n) % 512 == 7, 5.0, 0.0) + random.normal(size=n) * 1e-3,
    }[kind]().astype(np.float32)
    floor = np.sort(values)[-min(k, n)] - np.float32(slack)
    found = Columns(values).near_the_best(k, slack)
    assert (np.diff(found) > 0).all() or len(found) < 2
    assert set(np.flatnonzero(values >= floor)) <= set(found.tolist())
    if len(found) > 4 * k and k < n:
        assert (values[found] >= floor).all()


def test_of_many_values_few_are_looked_at():
    values = np.random.default_rng(0).normal(size=100_003).astype(np.float32)
    assert len(Columns(values).near_the_best(10, 0.0)) <= 40
    np.testing.assert_array_equal(Columns(values).reaching(3.0), np.flatnonzero(values >= 3.0))


@pytest.mark.parametrize("floor", [-10.0, 0.0, 10.0])
def test_reaching_is_exact(floor):
    values = np.random.default_rng(1).normal(size=7_777).astype(np.float32)
    np.testing.assert_array_equal(Columns(values).reaching(floor), np.flatnonzero(values >= floor))
