"""The words of the gallery at hand, for this visitor's page."""

from imgsearch.gallery.gallery import Gallery
from imgsearch.page.session import galleries
from imgsearch.page.session.visitor import Query
from imgsearch.presentation.word_tile import word_tile
from imgsearch.search.gallery_words import vocabulary_of
from imgsearch.search.lookup import Found, look_up
from imgsearch.search.vocabulary import Vocabulary


def vocabulary(gallery: Gallery) -> Vocabulary:
    """The words that a gallery can be searched by; WordsError says why there are none."""
    return galleries.remembered(gallery, "words", lambda: vocabulary_of(gallery))


def look_up_in(gallery: Gallery, text: str) -> Found:
    """The word that a text means; UnknownWordError or WordsError says why there is none."""
    return look_up(vocabulary(gallery), text)


def word_query(found: Found) -> Query:
    """The query for a word."""
    return Query(word_tile(found.name), found.name, f"word:{found.name}", word=found.name, note=found.note)
