"""How it works, in fewer than 150 words, with the visitor's own query as the example."""

import streamlit as st

from imgsearch.gallery.gallery import Gallery
from imgsearch.methods.method import Method
from imgsearch.page.session import marks, searching, thumbnails
from imgsearch.page.session.visitor import Query
from imgsearch.page.views import ranked, sidebar
from imgsearch.presentation.kind_names import kind_name
from imgsearch.presentation.safe_text import for_markdown

_WIDTH = 96
_WORDS = """\
The network was trained to tell a thousand things apart. For each it learnt an arrow: the direction in which pictures of
that thing lie. Your word stands for one or more of these arrows, and a picture is as near to the word as the cosine of
the angle between its own arrow and the nearest of them. The pictures have no captions; none was looked at for this.
What is a kind of what comes from WordNet, a dictionary in the form of a tree, so “animal” finds everything below it."""
_SAME = """\
**Found it** is neither. It looks for corners and blobs in the query, and for small areas as a network sees them, and
for the same ones in the gallery. When many of them lie as if a camera saw one picture from another side, it is the very
same thing, even turned, slanted or half hidden."""


def show(gallery: Gallery, now: Query) -> None:
    """One column a family of methods: what it makes of the query, what it finds, and its idea."""
    if now.word:
        st.markdown(_WORDS)
        return
    picture = searching.prepared(gallery, now)
    label = for_markdown(kind_name(now.label).lower())
    methods = [members[0] for members in sidebar.families(gallery).values()]
    for column, method in zip(st.columns(len(methods), gap="medium"), methods, strict=True):
        with column:
            st.markdown(f"**{method.title}: {method.caption[:1].lower()}{method.caption[1:]}**")
            _show_example(gallery, now, method)
            st.markdown(method.idea(picture, label))
    if gallery.features is not None:
        st.markdown(_SAME)


def _show_example(gallery: Gallery, now: Query, method: Method) -> None:
    preview = method.preview(searching.prepared(gallery, now))
    best = marks.selected(ranked.by_method(gallery, method.key, now).matches)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.image(thumbnails.square(preview.picture), width=_WIDTH, alt=f"The query as the {method.title} sees it")
        if best is not None:
            st.markdown(":material/compare_arrows:")
            other = method.preview(gallery.picture(best.index)).picture
            st.image(thumbnails.square(other), width=_WIDTH, alt=f"Match {best.rank} in the same way")
