"""Codes of languages."""

import pytest

from commentsite.errors import Invalid
from commentsite.letters.language_tags import normalise_language, parse_language


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
