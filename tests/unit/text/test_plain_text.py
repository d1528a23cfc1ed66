"""The check that HTML shows the words of a text."""

import pytest

from commentsite.letters.text.paragraphs import parse_blocks
from commentsite.text.plain_text import has_same_words

LETTER = """Dear council,

We read the *third* draft[^1] & `article 3`[^note], see <https://example.org/a_b>.

11 bis. A paragraph with a number of its own.

1. one
5. five

| a | b |
|---|--:|
| 1[^1] | 2 |

[^1]: A note.

[^note]: Another note with 2 numbers.
"""


def test_the_html_of_every_block_shows_its_words():
    for block in parse_blocks(LETTER):
        assert has_same_words(block.html, block.text), block


@pytest.mark.parametrize(
    ("html", "text", "is_same"),
    [
        ('<p><img src="x" alt="A chart of 70"> seen</p>', "A chart of 70 seen", True),
        ("<p>seen</p>", "unseen", False),
        ('<p>3<sup><a href="#fn1" id="fnref1">[1]</a></sup></p>', "3", True),
        ("<p>3<sup>1</sup></p>", "3", False),
    ],
)
def test_words_are_compared_as_readers_see_them(html, text, is_same):
    assert has_same_words(html, text) is is_same
