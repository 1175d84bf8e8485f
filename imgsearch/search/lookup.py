"""What a person typed → a word that is known, or a sentence with the nearest ones."""

import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from imgsearch import ImgsearchError
from imgsearch.search.vocabulary import Vocabulary, Word

MAX_CHARS = 60  # longest text that is looked up; the longest name has 36 characters
_ALIKE = 0.74
# Endings of plurals, with what stands there in the singular; the longer ones first.
_PLURALS = (("ies", "y"), ("ves", "f"), ("ves", "fe"), ("es", ""), ("s", ""))


class UnknownWordError(ImgsearchError):
    """A text in which no word is known; `suggestions` are names that are, the nearest first."""

    def __init__(self, sentence: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.suggestions = suggestions


@dataclass(frozen=True)
class Found:
    """A word that is known."""

    word: Word
    name: str  # that the person gave it
    note: str = ""  # a sentence where it is not just what was typed
    others: tuple[str, ...] = ()  # titles of other meanings, or of other known words in the text


def look_up(vocabulary: Vocabulary, text: str) -> Found:
    """The word that a text, which may be anything, means; UnknownWordError when no word of it is known."""
    plain = clean(text)
    if not plain:
        raise UnknownWordError("Type what you are looking for, such as dog or boat.")
    if len(plain) > MAX_CHARS:
        raise UnknownWordError(f"That is too long: a word has at most {MAX_CHARS} characters, such as dog or boat.")
    name = _known(vocabulary, plain)
    if name is not None:
        first, *rest = vocabulary.meanings(name)
        return Found(first, name, others=tuple(word.title for word in rest))
    parts = _known_parts(vocabulary, plain)
    if parts:
        name, *others = parts
        note = f"The network has not learnt “{plain}”: this is what it finds for “{name}”."
        return Found(vocabulary.meanings(name)[0], name, note, tuple(others))
    raise _unknown(vocabulary, plain)


def clean(text: str) -> str:
    """A text in small letters, without what cannot be seen, with single spaces."""
    folded = unicodedata.normalize("NFKC", text[: 20 * MAX_CHARS]).replace("’", "'").replace("_", " ").lower()
    # Control characters, marks of direction and the like part words; they are not shown.
    seen = "".join(" " if unicodedata.category(letter).startswith("C") else letter for letter in folded)
    return " ".join(seen.split()).strip(' .,;:!?"“”„')


def _known(vocabulary: Vocabulary, name: str) -> str | None:
    """A name in its known form: as it is, in the singular or the plural, or with another hyphen."""
    forms = [name, name.replace("-", " "), name.replace(" ", "-"), name.replace(" ", "").replace("-", "")]
    for form in forms:
        if form in vocabulary.names:
            return form
    for form in forms[:2]:
        for ending, singular in _PLURALS:
            if form.endswith(ending) and form[: -len(ending)] + singular in vocabulary.names:
                return form[: -len(ending)] + singular
        if form + "s" in vocabulary.names:
            return form + "s"
    return None


def _known_parts(vocabulary: Vocabulary, text: str) -> list[str]:
    """Known names among the words of a text, the longest first, of equals the later one: a dog house is a house."""
    words = text.split()
    parts: list[str] = []
    for length in range(len(words) - 1, 0, -1):
        for start in range(len(words) - length, -1, -1):
            name = _known(vocabulary, " ".join(words[start : start + length]).strip("-'.,;:!?()<>\"/"))
            if name is not None and not any(f" {name} " in f" {part} " for part in parts):
                parts.append(name)
    return parts


def _unknown(vocabulary: Vocabulary, name: str) -> UnknownWordError:
    """Why nothing is known, with the nearest names: by meaning, else by spelling."""
    shown = f"“{name}”"
    for form in dict.fromkeys((name, *(name.removesuffix(end) + new for end, new in _PLURALS if name.endswith(end)))):
        near = vocabulary.hint(form)
        if near is not None:
            return _unlearnt(vocabulary, shown, near)
    as_long = [other for other in vocabulary.names if abs(len(other) - len(name)) <= 3]
    alike = get_close_matches(name, as_long, 3, _ALIKE)
    if alike:
        alike.sort(key=lambda other: (-round(SequenceMatcher(None, name, other).ratio(), 3), other))
        either = " or ".join(f"“{other}”" for other in alike)
        return UnknownWordError(f"The network does not know {shown}. Did you mean {either}?", tuple(alike))
    return UnknownWordError(
        f"The network does not know {shown}. It knows {len(vocabulary.words):,} English nouns for things that can be "
        "seen, such as dog, boat or musical instrument."
        if len(vocabulary.words) > 100
        else f"This gallery does not know {shown}. It knows {', '.join(word.title for word in vocabulary.words)}."
    )


def _unlearnt(vocabulary: Vocabulary, shown: str, near: str) -> UnknownWordError:
    """The sentence for a noun that is known to be one, with the nearest word, and one that people say above it."""
    word = vocabulary.meanings(near)[0]
    wider = None if word.sayable else vocabulary.sayable_above(word)
    known = f"“{near}”{_examples(vocabulary, near)}" + (f", or “{wider.title}”" if wider else "")
    return UnknownWordError(
        f"The network has not learnt {shown}. The nearest that it knows is {known}.",
        (near, wider.title) if wider else (near,),
    )


def _examples(vocabulary: Vocabulary, name: str) -> str:
    word = vocabulary.meanings(name)[0]
    some = [vocabulary.class_words[index].title for index in word.classes[:2]]
    return "" if name in some else f", such as {' or '.join(some)}"
