"""The direction of a short text follows its letters."""

import pytest

from commentsite.text.direction import estimate_direction


@pytest.mark.parametrize(
    ("text", "direction"),
    [("11 bis", "ltr"), ("(ب)", "rtl"), ("[3]", "ltr"), ("١٣", "ltr"), ("א)", "rtl"), ("", "ltr")],
)
def test_the_first_letter_gives_the_direction(text, direction):
    assert estimate_direction(text) == direction
