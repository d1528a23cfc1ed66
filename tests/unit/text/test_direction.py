"""The direction of a short text follows its first letter."""

import pytest

from commentsite.text.scripts import find_direction


@pytest.mark.parametrize(
    ("text", "direction"),
    [("11 bis", "ltr"), ("(ب)", "rtl"), ("[3]", "ltr"), ("١٣", "ltr"), ("א)", "rtl"), ("", "ltr")],
)
def test_the_first_letter_gives_the_direction(text, direction):
    assert find_direction(text) == direction
