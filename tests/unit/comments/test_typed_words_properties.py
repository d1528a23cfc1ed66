"""Every word that an author types is in the rendered comment, in the same order."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from commentsite.comments.sanitizer import render_comment_html, text_of_html

MARKS = st.sampled_from(
    [
        *[
            "> ",
            ">",
            "- ",
            "* ",
            "+ ",
            "1. ",
            "5. ",
            "7) ",
            "  ",
            "    ",
            "\n",
            "\n\n",
            "* * * * ",
            "---\n",
        ],
        *[
            "*",
            "**",
            "_",
            "`",
            "``` ",
            "~~~ ",
            "\\",
            "\\\\",
            "&#x202e;",
            "&amp;",
            "|",
            "# ",
            "[",
            "]",
            "(",
            ")",
        ],
        *["[^1]", "[^1]: ", "[x]: ", "![", "<b>", "<!-- ", " -->", "：", "。", "؟ ", "{", "}"],
    ]
)
WORDS = [f"{'abcdefgh'[n % 8]}word{n}" for n in range(40)]


@st.composite
def texts(draw):
    parts = []
    for word in WORDS[: draw(st.integers(1, len(WORDS)))]:
        parts += draw(st.lists(MARKS, max_size=4))
        parts += [word, draw(st.sampled_from([" ", " ", "\n", "\n\n"]))]
    return "".join(parts)


@settings(max_examples=1500)
@given(texts())
def test_every_typed_word_is_shown_in_order(source):
    pattern = re.compile(r"[a-h]word\d+")
    assert pattern.findall(text_of_html(render_comment_html(source))) == pattern.findall(source)


@settings(max_examples=300)
@given(texts())
def test_no_direction_mark_comes_back(source):
    assert "\u202e" not in render_comment_html(source)
