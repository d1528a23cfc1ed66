"""The words by which a search finds a published record of positions.

They are those that its editors wrote. Words that a record quotes are left out: a search finds them as
the comments that they are from, and only as long as these are public.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from commentsite.letters.text.paragraphs import parse_blocks
from commentsite.summaries.states import HolderKind

#: Members of a report that are Markdown, before and after its positions.
TEXTS_BEFORE = ("outcome_note", "overview")
TEXTS_AFTER = ("comments_summary", "analysis", "omissions_note", "limits")
#: The members of a stored report that `list_texts` reads.
MEMBERS = ("letters", *TEXTS_BEFORE, "questions", *TEXTS_AFTER, "alternatives")


def build_title(content: Mapping[str, Any]) -> str:
    """Return the titles of the letters of a stored report, each on a line."""
    return "\n".join(letter["title"] for letter in content["letters"])


def list_texts(content: Mapping[str, Any]) -> list[str]:
    """Return the other texts of a stored report as plain text, without those that are empty."""
    return [text for text in map(str.strip, _iterate_texts(content)) if text]


def _iterate_texts(content: Mapping[str, Any]) -> Iterator[str]:
    for name in TEXTS_BEFORE:
        yield _read_markdown(content[name])
    for question in content["questions"]:
        yield question["text"]
        for position in question["positions"]:
            yield position["title"]
            yield _read_markdown(position["body"])
            yield "\n".join(_list_organisations(position))
    for name in TEXTS_AFTER:
        yield _read_markdown(content[name])
    for wording in content["alternatives"]:
        yield wording["text"]


def _list_organisations(position: Mapping[str, Any]) -> list[str]:
    """Return the organisations among the holders that an editor named, and no comment."""
    return [
        holder["name"]
        for holder in position["holders"]
        if holder["kind"] == HolderKind.ORGANISATION and holder.get("comment_id") is None
    ]


def _read_markdown(source: str) -> str:
    return "\n".join(block.text for block in parse_blocks(source))
