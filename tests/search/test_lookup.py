"""Whatever is typed is a known word, or a sentence that helps."""

import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.search.gallery_words import vocabulary_of
from imgsearch.search.lookup import MAX_CHARS, UnknownWordError, clean, look_up
from tests.search.vocabularies import vocabulary


@pytest.fixture(scope="module")
def words():
    return vocabulary_of(open_gallery(ASSETS / "galleries" / "photos"))


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("dog", "dog"),
        ("  DOG\t", "dog"),
        ("dogs", "dog"),
        ("canis familiaris", "dog"),
        ("butterflies", "butterfly"),
        ("wolves", "wolf"),
        ("geese", "goose"),
        ("buses", "bus"),
        ("cow", "ox"),
        ("musical_instrument", "musical instrument"),
        ("Musical-Instruments", "musical instrument"),
        ("tee shirt", "jersey"),
        ("jack-o’-lantern", "jack-o'-lantern"),
        ("\x00\u202edog\u200b", "dog"),
        ("ｄｏｇ", "dog"),
        ("“dog”?", "dog"),
        ("horse", "horse"),
        ("polar bear", "polar bear"),
    ],
)
def test_a_known_word_is_found_however_it_is_typed(words, typed, title):
    found = look_up(words, typed)
    assert (found.word.title, found.note) == (title, "")


@pytest.mark.parametrize(
    ("typed", "name", "others"),
    [
        ("red car", "car", ()),
        ("a picture of a dog", "dog", ("picture",)),
        ("dog house", "house", ("dog",)),
        ("cats and dogs", "dog", ("cat",)),
        ("loud musical instruments", "musical instrument", ()),
        ("<b>dog</b> bird", "bird", ()),
    ],
)
def test_of_several_words_the_known_one_is_used_and_said(words, typed, name, others):
    found = look_up(words, typed)
    assert found.name == name
    assert found.note == f"The network has not learnt “{typed.lower()}”: this is what it finds for “{name}”."
    assert set(found.others) <= set(others)


@pytest.mark.parametrize(
    ("typed", "sentence", "suggestions"),
    [
        (
            "kingfisher",
            r"has not learnt “kingfisher”\. The nearest .* “coraciiform bird”, such as .*, or “bird”",
            2,
        ),
        ("kingfishers", r"The nearest that it knows is “coraciiform bird”", 1),
        ("deer", r"The nearest that it knows is “ruminant”, such as ox or", 1),
        ("gitar", r"does not know “gitar”\. Did you mean “guitar”", 1),
        ("umbrela", r"Did you mean “umbrella”\?", 1),
        ("teddybear", r"Did you mean “teddy bear”\?", 1),
        ("", r"^Type what you are looking for", 0),
        (" \t\n\x00", r"^Type what you are looking for", 0),
        ("…!?", r"does not know “…”|Type what", 0),
        ("dog" * 40, rf"too long: a word has at most {MAX_CHARS} characters", 0),
        ("dog" * 1_000_000, r"too long", 0),
        ("собака", r"does not know “собака”\. It knows 1,396 English nouns", 0),
        ("犬", r"It knows 1,396 English nouns", 0),
        ("<script>alert(1)</script>", r"does not know “<script>", 0),
        ("happiness", r"does not know “happiness”", 0),
        ("qwrtzpsdfg", r"It knows 1,396 English nouns", 0),
    ],
)
def test_an_unknown_word_gets_a_sentence_with_the_nearest_ones(words, typed, sentence, suggestions):
    with pytest.raises(UnknownWordError, match=sentence) as error:
        look_up(words, typed)
    assert len(error.value.suggestions) >= suggestions
    for name in error.value.suggestions:
        assert look_up(words, name).note == ""


def test_a_name_with_two_meanings_means_the_first_and_tells_of_the_other():
    found = look_up(vocabulary(), "boat")
    assert (found.word.title, found.others) == ("boat", ("tabby",))


def test_every_title_and_every_suggestion_finds_its_word(words):
    for word in words.words:
        assert look_up(words, word.title).word is word


def test_what_cannot_be_seen_parts_words():
    assert clean("  Dog\u202e\x00house \n") == "dog house"
    assert clean("ﬁsh_tank") == "fish tank"
