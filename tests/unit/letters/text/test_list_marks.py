"""The items of a list keep their numbers where the text of a block is compared."""

import pytest

from commentsite.letters.text.list_marks import add_list_marks


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>No list.</p>", ["As stored."]),
        (
            "<ol><li>One</li><li>Two <em>stressed</em> words</li></ol>",
            ["1. One", "2. Two stressed words"],
        ),
        ('<p>Before:</p><ol start="4"><li><p>Four</p></li></ol>', ["Before:", "4. Four"]),
        ('<ol><li value="7">Seven</li><li>Eight</li></ol>', ["7. Seven", "8. Eight"]),
        (
            "<ul><li>Outer<ol><li>Inner</li></ol></li><li>Last</li></ul><p>After.</p>",
            ["• Outer", "\u20031. Inner", "• Last", "After."],
        ),
    ],
)
def test_the_marks_of_a_list_stand_before_its_items(html, lines):
    assert add_list_marks(html, "As stored.").split("\n") == lines
