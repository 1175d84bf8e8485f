"""The settings beside the page: which gallery, which method, how many matches."""

from collections.abc import Callable, Collection

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.methods.method import Method
from imgsearch.methods.registry import preferred_key
from imgsearch.page.components.narrow import chosen as chosen_of
from imgsearch.page.components.narrow import narrow_controls
from imgsearch.page.session import address, galleries, queries
from imgsearch.page.session.redraw import redraw_all, redraw_results
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.page.views import kind_filter
from imgsearch.search.vocabulary import KEY

COMPARE = "compare"
_NARROW = "narrow-controls"
FEWEST, MOST, USUAL = 4, 48, 12


def choose_gallery() -> None:
    """The list of galleries. Another gallery changes the whole page."""
    titles = {name: galleries.title(name) for name in galleries.offered()}
    address.take(address.GALLERY, titles, next(iter(titles)))
    st.selectbox(
        "Search in",
        list(titles),
        key=address.GALLERY,
        format_func=titles.__getitem__,
        on_change=leave_gallery,
    )


@st.fragment(key=kind_filter.SETTINGS)
def settings(usable: Callable[[], Gallery | None]) -> None:
    """The method, its variant, the number of matches, and which are shown. Only what they change is drawn again.

    A fragment, so that the browser does not take all of the page for out of date when one of them is changed: it goes
    over everything twice then, before it gets the matches ("change of method" in the benchmarks).
    """
    gallery = usable()
    if gallery is None:
        return
    _choose_method(gallery)
    address.take_number(address.MATCHES, FEWEST, MOST, USUAL)
    st.slider("Matches", FEWEST, MOST, USUAL, key=address.MATCHES, persist_state="session", on_change=redraw_results)
    kind_filter.choose(gallery)


def _choose_method(gallery: Gallery) -> None:
    titles = _methods(gallery)
    options = list(titles)
    _repair(address.METHOD, options)
    captions = {name: members[0].caption for name, members in families(gallery).items()}
    captions[COMPARE] = "The same picture, each way"
    opening = COMPARE if address.on_stage() and COMPARE in options else _opening(gallery)
    address.take(address.METHOD, titles, opening)
    st.radio(
        "Compare by",
        options,
        index=options.index(opening),
        key=address.METHOD,
        persist_state="session",
        # No function that holds the gallery: Streamlit keeps it until the session is over.
        format_func=titles.__getitem__,
        captions=[captions[option] for option in options],
        help=f"On the keyboard: {', '.join(str(number) for number in range(1, len(options) + 1))}.",
        on_change=_other_method,
    )
    variants = [method for members in families(gallery).values() if len(members) > 1 for method in members]
    if variants:
        keys = {method.key: method.variant for method in variants}
        _repair(address.HISTOGRAM, keys)
        address.take(address.HISTOGRAM, keys, variants[0].key)
        st.segmented_control(
            "Histogram",
            list(keys),
            key=address.HISTOGRAM,
            persist_state="session",
            default=variants[0].key,
            required=True,
            format_func=keys.__getitem__,
            help="Overall forgets where a shade is. By region keeps it, roughly.",
            on_change=_other_method,
            width="stretch",
        )


@st.fragment(key="narrow")
def narrow(gallery: Callable[[], Gallery | None]) -> None:
    """Gallery and method once more, for a narrow window, where the sidebar is closed."""
    here = gallery()
    lists = [_list(address.GALLERY, "Search in", {name: galleries.title(name) for name in galleries.offered()})]
    if here is not None:
        lists.append(_list(address.METHOD, "Compare by", _methods(here)))
    settled = " ".join(str(st.session_state.get(key)) for key in (address.GALLERY, address.METHOD, address.HISTOGRAM))
    narrow_controls(lists, settled=settled, key=_NARROW, on_chosen=_chosen_narrow)


def families(gallery: Gallery) -> dict[str, list[Method]]:
    """The methods of a gallery by family, variants of one method together."""
    found: dict[str, list[Method]] = {}
    for method in gallery.methods.values():
        found.setdefault(method.family, []).append(method)
    return found


def chosen(gallery: Gallery) -> list[str]:
    """Keys of the methods to search with: one, or one of each family to compare."""
    by_family = families(gallery)
    choice = st.session_state.get(address.METHOD)
    names = list(by_family) if choice == COMPARE else [choice if choice in by_family else _opening(gallery)]
    keys = ([method.key for method in by_family[name]] for name in names)
    wanted = st.session_state.get(address.HISTOGRAM)
    return [wanted if wanted in members else members[0] for members in keys]


def keys_for(gallery: Gallery, query: Query) -> list[str]:
    """Keys of the methods to search for a query with: only the network knows words."""
    return [KEY] if query.word else chosen(gallery)


def matches() -> int:
    """How many matches to show."""
    return int(st.session_state.get(address.MATCHES, USUAL))


def keep_address(gallery: Gallery | None) -> None:
    """Write into the address what the page shows."""
    address.keep(address.settings() | ({} if gallery is None else queries.shown(gallery)))


def _methods(gallery: Gallery) -> dict[str, str]:
    """The families, and all of them side by side, with what is written on each."""
    titles = {name: members[0].title for name, members in families(gallery).items()}
    if len(titles) > 1:
        titles[COMPARE] = "Compare both" if len(titles) == 2 else "Compare all"
    return titles


def _list(key: str, label: str, titles: dict[str, str]) -> dict[str, object]:
    return {"name": key, "label": label, "value": st.session_state.get(key), "options": tuple(titles.items())}


def _opening(gallery: Gallery) -> str:
    """The family that the page opens with."""
    return gallery.method(preferred_key(gallery.methods)).family


def _repair(key: str, options: Collection[str]) -> None:
    """Another gallery may not have what was chosen in the last one."""
    if key in st.session_state and st.session_state[key] not in options:
        del st.session_state[key]


def leave_gallery() -> None:
    """Inside a callback: let go of what was chosen in a gallery, for another."""
    visitor().selected = None
    visitor().marks.clear()
    visitor().trail.clear()
    redraw_all()


def _other_method() -> None:
    visitor().selected = None
    redraw_results("query", "narrow")


def _chosen_narrow() -> None:
    name, value = chosen_of(_NARROW)
    gallery = galleries.usable()
    if name == address.GALLERY and value in galleries.offered():
        st.session_state[name] = value
        leave_gallery()
    elif name == address.METHOD and gallery is not None and value in _methods(gallery):
        st.session_state[name] = value
        visitor().selected = None
        # The control in the sidebar has to show it, too.
        redraw_all()
