"""Words beside the query: a field for one, what the picture is called, and what a word stands for."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from imgsearch.gallery.gallery import Gallery, GalleryError
from imgsearch.page.components.word import typed, word_field
from imgsearch.page.server import work_queue
from imgsearch.page.session import galleries, queries, searching, words
from imgsearch.page.session.redraw import redraw, redraw_query
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.presentation.safe_text import for_markdown
from imgsearch.search.gallery_words import check, has_nouns
from imgsearch.search.lookup import MAX_CHARS
from imgsearch.search.naming import Named, groups, name, sayable_words
from imgsearch.search.vocabulary import KEY, Vocabulary, WordsError

_FIELD, _TOGETHER = "word-field", "word-together"
_SOME = 6
_STORED = "names"


@st.fragment(key="word")
def field(gallery: Callable[[], Gallery | None]) -> None:
    """A field for a word, and under it what is wrong with the last one, with the nearest known."""
    here, now = gallery(), visitor().query
    if here is None:
        return
    visitor().word_drawn = None if now is None else (now.word, now.towards, visitor().unknown)
    try:
        check(here)
    except WordsError as error:
        st.caption(f":material/match_word: {for_markdown(str(error), longest=300)}")
        return
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        word_field(
            "" if now is None else now.word or now.towards,
            label="Or type a word",
            placeholder="Or a word: dog…" if has_nouns(here) else "Or a word: shoe…",
            names=_suggestions(words.vocabulary(here)) if visitor().suggests else "",
            longest=MAX_CHARS,
            key=_FIELD,
            on_looked=_looked,
            on_typed=lambda: _take(typed(_FIELD), together=bool(st.session_state.get(_TOGETHER))),
        )
        if now is not None and not now.word:
            if now.towards:
                # A link may have brought both.
                st.session_state[_TOGETHER] = True
            st.toggle(
                "with the picture",
                key=_TOGETHER,
                help="Finds what is like the picture and like the word.",
                on_change=_toggled,
            )
    _say_unknown()


@st.fragment(key="names")
def names(gallery: Callable[[], Gallery | None]) -> None:
    """What the picture that is searched for is called, where that is sure; each word is a button."""
    here, now = gallery(), visitor().query
    if here is None or now is None or now.word or not has_nouns(here):
        return
    if now.towards:
        _show_together(now)
    try:
        named = _names(here, now)
    except GalleryError:
        # The results say what is wrong.
        return
    if not any(each.sure for each in named):
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="looks-like"):
        for number, each in enumerate(named):
            st.caption(_before(number), width="content")
            st.button(
                for_markdown(each.word.title),
                key=f"called-{number}",
                type="tertiary",
                help=f"Search for {for_markdown(each.word.title)}. The network is {each.share:.0%} sure.",
                on_click=_take,
                args=(each.word.title,),
            )


def show_groups(gallery: Gallery) -> None:
    """A first look at many pictures: how many of them are what; each word is a button."""
    if not has_nouns(gallery):
        return
    try:
        known, vectors = words.vocabulary(gallery), gallery.vectors(KEY)
    except GalleryError:
        # The field for a word says what is wrong.
        return
    found = galleries.remembered(gallery, "groups", lambda: work_queue.run(lambda: groups(known, vectors)))
    words_by_label = {f"{len(group.pictures):,} × {group.word.title}": group.word.title for group in found}
    _choices("Among them", words_by_label, "group")


def show_word(gallery: Gallery, now: Query) -> None:
    """A query that is a word: what it stands for, and what else it can mean."""
    found = words.look_up_in(gallery, now.word)
    known = words.vocabulary(gallery)
    st.markdown(f"**Your word** · {for_markdown(now.word)}")
    if now.note:
        st.markdown(f":material/info: {for_markdown(now.note, longest=300)}")
    st.caption(meaning([known.class_words[index].title for index in found.word.classes], now.word))
    _choices("Also", {word: word for word in found.others}, "also")


def meaning(titles: Sequence[str], word: str) -> str:
    """Which of the network's classes a word stands for, in a sentence for Markdown."""
    some = ", ".join(for_markdown(title) for title in titles[:_SOME])
    if len(titles) == 1:
        return "The network learnt this word." if titles[0] == word else f"The network learnt it as {some}."
    rest = f" and {len(titles) - _SOME} more" if len(titles) > _SOME else ""
    return f"The network learnt {len(titles)} kinds of it: {some}{rest}. The nearest of them counts."


def _show_together(now: Query) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.markdown(f"**More like the word** · {for_markdown(now.towards)}", width="content")
        st.button("Without", key="without-word", icon=":material/close:", type="tertiary", on_click=_without)
    if now.note:
        st.caption(f":material/info: {for_markdown(now.note, longest=300)}")


def _say_unknown() -> None:
    unknown = visitor().unknown
    if unknown is not None:
        sentence, near = unknown
        st.markdown(f":orange[:material/search_off:] {for_markdown(sentence, longest=300)}")
        _choices("Search for", {word: word for word in near}, "search-for")


def _choices(before: str, words_by_label: Mapping[str, str], key: str) -> None:
    """Words to search for, each a button; nothing where there are none."""
    if not words_by_label:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key=f"{key}s"):
        st.caption(before, width="content")
        for number, (label, word) in enumerate(words_by_label.items()):
            st.button(for_markdown(label), key=f"{key}-{number}", type="tertiary", on_click=_take, args=(word,))


def _names(gallery: Gallery, now: Query) -> list[Named]:
    known = words.vocabulary(gallery)
    # A search by the network has described the picture already.
    vector = searching.described(gallery, KEY, now).vector
    return searching.worked_out(gallery, (_STORED, now.digest, now.box), lambda: name(known, vector))


def _before(number: int) -> str:
    if number == 0:
        return "Looks like"
    return "perhaps" if number == 1 else "or"


def _suggestions(vocabulary: Vocabulary) -> str:
    """Names that people say, the widest words first."""
    return "\n".join(word.title for word in reversed(sayable_words(vocabulary)))


def _looked() -> None:
    visitor().suggests = True
    redraw("word")


def _take(text: str, together: bool = False) -> None:
    # The gallery is looked up now: Streamlit keeps callbacks, and all that they hold, until the session is over.
    gallery = galleries.usable()
    if gallery is None:
        return
    queries.take_word(gallery, text, together=together)
    if visitor().unknown is None:
        redraw_query()
    else:
        redraw("word")


def _toggled() -> None:
    now = visitor().query
    if not st.session_state[_TOGETHER] and now is not None and now.towards:
        _without()


def _without() -> None:
    st.session_state[_TOGETHER] = False
    queries.leave_word()
    redraw_query()
