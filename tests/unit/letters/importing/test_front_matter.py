"""Reading the front matter of Markdown files, those of other programs too."""

from contextlib import suppress
from datetime import date

import pytest

from commentsite.errors import Invalid
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.remarks import RemarkKind

JEKYLL = """---
layout: post
Title: On the minutes
date: 2026-11-03 10:12:00 +0100
draft: true
author:
  name: Ana Example
  email: ana@example.org
tags: [Record, "open meetings"]
lang: fr
subtitle: A reply
---
Madame, Monsieur,

Nous remercions le groupe.
"""
HUGO = """+++
title = "On the minutes"
date = 2026-11-03T10:12:00+01:00
draft = true
authors = ["Ana Example"]
tags = ["record", "open meetings"]
language = "fr"
subtitle = "A reply"
[menu]
main = "x"
+++
Madame, Monsieur,

Nous remercions le groupe.
"""


@pytest.mark.parametrize("text", [JEKYLL, HUGO, JEKYLL.replace("\n", "\r\n"), "\ufeff" + JEKYLL])
def test_front_matter_of_other_programs_is_taken_over(text):
    draft = read_letter_file("a.md", text.encode())
    assert draft.title == "On the minutes"
    assert draft.date_written == date(2026, 11, 3)
    assert [author.name for author in draft.authors] == ["Ana Example"]
    assert draft.topics == ("record", "open meetings")
    assert draft.language == "fr"
    assert draft.standfirst == "A reply"
    assert draft.source_text.startswith("Madame, Monsieur,\n")


def test_unknown_fields_are_named_and_never_public():
    draft = read_letter_file("a.md", JEKYLL.encode())
    [remark] = [item for item in draft.remarks if item.kind == RemarkKind.UNKNOWN_FIELDS]
    assert remark.count == 3
    for words in ("layout: post", "draft: true", "ana@example.org"):
        assert words in remark.words
    assert "ana@example.org" not in repr(draft.authors)


@pytest.mark.parametrize(
    ("front", "remark"),
    [
        ("date: soon", "date: soon"),
        ("date: 2026-11-03\ndate_written: 2026-11-01", "date: 2026-11-03"),
        ("categories: a\ntags: [b]", "tags"),
        ("license: [a, b]", "license"),
        ("nonsense: {a: 1}", "nonsense"),
    ],
)
def test_a_field_that_does_not_fit_is_named(front, remark):
    draft = read_letter_file("a.md", f"---\ntitle: T\n{front}\n---\nWords.\n".encode())
    assert remark in draft.remarks[0].words


@pytest.mark.parametrize(
    "front",
    [
        "title: T\nlanguage: english",
        "title: T\nlanguage: en-aaaaaaaa-bbbbbbbb",
        "title: T\nlang: xx",
        "title: T\ndate_written: soon",
        "title: T\nauthors: [{email: a}]",
        ": [",
        "- a list",
        "title: " + "x" * 70_000,
        "title: {a: b}",
    ],
)
def test_front_matter_that_cannot_be_right_is_refused(front):
    with pytest.raises(Invalid):
        read_letter_file("a.md", f"---\n{front}\n---\nWords.\n".encode())


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# A title\n\nWords.", "A title"),
        ("A title\n=======\n\nWords.", "A title"),
        ("\n\n# A *title* #\nWords.", "A title"),
        ("---\n---\n# A title\n\nWords.", "A title"),
    ],
)
def test_the_first_heading_of_a_markdown_file_is_its_title(text, title):
    draft = read_letter_file("a.md", text.encode())
    assert (draft.title, draft.source_text) == (title, "Words.\n")


def test_a_later_heading_is_no_title():
    with pytest.raises(Invalid, match="no title"):
        read_letter_file("a.md", b"Dear Chair,\n\n# Background\n\nWords.\n")
    draft = read_letter_file("a.md", b"Dear Chair,\n\n# Background\n\nWords.\n", "Title")
    assert "# Background" in draft.source_text


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_markdown_is_read_in_its_encoding(encoding):
    assert read_letter_file("a.md", "# Café\n\nWords.\n".encode(encoding)).title == "Café"


def read_fields(fields: str, mark: str = "---"):
    return read_letter_file(
        "a.md", f"{mark}\n{fields}\n{mark}\nWe write about the mill.\n".encode()
    )


@pytest.mark.parametrize(
    "title",
    ["7:45", "1_000", "010", "No", "yes", "on", "1e3", "0x1F", "2026-02-30", "1.50", "Null"],
)
def test_a_title_is_read_as_it_is_typed(title):
    assert read_fields(f"title: {title}").title == title


@pytest.mark.parametrize(
    "value",
    ["!!bool maybe", "!!timestamp x", "!!int ''", "!!float x", "!!binary x", "!!set x", "!x y"],
)
def test_a_stated_type_of_a_value_does_not_matter(value):
    assert read_fields(f"title: A\nmood: {value}").title == "A"


def test_norwegian_is_a_language():
    assert read_fields("title: A\nlanguage: no").language


@pytest.mark.parametrize("value", ["", "~", "null"])
def test_an_empty_value_is_as_good_as_none(value):
    draft = read_fields(f"title: A\ndate_written: {value}\noccasion: {value}")
    assert draft.date_written is None
    assert draft.occasion == ""


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-03",
        "2026-11-3",
        '"2026-11-03"',
        "2026-11-03 10:12:00 +0100",
        "2026-11-03T23:59:59Z",
        "2026-11-03t10:12:00.5-05:00",
        "2026-11-03 10:12",
    ],
)
def test_dates_are_read_with_and_without_a_time(value):
    assert read_fields(f"title: A\ndate_written: {value}").date_written == date(2026, 11, 3)


@pytest.mark.parametrize(
    "fields",
    [
        f"x = 0x{'f' * 5000}",
        f"permission = {{ for = [0x{'f' * 5000}] }}",
        "x = nan",
        "x = 07:45:00",
        "date_written = 07:45:00",
        "language = false",
        "authors = 5",
        "permission = true",
        "topics = [[1], {a = 2}]",
    ],
)
def test_any_value_of_toml_gives_a_letter_or_a_refusal(fields):
    with suppress(Invalid):
        assert read_fields(f'title = "A"\n{fields}', "+++").title == "A"


def test_numbers_and_switches_of_toml_stay():
    assert read_fields("title = 0", "+++").title == "0"
    assert read_fields("title = false", "+++").title == "false"
