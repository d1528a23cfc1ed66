"""The direction of a short text follows its letters, and so does the language of a Chinese, Japanese or Korean one."""

import pytest

from commentsite.text.direction import (
    estimate_direction,
    guess_east_asian_language,
    is_right_to_left,
)


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


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("这封信是关于公民隐私的。", "zh"),
        ("この手紙は市民のものです。", "ja"),
        ("이 편지는 시민의 것입니다.", "ko"),
        ("これはRFC 9162の話です。", "ja"),
        ("The word for privacy is 隐私 in Chinese, and it is an old one.", ""),
        ("Her name is written ひろみ or 박 in the record.", ""),
        ("1, 2, 3", ""),
    ],
)
def test_a_few_quoted_characters_do_not_name_the_language(text, language):
    assert guess_east_asian_language(text) == language
