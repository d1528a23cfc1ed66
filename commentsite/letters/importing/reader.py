"""Read a letter from a file somebody sent: Markdown with front matter, plain text, HTML or Word."""

import re
import unicodedata
from dataclasses import replace
from typing import Any

from commentsite.errors import Invalid
from commentsite.letters.draft import LetterDraft
from commentsite.letters.importing.converters import (
    UnreadableFile,
    docx_to_markdown,
    html_to_markdown,
)
from commentsite.letters.importing.front_matter import (
    as_list,
    parse_author,
    parse_date,
    parse_front_matter,
    parse_line,
    parse_permission,
)
from commentsite.letters.text.paragraphs import escape_markdown
from commentsite.text.plain_text import clean_multiline, clean_single_line

MAX_FILE_BYTES = 2_000_000
MAX_DOCX_BYTES = 10_000_000  # a Word file brings pictures, which are left out
_PAGE_BOILERPLATE = re.compile(r"^leave a (comment|reply)$", re.IGNORECASE)
_SALUTATION = re.compile(
    r"^(dear|to |hello|chère?s?|mesdames|estimad|querid|sehr geehrte|liebe|prezad|caro|уважаем|дорогие|السادة|الزملاء|عزيز|尊敬|亲爱)",
    re.IGNORECASE,
)


def read_letter_file(filename: str, content: bytes) -> LetterDraft:
    """Return the letter in a file, by its ending: .md, .txt, .html or .docx.

    Raises Invalid with a sentence when it is too large, not what its name says, empty or malformed.
    """
    ending = filename.lower().rpartition(".")[2]
    limit = MAX_DOCX_BYTES if ending == "docx" else MAX_FILE_BYTES
    if len(content) > limit:
        msg = "%(name)s has %(size)d kB; a letter may have %(limit)d kB."
        raise Invalid(msg, name=filename, size=len(content) // 1000, limit=limit // 1000)
    if ending == "docx":
        draft = _from_docx(filename, content)
    elif ending in {"md", "markdown"}:
        draft = _from_markdown(filename, _decode(filename, content))
    elif ending in {"html", "htm"}:
        draft = _from_html(filename, _decode(filename, content))
    elif ending == "txt":
        draft = _from_plain_text(filename, _decode(filename, content))
    else:
        msg = "%(name)s is of a kind that cannot be read here. Use .md, .txt, .html or .docx."
        raise Invalid(msg, name=filename)
    return replace(
        draft,
        title=clean_single_line(draft.title),
        source_text=clean_multiline(draft.source_text),
        original=content,
        original_name=clean_single_line(filename)[-200:],
    )


def _decode(filename: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        msg = "%(name)s is not text in UTF-8."
        raise Invalid(msg, name=filename)
    text = clean_multiline(text)
    if not text.strip():
        msg = "%(name)s is empty."
        raise Invalid(msg, name=filename)
    return text


def _from_markdown(filename: str, text: str) -> LetterDraft:
    front: dict[str, Any] = {}
    match = re.match(r"---\n(.*?)\n---\n(.*)\Z", text, re.DOTALL)
    if match:
        front, text = parse_front_matter(filename, match[1]), match[2]
    title = parse_line(filename, "title", front.pop("title", ""))
    if not title and (heading := re.match(r"\s*#\s+(.+)\n", text)):
        title, text = heading[1].strip(), text[heading.end() :]
    if not title:
        msg = "%(name)s has no title. Write it in the front matter, or as a first line that begins with #."
        raise Invalid(msg, name=filename)
    authors = tuple(parse_author(filename, item) for item in as_list(front.pop("authors", None)))
    topics = tuple(
        parse_line(filename, "topics", item).lower()[:60]
        for item in as_list(front.pop("topics", None))
    )
    written = parse_date(filename, "date_written", front.pop("date_written", None))
    received = parse_date(filename, "date_received", front.pop("date_received", None))
    permission = parse_permission(filename, front.pop("permission", None))
    words: dict[str, Any] = {
        name: parse_line(filename, name, value) for name, value in front.items()
    }
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
    blocks = _strip_boilerplate(blocks, remarks)
    note = _take_note_before_salutation(blocks, remarks)
    if not blocks:
        msg = "%(name)s has a title and no text."
        raise Invalid(msg, name=filename)
    source_text = "\n\n".join(escape_markdown(block) for block in blocks) + "\n"
    return LetterDraft(
        title=title.strip(),
        source_text=source_text,
        editors_note=note,
        remarks=tuple(remarks),
    )


def _from_html(filename: str, text: str) -> LetterDraft:
    try:
        title, source_text = html_to_markdown(text)
    except UnreadableFile:
        msg = "%(name)s cannot be read as a page."
        raise Invalid(msg, name=filename) from None
    return _build_draft(filename, title, source_text, ())


def _from_docx(filename: str, content: bytes) -> LetterDraft:
    try:
        title, source_text, pictures = docx_to_markdown(content)
    except UnreadableFile:
        msg = "%(name)s is not a Word file that can be read here. Save it again as .docx, without macros, or send the text."
        raise Invalid(msg, name=filename) from None
    remarks = (f"Left out {pictures} pictures.",) if pictures else ()
    return _build_draft(filename, title, source_text, remarks)


def _build_draft(
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
    blocks = _strip_boilerplate([b for b in source_text.split("\n\n") if b.strip()], said)
    note = _take_note_before_salutation(blocks, said)
    if not blocks:
        msg = "%(name)s has a title and no text."
        raise Invalid(msg, name=filename)
    return LetterDraft(
        title=title[:300],
        source_text="\n\n".join(blocks) + "\n",
        editors_note=note,
        remarks=tuple(said),
    )


def _strip_boilerplate(blocks: list[str], remarks: list[str]) -> list[str]:
    """Leave out the form of the page a text was copied from: the letter did not say “Leave a comment”."""
    for index in range(max(0, len(blocks) - 4), len(blocks)):
        if _PAGE_BOILERPLATE.match(blocks[index].splitlines()[0].strip()):
            remarks.append(
                "Left out what belongs to the page it was copied from: “"
                + blocks[index].splitlines()[0]
                + "” and after."
            )
            return blocks[:index]
    return blocks


def _take_note_before_salutation(blocks: list[str], remarks: list[str]) -> str:
    """Take what stands before the salutation out of the letter: it speaks about it."""
    for index in range(1, min(4, len(blocks))):
        if _SALUTATION.match(blocks[index]) and len(blocks[index]) <= 80:
            note = "\n\n".join(blocks[:index])
            del blocks[:index]
            remarks.append("Took the paragraph before the salutation as the editor's note.")
            return note
    return ""
