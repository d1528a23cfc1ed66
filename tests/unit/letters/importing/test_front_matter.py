"""Reading the front matter of Markdown files, those of other programs too."""

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
    for words in ("layout: post", "draft: True", "ana@example.org"):
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
