"""Read a letter from a file somebody sent: Markdown with front matter, plain text, HTML or Word."""

import re
import unicodedata
from dataclasses import replace
from typing import Any

from commentsite.errors import Invalid
from commentsite.letters.convert import Unreadable, docx_to_markdown, html_to_markdown
from commentsite.letters.drafts import LetterDraft
from commentsite.letters.front_matter import (
    as_list,
    author_in,
    date_in,
    line_in,
    permission_in,
    read_front_matter,
)
from commentsite.letters.paragraphs import plain_to_markdown
from commentsite.plain import one_line, running

LARGEST_FILE = 2_000_000
LARGEST_PACKAGE = 10_000_000  # a Word file brings pictures, which are left out
_FURNITURE = re.compile(r"^leave a (comment|reply)$", re.IGNORECASE)
_GREETING = re.compile(
    r"^(dear|to |hello|chère?s?|mesdames|estimad|querid|sehr geehrte|liebe|prezad|caro|уважаем|дорогие|السادة|الزملاء|عزيز|尊敬|亲爱)",
    re.IGNORECASE,
)


def read_letter(filename: str, content: bytes) -> LetterDraft:
    """Return the letter in a file, by its ending: .md, .txt, .html or .docx.

    Raises Invalid with a sentence when it is too large, not what its name says, empty or malformed.
    """
    ending = filename.lower().rpartition(".")[2]
    limit = LARGEST_PACKAGE if ending == "docx" else LARGEST_FILE
    if len(content) > limit:
        msg = "%(name)s has %(size)d kB; a letter may have %(limit)d kB."
        raise Invalid(msg, name=filename, size=len(content) // 1000, limit=limit // 1000)
    if ending == "docx":
        draft = _from_docx(filename, content)
    elif ending in {"md", "markdown"}:
        draft = _from_markdown(filename, _decoded(filename, content))
    elif ending in {"html", "htm"}:
        draft = _from_html(filename, _decoded(filename, content))
    elif ending == "txt":
        draft = _from_plain_text(filename, _decoded(filename, content))
    else:
        msg = "%(name)s is of a kind that cannot be read here. Use .md, .txt, .html or .docx."
        raise Invalid(msg, name=filename)
    return replace(
        draft,
        title=one_line(draft.title),
        source_text=running(draft.source_text),
        original=content,
        original_name=one_line(filename)[-200:],
    )


def slug_for(title: str) -> str:
    """Return an address made of the title's Latin words, at most 80 characters; '' when it has none."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:80].strip("-")


def _decoded(filename: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        msg = "%(name)s is not text in UTF-8."
        raise Invalid(msg, name=filename)
    text = running(text)
    if not text.strip():
        msg = "%(name)s is empty."
        raise Invalid(msg, name=filename)
    return text


def _from_markdown(filename: str, text: str) -> LetterDraft:
    front: dict[str, Any] = {}
    match = re.match(r"---\n(.*?)\n---\n(.*)\Z", text, re.DOTALL)
    if match:
        front, text = read_front_matter(filename, match[1]), match[2]
    title = line_in(filename, "title", front.pop("title", ""))
    if not title and (heading := re.match(r"\s*#\s+(.+)\n", text)):
        title, text = heading[1].strip(), text[heading.end() :]
    if not title:
        msg = "%(name)s has no title. Write it in the front matter, or as a first line that begins with #."
        raise Invalid(msg, name=filename)
    authors = tuple(author_in(filename, item) for item in as_list(front.pop("authors", None)))
    topics = tuple(
        line_in(filename, "topics", item).lower()[:60]
        for item in as_list(front.pop("topics", None))
    )
    written = date_in(filename, "date_written", front.pop("date_written", None))
    received = date_in(filename, "date_received", front.pop("date_received", None))
    permission = permission_in(filename, front.pop("permission", None))
    words: dict[str, Any] = {name: line_in(filename, name, value) for name, value in front.items()}
    if not words.get("language"):
        words["language"] = "en"
    if not text.strip():
        msg = "%(name)s has a title and no text."
        raise Invalid(msg, name=filename)
    return LetterDraft(
        title=title,
        source_text=text.strip() + "\n",
        authors=authors,
        topics=topics,
        date_written=written,
        date_received=received,
        permission=permission,
        **words,
    )


def _from_plain_text(filename: str, text: str) -> LetterDraft:
    title, _, rest = text.strip().partition("\n")
    blocks = [block.strip() for block in re.split(r"\n\s*\n", rest) if block.strip()]
    remarks: list[str] = []
    blocks = _without_furniture(blocks, remarks)
    note = _note_before_greeting(blocks, remarks)
    if not blocks:
        msg = "%(name)s has a title and no text."
        raise Invalid(msg, name=filename)
    source_text = "\n\n".join(plain_to_markdown(block) for block in blocks) + "\n"
    return LetterDraft(
        title=title.strip(),
        source_text=source_text,
        editors_note=note,
        remarks=tuple(remarks),
    )


def _from_html(filename: str, text: str) -> LetterDraft:
    try:
        title, source_text = html_to_markdown(text)
    except Unreadable:
        msg = "%(name)s cannot be read as a page."
        raise Invalid(msg, name=filename) from None
    return _converted(filename, title, source_text, ())


def _from_docx(filename: str, content: bytes) -> LetterDraft:
    try:
        title, source_text, pictures = docx_to_markdown(content)
    except Unreadable:
        msg = "%(name)s is not a Word file that can be read here. Save it again as .docx, without macros, or send the text."
        raise Invalid(msg, name=filename) from None
    remarks = (f"Left out {pictures} pictures.",) if pictures else ()
    return _converted(filename, title, source_text, remarks)


def _converted(
    filename: str, title: str, source_text: str, remarks: tuple[str, ...]
) -> LetterDraft:
    """Return what a converter found; a first short line stands in for a missing title."""
    source_text = unicodedata.normalize("NFC", source_text)
    if not title:
        first, _, rest = source_text.strip().partition("\n\n")
        if first and len(first) <= 200 and "\n" not in first:
            title, source_text = first.strip("#*_ "), rest
    if not title:
        msg = "%(name)s has no title. Give its first line the style “Title” or “Heading 1”."
        raise Invalid(msg, name=filename)
    said = list(remarks)
    blocks = _without_furniture([b for b in source_text.split("\n\n") if b.strip()], said)
    note = _note_before_greeting(blocks, said)
    if not blocks:
        msg = "%(name)s has a title and no text."
        raise Invalid(msg, name=filename)
    return LetterDraft(
        title=title[:300],
        source_text="\n\n".join(blocks) + "\n",
        editors_note=note,
        remarks=tuple(said),
    )


def _without_furniture(blocks: list[str], remarks: list[str]) -> list[str]:
    """Leave out the form of the page a text was copied from: the letter did not say “Leave a comment”."""
    for index in range(max(0, len(blocks) - 4), len(blocks)):
        if _FURNITURE.match(blocks[index].splitlines()[0].strip()):
            remarks.append(
                "Left out what belongs to the page it was copied from: “"
                + blocks[index].splitlines()[0]
                + "” and after."
            )
            return blocks[:index]
    return blocks


def _note_before_greeting(blocks: list[str], remarks: list[str]) -> str:
    """Take what stands before the salutation out of the letter: it speaks about it."""
    for index in range(1, min(4, len(blocks))):
        if _GREETING.match(blocks[index]) and len(blocks[index]) <= 80:
            note = "\n\n".join(blocks[:index])
            del blocks[:index]
            remarks.append("Took the paragraph before the salutation as the editor's note.")
            return note
    return ""
