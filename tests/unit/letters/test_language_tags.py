"""Codes of languages."""

import pytest

from commentsite.errors import Invalid
from commentsite.letters.language_tags import (
    normalise_language,
    normalise_public_language,
    parse_language,
)


@pytest.mark.parametrize(
    ("tag", "normal"),
    [("en", "en"), ("EN-gb", "en-GB"), ("zh-hant", "zh-Hant"), (" fr ", "fr"), ("sr-Latn-RS", "sr-Latn-RS"),
     ("english", ""), ("x", ""), ("xx", ""), ("en-aaaaaaaa-bbbbbbbb", ""), ("e", ""), ("en--", ""),
     ("é", ""), ("en us", ""), ("ar\n", "ar")],
)  # fmt: skip
def test_only_valid_codes_are_languages(tag, normal):
    assert normalise_language(tag) == normal
    if normal:
        assert parse_language(tag) == normal
    else:
        with pytest.raises(Invalid):
            parse_language(tag)


@pytest.mark.parametrize(
    ("tag", "normal"),
    [("zh-hant-tw", "zh-Hant-TW"), ("de-1996", "de-1996"), ("mul", "mul"), ("", ""),
     ("x-buy-now", ""), ("en-x-buy-now", ""), ("qaa", ""), ("en-u-co-phonebk", ""), ("und", ""), ("und-Latn", "")],
)  # fmt: skip
def test_a_commenter_states_a_language_and_no_words_of_their_own(tag, normal):
    assert normalise_public_language(tag) == normal
