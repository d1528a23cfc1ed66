"""Addresses are read as people paste them, and refused with a sentence that says why."""

import pytest

from commentsite.text.email_addresses import InvalidEmail, UnsupportedLocalPart, normalize_email


@pytest.mark.parametrize(
    "text",
    [
        "\u200ename@example.org",
        "name@example.org\u200f",
        "na\u200bme@exam\u200bple.org",
        "\ufeffname@example.org ",
        "\u00a0name@example.org\u00a0",
        "name\u2060@example.org",
        "\u202aname@example.org\u202c",
        "name@example.org\u200d",
        "na\u00adme@example.org",
        "mailto:name@example.org",
        "<name@example.org>",
        "name＠example．org",
        "name@EXAMPLE.org\r\n",
    ],
)
def test_what_a_copy_adds_to_an_address_is_removed(text):
    assert normalize_email(text) == "name@example.org"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ana@müller.example", "ana@müller.example"),
        ("ana@xn--mller-kva.example", "ana@müller.example"),
        ("ana@bücher.example", "ana@bücher.example"),
        ("ana@例え.テスト", "ana@例え.テスト"),
        ("ana@مثال.إختبار", "ana@مثال.إختبار"),
        ("ana@\u200eпример.испытание", "ana@пример.испытание"),
    ],
)
def test_a_domain_in_another_script_has_one_spelling(text, expected):
    assert normalize_email(text) == expected


@pytest.mark.parametrize("text", ["zoë@example.org", "用户@example.org", "müller@bücher.example"])
def test_a_local_part_outside_ascii_is_named_as_the_reason(text):
    with pytest.raises(UnsupportedLocalPart) as refusal:
        normalize_email(text)
    assert "before the @" in refusal.value.message


@pytest.mark.parametrize(
    "text", ["", "name", "@example.org", "name@", "a b@example.org", "name@exa mple.org", "x" * 255]
)
def test_another_text_is_no_address(text):
    with pytest.raises(InvalidEmail) as refusal:
        normalize_email(text)
    assert "name@example.org" in refusal.value.message
