"""Text that strangers wrote (file names, labels, authors), made safe to show."""

import html
import re
import unicodedata

MAX_NAME_CHARS = 120  # characters of a name that are shown; the middle of a longer one is left out
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # all that Markdown lets one escape with a backslash
# Emoji codes, :material/icons:, :red[colours], links, addresses and arrows are looked for after the backslashes are
# gone, so these get a companion of no width (U+2060, word joiner).
_LATER = re.compile(r"([:@]|www(?=\.)|[-<>~](?=[-=>]))", re.IGNORECASE)
_JOINER = "\N{WORD JOINER}"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def plain(text: object, *, longest: int = MAX_NAME_CHARS) -> str:
    """One line of printable text, at most `longest` characters, at most four accents on a letter.

    Control characters, marks that turn the direction of writing, and other invisible characters are shown as
    their code in angle quotes (‹U+202E›), so that ``cod\\u202egpj.exe`` cannot pass for ``codexe.jpg``.
    """
    shown: list[str] = []
    accents = 0
    before = ""
    whole = str(text)
    if len(whole) > 20 * longest:  # names of megabytes are not worth looking through
        whole = whole[: 10 * longest] + whole[-10 * longest :]
    for character in whole:
        category = unicodedata.category(character)
        accents = accents + 1 if category in ("Mn", "Me") else 0
        if category == "Cs":
            shown.append("\N{REPLACEMENT CHARACTER}")
        elif category[0] == "Z" or character in "\t\r\n":
            shown.append(" ")
        elif character in "\u200c\u200d" and before in ("Lo", "Mn", "Mc", "So", "Sk"):
            shown.append(character)  # Persian, Hindi and the emoji of families are written with these
        elif category[0] == "C" or character in "\u115f\u1160\u3164\uffa0\u034f\u2800":
            shown.append(f"‹U+{ord(character):04X}›")
        elif accents <= 4:
            shown.append(character)
        before = category
    line = " ".join("".join(shown).split())
    if len(line) <= longest:
        return line
    tail = (longest - 1) // 3
    return f"{line[: longest - 1 - tail]}…{line[len(line) - tail :]}"


def for_markdown(text: object, *, longest: int = MAX_NAME_CHARS) -> str:
    """`plain` text for where Streamlit reads Markdown: it comes out as it is, and does nothing."""
    return _PUNCTUATION.sub(r"\\\1", _LATER.sub(rf"\1{_JOINER}", plain(text, longest=longest)))


def for_chart(text: object) -> str:
    """`plain` text for Plotly, which reads some HTML, ``%{templates}`` and ``$LaTeX$``, but no entities of quotes."""
    escaped = html.escape(plain(text), quote=False)
    return escaped.replace("$", "&#36;").replace("{", "&#123;")


def for_csv(value: object) -> object:
    """A number as it is, or one line of text that a spreadsheet does not run as a formula (OWASP, *CSV Injection*)."""
    if isinstance(value, (int, float)) or value is None:
        return value
    line = plain(value, longest=1_000)
    return f"'{line}" if line.lstrip().startswith(_FORMULA) else line


def for_file(text: object, *, default: str = "picture") -> str:
    """A name for a file that a visitor saves: letters, digits, dots, dashes and underscores, no path."""
    line = plain(text).replace("\\", "/").rsplit("/", 1)[-1]
    kept = re.sub(r"[^\w.\-]+", "-", line).strip(".-")
    return kept[:80] or default
