"""The rankings of the same query by several methods side by side."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.page.session.visitor import Query
from imgsearch.page.views import elsewhere, marked
from imgsearch.page.views.match_cards import cards
from imgsearch.presentation.kind_names import kind_name
from imgsearch.presentation.safe_text import for_markdown
from imgsearch.search.result import Result

DOUBTS = {"none": "", "unsure": "no confident match", "nothing": "nothing here looks like this"}
"""How far a ranking is to be doubted, in words."""


def show(gallery: Gallery, now: Query, found: Sequence[Result]) -> None:
    """Rankings in columns, what they share, and how many of each are of the right kind."""
    count, most = shared(found), max(len(result.matches) for result in found)
    those = "The two" if len(found) == 2 else f"All {len(found)}"
    # One line on a telephone, so that the first match is on the first screen.
    in_common = f"share **{count} of {most}** matches" if count else "have **no** match in common"
    st.markdown(f":material/join_inner: {those} {in_common}.")
    if any(result.guess is not None and not result.convincing for result in found):
        elsewhere.show()
    marked.show(gallery)
    for number, (column, result) in enumerate(zip(st.columns(len(found), gap="medium"), found, strict=True)):
        with column:
            st.header(result.method.title, anchor=False)
            # Of what is no garment, it is said above.
            doubt = "" if result.guess is not None else DOUBTS[result.doubt]
            # One line, so that both rankings begin at the same height.
            st.markdown(_kinds(now, result) + (f" · :orange[{doubt}]" if doubt else ""))
            if result.note:
                st.caption(result.note)
            cards(gallery, result, column=number, width=132, right=now.label)()


def shared(found: Sequence[Result]) -> int:
    """How many pictures are in every one of the rankings."""
    return len(set.intersection(*({match.index for match in result.matches} for result in found)))


def right_kind(label: str, result: Result) -> int:
    """How many matches have a label."""
    return sum(match.label == label for match in result.matches)


def most_common(result: Result) -> tuple[str, int]:
    """The label that most matches have, and how many have it; 0 where none has a label."""
    labels = Counter(match.label for match in result.matches if match.label)
    return labels.most_common(1)[0] if labels else ("", 0)


def _kinds(now: Query, result: Result) -> str:
    count = len(result.matches)
    label, most = most_common(result)
    if not most:
        return result.method.metric.title
    if now.label:
        right = right_kind(now.label, result)
        return f"**{right} of {count}** are the right kind: {for_markdown(kind_name(now.label))}"
    return f"Mostly {for_markdown(kind_name(label))}: {most} of {count}"
