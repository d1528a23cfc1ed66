"""Every word of a letter's Markdown is in its blocks, whatever marks stand around it."""

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from commentsite.letters.text.paragraphs import parse_blocks

MARKS = st.sampled_from(
    [
        *[
            "> ",
            "- ",
            "* ",
            "1. ",
            "5. ",
            "7) ",
            "(b) ",
            "iv. ",
            "11 bis. ",
            "  ",
            "    ",
            "\n",
            "\n\n",
        ],
        *[
            "* * * * ",
            "---\n",
            "***\n",
            "===\n",
            "*",
            "**",
            "_",
            "`",
            "``` ",
            "~~~ ",
            "~~",
            "\\",
            "\\\n",
        ],
        *[
            "# ",
            "## ",
            "[",
            "]",
            "(",
            ")",
            "[^1]",
            "[^1]: ",
            "[^2]: ",
            "^[",
            "[x]: ",
            "[x]",
            "![",
            "<b>",
        ],
        *[
            "<!-- ",
            " -->",
            "|",
            "| ",
            "|---|---|\n",
            "|:-|\n",
            "{lang=ar}",
            "{no=3}",
            "::: signoff\n",
            ":::\n",
        ],
    ]
)
WORDS = [f"{'abcdefgh'[n % 8]}word{n}" for n in range(40)]
WORD = re.compile(r"[a-h]word\d+")


@st.composite
def texts(draw):
    parts = []
    for word in WORDS[: draw(st.integers(1, len(WORDS)))]:
        parts += draw(st.lists(MARKS, max_size=4))
        parts += [word, draw(st.sampled_from([" ", " ", "\n", "\n\n"]))]
    return "".join(parts)


@settings(max_examples=1500)
@given(texts())
def test_no_word_is_lost_or_doubled(source):
    blocks = parse_blocks(source)
    # The label of a footnote and the address of a link are markup, not words of the text.
    markup = re.sub(r"\[\^[^\]\s]+\]|\]\([^)]*\)|\[[^\]]*\]:\s*\S+", " ", source)
    shown = Counter(WORD.findall(" ".join(block.text for block in blocks)))
    missing = Counter(WORD.findall(markup)) - shown
    assert not missing
    assert max(shown.values(), default=1) == 1
    html = Counter(WORD.findall(re.sub(r"<[^>]+>", " ", "".join(block.html for block in blocks))))
    assert html == shown
