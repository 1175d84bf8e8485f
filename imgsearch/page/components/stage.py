"""The component for a presenter: the query and its rankings side by side, in large type."""

from collections.abc import Callable, Sequence
from typing import Any

from imgsearch.page.components.mount import component, state


def query_and_rankings(
    query: dict[str, Any],
    rankings: Sequence[dict[str, Any]],
    *,
    note: str,
    leave: str,
    key: str,
    on_asked: Callable[[], None],
) -> None:
    """A query and its rankings; `asked_on_stage(key)` gives what is wanted inside `on_asked`.

    The query has `src` (as `data_url` gives it), `alt`, `pixels` where single pixels are to be seen, `title`, and
    `name`; a ranking `title`, `count` in words, and `cards`: each with `src`, `alt`, `pixels`, `index`, `rank`, `name`,
    `score` in words, and `right` for the query's own kind. `note` is said below the query, `leave` on the button that
    leads away from here.
    """
    listed = tuple({**ranking, "cards": tuple(ranking["cards"])} for ranking in rankings)
    data = {"query": query, "rankings": listed, "note": note, "leave": leave}
    component("stage")(key=key, data=data, on_asked_change=on_asked)


def asked_on_stage(key: str) -> tuple[str, int, int] | None:
    """What is wanted ("leave", "query", "large"), in which ranking, of which picture; None for anything else."""
    value = state(key, "asked")
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        return None
    what, ranking, index = value
    if what not in ("leave", "query", "large") or any(type(each) is not int or each < 0 for each in (ranking, index)):
        return None
    return what, ranking, index
