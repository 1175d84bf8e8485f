"""Who counts as being served, and when that is a crowd."""

from contextlib import ExitStack

import pytest

from imgsearch.page.server import crowd


def test_more_than_can_be_served_at_once_are_a_crowd_until_they_have_gone():
    with ExitStack() as there:
        there.enter_context(crowd.served())
        there.enter_context(crowd.served())
        assert not crowd.is_large()
        with pytest.raises(ValueError, match="in the middle"), crowd.served():
            assert crowd.is_large()
            raise ValueError("in the middle")
        assert not crowd.is_large()


def test_whoever_pauses_holds_up_nobody(monkeypatch):
    seen = []
    monkeypatch.setattr(crowd, "sleep", lambda seconds: seen.append(crowd.is_large()))
    with crowd.served(), crowd.served(), crowd.served():
        assert crowd.is_large()
        crowd.pause(1.0)
        assert crowd.is_large()
    assert seen == [False]
