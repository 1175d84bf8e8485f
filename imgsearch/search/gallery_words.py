"""The words that a gallery can be searched by."""

from imgsearch.gallery.gallery import Gallery
from imgsearch.search.kinds import check_labels, vocabulary_of_kinds
from imgsearch.search.vocabulary import KEY, Vocabulary, WordsError
from imgsearch.search.word_file import photo_words


def vocabulary_of(gallery: Gallery) -> Vocabulary:
    """The words of the photo network, or the gallery's own kinds; WordsError if words can lie in no embedding."""
    check(gallery)
    if has_nouns(gallery):
        return photo_words(gallery.methods[KEY])
    return vocabulary_of_kinds(gallery)


def check(gallery: Gallery) -> None:
    """Nothing where a gallery can be searched by words; WordsError says why it cannot."""
    if KEY not in gallery.methods:
        raise WordsError(
            f"The gallery {gallery.title} has no vectors of the network, so it cannot be searched by a word: "
            "make it again with the Siamese network among its methods."
        )
    if not has_nouns(gallery):
        check_labels(gallery)


def has_nouns(gallery: Gallery) -> bool:
    """Whether the words of a gallery are the nouns that the photo network knows, by which a picture can be named."""
    return KEY in gallery.methods and gallery.methods[KEY].config().get("model") == "photos"
