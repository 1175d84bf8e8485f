"""Text of strangers: shown as text, everywhere."""

import pytest

from imgsearch.presentation.safe_text import for_chart, for_csv, for_file, for_markdown, plain


def test_ordinary_names_stay_as_they_are():
    for name in (
        "cat.jpg",
        "Straße 12 (copy).png",
        "猫 & 犬.webp",
        "می\u200cخواهم.jpg",
        "👩\u200d🚀.png",
        "O'Neil.gif",
    ):
        assert plain(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("cod\u202egpj.exe", "cod‹U+202E›gpj.exe"),
        ("a\u200bb\ufeffc", "a‹U+200B›b‹U+FEFF›c"),
        ("bell\x07 null\x00 escape\x1b[31m", "bell‹U+0007› null‹U+0000› escape‹U+001B›[31m"),
        ("two\nlines\ttab\u2028more", "two lines tab more"),
        ("broken\udcff", "broken\N{REPLACEMENT CHARACTER}"),
        ("x" + "\u0301" * 50, "x" + "\u0301" * 4),
        ("ab\u200dc", "ab‹U+200D›c"),
    ],
)
def test_what_cannot_be_seen_is_made_visible(name, shown):
    assert plain(name) == shown


def test_long_names_keep_both_ends():
    shown = plain("a" * 500 + ".jpg", longest=20)
    assert len(shown) == 20
    assert shown.startswith("aaa")
    assert shown.endswith(".jpg")
    assert "…" in shown
    assert plain("a" * 10**7) == plain("a" * 10**4)


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "**bold**", "[a](http://b.c)", ":smile:", ":red[x]", "$x$", "`x`", "# x", "a\\"],
)
def test_markdown_has_every_mark_escaped(name):
    escaped = for_markdown(name)
    bare = escaped.replace("\\\\", "")
    for i, character in enumerate(bare):
        if character in "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~":
            assert bare[i - 1] == "\\"
    assert escaped.replace("\u2060", "").replace("\\\\", "\0").replace("\\", "").replace("\0", "\\") == name


@pytest.mark.parametrize(
    "name", ["http://evil.com", "www.evil.com", "me@evil.com", ":material/delete:", "a -> b", "a -- b"]
)
def test_what_is_looked_for_after_the_escapes_is_broken_up(name):
    unescaped = for_markdown(name).replace("\\", "")
    for token in ("://", "www.", "@evil", ":material", "->", "--"):
        assert token not in unescaped
    assert unescaped.replace("\u2060", "") == name


def test_charts_see_neither_tags_nor_templates_nor_formulas():
    shown = for_chart('<a href="javascript:x">%{y}</a> $x^2$ & "q"')
    assert shown == '&lt;a href="javascript:x"&gt;%&#123;y}&lt;/a&gt; &#36;x^2&#36; &amp; "q"'


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\t=1", "\r=1", "＝1+1", "=cmd|' /C calc'!A0"]
)
def test_spreadsheets_see_no_formula(name):
    assert str(for_csv(name)).startswith("'")


def test_numbers_and_ordinary_text_pass_to_spreadsheets():
    assert for_csv(-0.5) == -0.5
    assert for_csv(3) == 3
    assert for_csv(None) is None
    assert for_csv("cat.jpg") == "cat.jpg"


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a b/c:d*e?.zip", "c-d-e-.zip"),
        ("...", "picture"),
        ("", "picture"),
        (".hidden", "hidden"),
        ("Straße", "Straße"),
    ],
)
def test_a_name_to_save_under_is_no_path(name, saved):
    assert for_file(name) == saved
