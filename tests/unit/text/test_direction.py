"""The direction of a short text follows its letters."""

import pytest

from commentsite.text.direction import estimate_direction, is_right_to_left


@pytest.mark.parametrize(
    ("text", "direction"),
    [("11 bis", "ltr"), ("(ب)", "rtl"), ("[3]", "ltr"), ("١٣", "ltr"), ("א)", "rtl"), ("", "ltr")],
)
def test_the_first_letter_gives_the_direction(text, direction):
    assert estimate_direction(text) == direction


@pytest.mark.parametrize(
    ("language", "expected"),
    [("ar", True), ("AR-eg", True), ("sd", True), ("ug", True), ("az-Arab", True), ("ar-Latn", False),
     ("az", False), ("zh-Hant", False), ("he-IL", True), ("", False)],
)  # fmt: skip
def test_a_language_runs_as_its_script_does(language, expected):
    assert is_right_to_left(language) is expected
