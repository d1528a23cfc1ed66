"""Plain text becomes Markdown that shows the same characters again."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from commentsite.letters.text.paragraphs import escape_markdown, parse_blocks

PIECES = st.sampled_from(
    [
        *"*_`~#>+-=|\\[](){}<>!&;:.)^'\"@/ \n\t",
        "\n\n",
        "    ",
        "  \n",
        "&copy;",
        "&#35;",
        "&amp;copy;",
        "\\1.",
        "~~",
        "~~~\n",
        "```\n",
        "[^1]",
        "[^1]: ",
        "^[a]",
        "[x](y)",
        "[x]: y\n",
        "![x](y)",
        "<b>",
        "<https://a.example>",
        "<a@b.example>",
        "{lang=ar}",
        "{no=3}",
        "::: signoff\n",
        ":::\n",
        "https://a.example/a_b_c*d*",
        "https://user@a.example/?q=[1]",
        "http://bücher.example/ä",
        "www.a.example/_x_",
        "a@b.example",
        "mailto:a@b.example",
        "\n===\n",
        "\n---\n",
        "\n- - -\n",
        "\n|---|---|\n",
        "a | b",
        "1. ",
        "12) ",
        "(b) ",
        "(iv) ",
        "iv. ",
        "11 bis. ",
        "3a) ",
        "2.1. ",
        "१३. ",
        "1989. ",
        "# ",
        "- ",
        "+ ",
        "* ",
        "a",
        "Wort",
        "中文，",
        "عربي؟",
        "\u00a0",
        "9",
    ]
)
HOSTILE = st.lists(PIECES, max_size=25).map("".join)


def shown(source):
    return "\n\n".join(block.text for block in parse_blocks(source))


def significant(text):
    """Drop white space at the ends of lines and all but one of several empty lines."""
    lines = [line.strip() for line in text.split("\n")]
    return re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip("\n")


@settings(max_examples=1000)
@given(HOSTILE)
@example("https://a.example/x**")
@example("\\https://a.example/_x_ _y_")
@example("a\\")
@example("- - -\na\n===")
def test_plain_text_is_shown_as_it_was(text):
    source = escape_markdown(text)
    assert shown(source) == significant(text)
    assert not any(block.language for block in parse_blocks(source))


@settings(max_examples=300)
@given(HOSTILE)
def test_plain_text_gives_no_author_numbers(text):
    blocks = parse_blocks(escape_markdown(text))
    paragraphs = [block for block in blocks if block.number]
    assert [block.label for block in paragraphs] == [str(block.number) for block in paragraphs]


@pytest.mark.parametrize(
    "text",
    [
        "A plain sentence with a snake_case word, a {brace}, 5 > 3 and AT&T.",
        "See https://example.org/a_b_c?d=*e*&f=1 (and the rest).",
        "C:\\new\\table costs 3-4 euros + tax: fine!",
    ],
)
def test_ordinary_text_needs_no_backslashes(text):
    assert escape_markdown(text) == text
