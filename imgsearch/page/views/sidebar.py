"""The settings beside the page: which gallery, which method, how many matches."""

from __future__ import annotations

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.methods.method import Method
from imgsearch.methods.registry import preferred_key
from imgsearch.page.session import galleries
from imgsearch.page.session.redraw import redraw_results
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.search.vocabulary import KEY

COMPARE = "compare"
FEWEST, MOST, USUAL = 4, 48, 12


def choose_gallery() -> None:
    """The list of galleries. Another gallery changes the whole page."""
    names = galleries.offered()
    _accept_key("gallery", names)
    st.selectbox(
        "Search in",
        names,
        key="gallery",
        bind="query-params",
        format_func=galleries.title,
        on_change=_new_gallery,
    )


def choose_method(gallery: Gallery) -> None:
    """The method, its variant, and the number of matches. Only what they change is drawn again."""
    options = list(families(gallery))
    if len(options) > 1:
        options.append(COMPARE)
    _repair("method", options)
    _accept_key("method", options)
    st.radio(
        "Compare by",
        options,
        index=options.index(_opening(gallery)),
        key="method",
        bind="query-params",
        # No function that holds the gallery: Streamlit keeps it until the session is over.
        format_func={option: _title(gallery, option) for option in options}.__getitem__,
        captions=[_caption(gallery, option) for option in options],
        on_change=_other_method,
    )
    variants = [method for members in families(gallery).values() if len(members) > 1 for method in members]
    if variants:
        keys = [method.key for method in variants]
        _repair("histogram", keys)
        _accept_key("histogram", keys)
        st.segmented_control(
            "Histogram",
            keys,
            key="histogram",
            bind="query-params",
            default=keys[0],
            required=True,
            format_func={method.key: method.variant for method in variants}.__getitem__,
            help="Overall forgets where a shade is. By region keeps it, roughly.",
            on_change=_other_method,
            width="stretch",
        )
    st.slider("Matches", FEWEST, MOST, USUAL, key="matches", bind="query-params", on_change=redraw_results)


def families(gallery: Gallery) -> dict[str, list[Method]]:
    """The methods of a gallery by family, variants of one method together."""
    found: dict[str, list[Method]] = {}
    for method in gallery.methods.values():
        found.setdefault(method.family, []).append(method)
    return found


def chosen(gallery: Gallery) -> list[str]:
    """Keys of the methods to search with: one, or one of each family to compare."""
    by_family = families(gallery)
    choice = st.session_state.get("method")
    names = list(by_family) if choice == COMPARE else [choice if choice in by_family else _opening(gallery)]
    return [_member(by_family[name]) for name in names]


def keys_for(gallery: Gallery, query: Query) -> list[str]:
    """Keys of the methods to search for a query with: only the network knows words."""
    return [KEY] if query.word else chosen(gallery)


def matches() -> int:
    """How many matches to show."""
    wanted = st.session_state.get("matches", USUAL)
    return int(min(max(wanted, FEWEST), MOST)) if isinstance(wanted, (int, float)) else USUAL


def settings(gallery: Gallery) -> dict[str, str]:
    """The settings as the page's own links hold them: by what is written on the controls."""
    found = {"gallery": galleries.title(st.session_state["gallery"]), "matches": str(matches())}
    if method := st.session_state.get("method"):
        found["method"] = _title(gallery, method)
    if histogram := st.session_state.get("histogram"):
        found["histogram"] = gallery.method(histogram).variant
    return found


def _title(gallery: Gallery, option: str) -> str:
    if option == COMPARE:
        return "Compare both" if len(families(gallery)) == 2 else "Compare all"
    return families(gallery)[option][0].title


def _caption(gallery: Gallery, option: str) -> str:
    if option == COMPARE:
        return "The same picture, each way"
    return families(gallery)[option][0].caption


def _opening(gallery: Gallery) -> str:
    """The family that the page opens with."""
    return gallery.method(preferred_key(gallery.methods)).family


def _member(members: list[Method]) -> str:
    keys = [method.key for method in members]
    wanted = st.session_state.get("histogram")
    return wanted if wanted in keys else keys[0]


def _repair(key: str, options: list[str]) -> None:
    """Another gallery may not have what was chosen in the last one."""
    if key in st.session_state and st.session_state[key] not in options:
        del st.session_state[key]


def _accept_key(key: str, options: list[str]) -> None:
    """Understand a link that was written by hand, such as ?method=siamese; the page's own links hold the titles."""
    if key not in st.session_state and st.query_params.get(key) in options:
        st.session_state[key] = st.query_params[key]


def _new_gallery() -> None:
    visitor().selected = None
    visitor().marks.clear()
    visitor().trail.clear()


def _other_method() -> None:
    visitor().selected = None
    redraw_results("query")
