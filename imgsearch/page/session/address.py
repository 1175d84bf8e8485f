"""The address of the page: it says what the page shows, and each change is a step that the browser's Back takes back.

Not `bind="query-params"`: a control that is bound to the address replaces it, and Back leaves the page. What the server
writes by `st.query_params` is a new entry in the browser's history.
"""

import csv
import io
from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from imgsearch.page.components.crop import Box
from imgsearch.page.session.visitor import visitor

GALLERY, METHOD, HISTOGRAM, MATCHES, VIEW = "gallery", "method", "histogram", "matches", "view"
ONLY, WITHOUT, HIDE = "only", "without", "hide-query"
SETTINGS = GALLERY, METHOD, HISTOGRAM, MATCHES, VIEW, ONLY, WITHOUT, HIDE
STAGE = "stage"
SAMPLE, WORD, PICTURE, BOX = "sample", "word", "picture", "box"
MATCH, MORE, LESS = "match", "more", "less"
NAMES = frozenset({*SETTINGS, SAMPLE, WORD, PICTURE, BOX, MATCH, MORE, LESS})
_MOST_MARKS = 200
_ON = "yes"


def begin() -> None:
    """At the start of a run of the whole page: whether the page has to follow its address, instead of the reverse."""
    now = visitor()
    # Streamlit has no public way to ask whether Back or Forward was pressed: `st.query_params` says what the address is
    # now, but not who changed it, the browser or this page. Its own bound controls ask the context of the run, too.
    context = get_script_run_ctx()
    returned = context is not None and context.is_history_navigation
    now.follows = now.address is None or returned


def said(name: str) -> str:
    """What the address says under a name; empty if nothing."""
    return str(st.query_params.get(name, ""))


def take(key: str, options: Mapping[str, str], default: str) -> None:
    """Set a control to what the address says, where the page follows it: one of the keys, or what is written on it."""
    now, asked = visitor(), said(key).casefold()
    now.opening[key] = default
    if now.follows:
        by_title = {title.casefold(): option for option, title in options.items()}
        st.session_state[key] = asked if asked in options else by_title.get(asked, default)


def take_number(key: str, fewest: int, most: int, default: int) -> None:
    """The same for a number."""
    now, asked = visitor(), said(key)
    now.opening[key] = str(default)
    if now.follows:
        st.session_state[key] = min(max(int(asked), fewest), most) if asked.isdecimal() and len(asked) < 9 else default


def take_some(key: str, options: Mapping[str, str]) -> None:
    """The same for any number of options, of which what is no option any more is let go."""
    asked = st.session_state.get(key, [])
    if visitor().follows:
        known = {name.casefold(): option for option, title in options.items() for name in (title, option)}
        asked = [known.get(name.strip().casefold(), "") for name in _listed(said(key))]
    st.session_state[key] = [option for option in dict.fromkeys(asked) if option in options]


def take_flag(key: str) -> None:
    """The same for what is on or off."""
    now = st.session_state.get(key, False)
    # Set in any case: a control that is not drawn does not keep what it says.
    st.session_state[key] = said(key).casefold() == _ON if visitor().follows else now


def take_view() -> None:
    """Be on the stage, or not, as the address says."""
    take(VIEW, {STAGE: STAGE}, "")


def on_stage() -> bool:
    """Whether the page is seen as by an audience, which `VIEW` says."""
    return bool(st.session_state.get(VIEW) == STAGE)


def box() -> Box | None:
    """The part of the query that the address names."""
    try:
        left, top, right, bottom = map(float, said(BOX).split())
    except ValueError:
        return None
    return (left, top, right, bottom) if 0 <= left < right <= 1 and 0 <= top < bottom <= 1 else None


def marks(n: int) -> dict[int, int]:
    """The marks that the address names, on pictures of a gallery of n."""
    return {index: sign for name, sign in ((MORE, 1), (LESS, -1)) for index in _indices(said(name), n)}


def match(n: int) -> int | None:
    """The match that the address names, of a gallery of n pictures."""
    return next(iter(_indices(said(MATCH), n)), None)


def looked_at() -> dict[str, str]:
    """The part of the query, the marks and the selected match, by parameter."""
    now, found = visitor(), {}
    if now.query is not None and now.query.box is not None:
        found[BOX] = " ".join(f"{edge:g}" for edge in now.query.box)
    for name, sign in ((MORE, 1), (LESS, -1)):
        if marked := [index for index, mark in now.marks.items() if mark == sign]:
            found[name] = " ".join(map(str, marked))
    if now.selected is not None:
        found[MATCH] = str(now.selected)
    return found


def keep(shown: dict[str, str]) -> None:
    """Write what the page shows, by parameter, into the address.

    Not in a callback: what that sends is lost at the next drawing.
    """
    now = visitor()
    shown = {name: value for name, value in shown.items() if now.opening.get(name) != value}
    if now.follows:
        # It stays as it was written, be it by hand.
        now.address, now.follows = shown, False
    elif shown != now.address:
        now.address = shown
        others = {name: st.query_params[name] for name in st.query_params if name not in NAMES}
        st.query_params.from_dict(others | shown)


def settings() -> dict[str, str]:
    """The controls, by parameter."""
    return {key: _written(st.session_state[key]) for key in SETTINGS if st.session_state.get(key)}


def link(shown: dict[str, str]) -> str:
    """An address that can be given away."""
    return f"{(st.context.url or '').split('?')[0]}?{urlencode(shown)}"


def _written(value: object) -> str:
    if value is True:
        return _ON
    if not isinstance(value, list):
        return str(value)
    line = io.StringIO(newline="")
    # Names of kinds may hold commas.
    csv.writer(line, lineterminator="").writerow(value)
    return line.getvalue()


def _listed(text: str) -> list[str]:
    try:
        return next(csv.reader([text]), [])
    except csv.Error:
        return []


def _indices(text: str, n: int) -> list[int]:
    numbers = [word for word in text.split() if word.isascii() and word.isdigit() and len(word) < 10]
    return [int(word) for word in numbers if int(word) < n][:_MOST_MARKS]
