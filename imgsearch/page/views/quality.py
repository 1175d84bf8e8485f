"""How good is it? The measured quality of every method on this gallery, saved with it or measured on request."""

import streamlit as st

from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.page.server import work_queue
from imgsearch.page.session import galleries
from imgsearch.page.session.redraw import redraw
from imgsearch.page.session.visitor import visitor
from imgsearch.page.views import sidebar
from imgsearch.presentation.charts.figure import CONFIG
from imgsearch.presentation.charts.quality import quality_bars
from imgsearch.presentation.safe_text import for_markdown
from imgsearch.search.evaluation import evaluate
from imgsearch.search.judgement import WEAK, limits_of

# Precision at 1, 5 and 10, mean average precision, and MAP@R, in plain words.
_WORDS = {
    "P@1": "the first match",
    "P@5": "the first 5",
    "P@10": "the first 10",
    "mAP": "the whole ranking",
    "MAP@R": "as many as there are",
}


def show(gallery: Gallery) -> None:
    """Chart and table of the figures; one sentence when there are none."""
    evaluation = gallery.evaluation or {}
    measured = evaluation.get("methods", {})
    methods = {
        method.title: {_WORDS[name]: float(value) for name, value in measured[key].items() if name in _WORDS}
        for key, method in gallery.methods.items()
        if key in measured
    }
    if not methods:
        _not_yet(gallery)
        return
    best = max(methods, key=lambda title: _first(methods[title]))
    st.markdown(
        f"With the **{for_markdown(best)}**, the first match is of the right kind for "
        f"{100 * _first(methods[best]):.0f} of 100 pictures. "
        f"Measured with {int(evaluation.get('queries', 0)):,} pictures against {int(evaluation.get('gallery', 0)):,}."
    )
    for key, method in gallery.methods.items():
        if key in measured:
            st.caption(_warnings(method.title, _first(methods[method.title]), limits_of(gallery, key)))
    chart, table = st.columns([3, 2], gap="medium")
    with chart:
        st.plotly_chart(
            quality_bars(methods, list(_WORDS.values())),
            config=CONFIG,
            key="quality",
            alt="Measured quality of "
            + ", ".join(f"{title}: {100 * _first(figures):.0f} %" for title, figures in methods.items()),
        )
    with table:
        # A variant beside the first of its family needs no more than what tells it apart.
        firsts = {members[0].title for members in sidebar.families(gallery).values()}
        variants = {method.title: method.variant for method in gallery.methods.values()}
        titles = [title if title in firsts else variants[title] for title in methods]
        rows = {
            "Right kind among": list(_WORDS.values()),
            **{
                label: [
                    f"{100 * figures[words]:.1f}\N{NO-BREAK SPACE}%" if words in figures else ""
                    for words in _WORDS.values()
                ]
                for label, figures in zip(titles, methods.values(), strict=True)
            },
        }
        st.table(rows, alt="Share of matches of the right kind for each method")


def _not_yet(gallery: Gallery) -> None:
    """Nothing was measured: a visitor's own pictures can be, if it is known what they show."""
    if gallery is not galleries.own():
        st.caption("This gallery has not been measured yet.")
        return
    if gallery.labels is None:
        st.caption("Pictures in folders can be measured: a match is right if it comes from the same folder.")
        return
    st.markdown(
        f"Search for each of the {gallery.n:,} pictures among the others, and count how often the match comes from the "
        "same folder."
    )
    if not st.button("Measure", icon=":material/monitoring:", key="own-measure", on_click=redraw, args=("more",)):
        return
    try:
        with st.spinner("Measuring…"):
            measured = work_queue.run(lambda: evaluate(gallery))
    except GalleryError as error:
        st.caption(for_markdown(str(error), longest=300))
        return
    visitor().own.gallery = gallery.changed(evaluation=measured)
    # What was found is to be doubted, or not, by what is known now.
    visitor().results.clear()
    st.rerun()


def _warnings(title: str, first: float, limits: dict[str, float] | None) -> str:
    """What "no confident match" is worth with a method, or why it is never said."""
    name = for_markdown(title)
    if first < WEAK:
        return f"{name}: the first match is wrong for {100 * (1 - first):.0f} of 100, so no search carries a warning."
    if limits is None or "absent_warned" not in limits:
        return f"{name}: too little was measured to say when a match is not to be trusted."
    return (
        f"{name}: “No confident match” stands over {100 * limits['right_warned']:.1f}\N{NO-BREAK SPACE}% of right "
        f"first matches, and over {100 * limits['absent_warned']:.0f}\N{NO-BREAK SPACE}% of searches for a kind that "
        "is not in the gallery."
    )


def _first(figures: dict[str, float]) -> float:
    return figures.get(_WORDS["P@1"], 0.0)
