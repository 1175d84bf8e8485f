"""Which of the ranked pictures are shown: a setting beside the page, and what it does said above the matches."""

from dataclasses import replace

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.page.session import address
from imgsearch.page.session.redraw import redraw, redraw_results
from imgsearch.page.session.visitor import visitor
from imgsearch.presentation.kind_names import kind_name
from imgsearch.presentation.safe_text import for_markdown
from imgsearch.search.filtering import Filter
from imgsearch.search.result import Result

SETTINGS = "settings"
"""The fragment that this is in."""


def choose(gallery: Gallery) -> None:
    """Kinds to show, kinds to leave out, and whether the query itself is among the matches."""
    names = {kind: kind_name(kind) for kind in gallery.label_names}
    for key in (address.ONLY, address.WITHOUT):
        # Another gallery has other kinds.
        address.take_some(key, names)
    address.take_flag(address.HIDE)
    # What nobody sees is not drawn: the browser goes over it at every change of the page.
    filter_ = st.expander("Filter", key="filter", icon=":material/filter_alt:", on_change=lambda: redraw(SETTINGS))
    if filter_.open:
        with filter_:
            _controls(names)


def _controls(names: dict[str, str]) -> None:
    if names:
        for key, label in ((address.ONLY, "Only"), (address.WITHOUT, "Without")):
            st.multiselect(
                label,
                list(names),
                key=key,
                format_func=names.__getitem__,
                placeholder="All kinds" if key == address.ONLY else "None",
                select_all=False,
                on_change=_changed,
            )
    st.toggle("Hide the query itself", key=address.HIDE, on_change=_changed)


def chosen(gallery: Gallery) -> Filter:
    """The filter that the visitor has set, as far as this gallery has such kinds."""
    only, without = (
        tuple(kind for kind in st.session_state.get(key, []) if kind in gallery.label_names)
        for key in (address.ONLY, address.WITHOUT)
    )
    return Filter(only, without, bool(st.session_state.get(address.HIDE, False)))


def say(gallery: Gallery, result: Result) -> None:
    """What acts, where something does, and the way to be rid of it."""
    if not result.filter:
        return
    only, without = (tuple(map(kind_name, kinds)) for kinds in (result.filter.only, result.filter.without))
    sentence = replace(result.filter, only=only, without=without).sentence(result.passing, gallery.n)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filtered"):
        st.caption(f":material/filter_alt: {for_markdown(sentence, longest=400)}", width="content")
        st.button("Clear filter", key="clear-filter", icon=":material/close:", on_click=_set, args=([],))


def show_only(kind: str) -> None:
    """Inside a callback: filter by one kind, as its name on a card was clicked."""
    _set([kind] if kind else [])


def _set(only: list[str]) -> None:
    st.session_state[address.ONLY], st.session_state[address.WITHOUT] = only, []
    st.session_state[address.HIDE] = st.session_state[address.HIDE] and bool(only)
    visitor().selected = None
    # The controls in the sidebar have to show it, too.
    st.rerun()


def _changed() -> None:
    visitor().selected = None
    redraw_results()
