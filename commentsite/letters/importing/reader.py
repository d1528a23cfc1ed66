"""Read a letter from an uploaded file: Markdown with front matter, plain text, HTML or Word.

Every format becomes Markdown and metadata in a LetterDraft:

- Markdown: the front matter becomes the metadata, and the rest is the text as it stands. Without
  a title in the front matter, the first heading is the title.
- Plain text: the first line is the title. The rest is escaped, so that it renders as typed.
- HTML: the first h1 is the title, or else the title element, or a short first line.
- Word: the paragraph in the style “Title” or “Heading 1” is the title, or else a short first line.

Plain text, HTML and Word files are often copied from a web page. Its comment form at the end is
dropped, and paragraphs before the salutation, which speak about the letter, become the editor's
note. The draft's remarks tell the editor about both.
"""

import re
import unicodedata
from dataclasses import replace
from typing import Any

from commentsite.errors import Invalid
from commentsite.letters.draft import LetterDraft
from commentsite.letters.importing.converters import (
    docx_to_markdown,
    html_to_markdown,
)
from commentsite.letters.importing.errors import UnreadableFile
from commentsite.letters.importing.front_matter import (
    as_list,
    parse_author,
    parse_date,
    parse_front_matter,
    parse_line,
    parse_permission,
)
from commentsite.letters.remarks import ImportRemark, RemarkKind
from commentsite.letters.text.paragraphs import escape_markdown
from commentsite.text.plain_text import clean_multiline, clean_single_line

MAX_FILE_BYTES = 2_000_000
MAX_DOCX_BYTES = 10_000_000  # larger, because pictures count before they are left out
_PAGE_BOILERPLATE = re.compile(r"^leave a (comment|reply)$", re.IGNORECASE)
_SALUTATION = re.compile(
    r"^(dear|to |hello|chère?s?|mesdames|estimad|querid|sehr geehrte|liebe|prezad|caro|уважаем|дорогие|السادة|الزملاء|عزيز|尊敬|亲爱)",
    re.IGNORECASE,
)


def read_letter_file(filename: str, content: bytes) -> LetterDraft:
    """Read a file by its extension: .md, .txt, .html or .docx.

    Raises Invalid on a file that is too large, empty, damaged, or of another type.
    """
    extension = filename.lower().rpartition(".")[2]
    limit = MAX_DOCX_BYTES if extension == "docx" else MAX_FILE_BYTES
    if len(content) > limit:
        msg = "%(name)s has %(size)d kB. Choose a file of at most %(limit)d kB."
        raise Invalid(msg, name=filename, size=len(content) // 1000, limit=limit // 1000)
    if extension == "docx":
        draft = _read_docx(filename, content)
    elif extension in {"md", "markdown"}:
        draft = _read_markdown(filename, _decode(filename, content))
    elif extension in {"html", "htm"}:
        draft = _read_html(filename, _decode(filename, content))
    elif extension == "txt":
        draft = _read_plain_text(filename, _decode(filename, content))
    else:
        msg = "Files like %(name)s cannot be read here. Choose a .md, .txt, .html or .docx file."
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
        msg = "%(name)s is not text in UTF-8. Save it in that encoding and choose it again."
        raise Invalid(msg, name=filename)
    text = clean_multiline(text)
    if not text.strip():
        msg = "%(name)s is empty. Choose another file, or enter the text of the letter."
        raise Invalid(msg, name=filename)
    return text


def _read_markdown(filename: str, text: str) -> LetterDraft:
    front: dict[str, Any] = {}
    match = re.match(r"---\n(.*?)\n---\n(.*)\Z", text, re.DOTALL)
    if match:
        front, text = parse_front_matter(filename, match[1]), match[2]
    title = parse_line(filename, "title", front.pop("title", ""))
    if not title and (heading := re.match(r"\s*#\s+(.+)\n", text)):
        title, text = heading[1].strip(), text[heading.end() :]
    if not title:
        msg = "%(name)s has no title. Write it in the front matter, or as a first line that starts with #."
        raise Invalid(msg, name=filename)
    authors = tuple(parse_author(filename, item) for item in as_list(front.pop("authors", None)))
    topics = tuple(
        parse_line(filename, "topics", item).lower()[:60]
        for item in as_list(front.pop("topics", None))
    )
    date_written = parse_date(filename, "date_written", front.pop("date_written", None))
    date_received = parse_date(filename, "date_received", front.pop("date_received", None))
    permission = parse_permission(filename, front.pop("permission", None))
    # parse_front_matter has checked the keys. All that remain are fields of LetterDraft.
    single_lines: dict[str, Any] = {
        name: parse_line(filename, name, value) for name, value in front.items()
    }
    if not text.strip():
        msg = "%(name)s has a title but no text. Add the text of the letter."
        raise Invalid(msg, name=filename)
    return LetterDraft(
        title=title,
        source_text=text.strip() + "\n",
        authors=authors,
        topics=topics,
        date_written=date_written,
        date_received=date_received,
        permission=permission,
        **single_lines,
    )


def _read_plain_text(filename: str, text: str) -> LetterDraft:
    title, _, rest = text.strip().partition("\n")
    blocks = [block.strip() for block in re.split(r"\n\s*\n", rest) if block.strip()]
    remarks: list[ImportRemark] = []
    blocks = _strip_boilerplate(blocks, remarks)
    note = _take_note_before_salutation(blocks, remarks)
    if not blocks:
        msg = "%(name)s has a title but no text. Add the text of the letter."
        raise Invalid(msg, name=filename)
    source_text = "\n\n".join(escape_markdown(block) for block in blocks) + "\n"
    return LetterDraft(
        title=title.strip(),
        source_text=source_text,
        editors_note=note,
        remarks=tuple(remarks),
    )


def _read_html(filename: str, text: str) -> LetterDraft:
    try:
        title, source_text = html_to_markdown(text)
    except UnreadableFile:
        msg = "%(name)s cannot be read as a web page. Save the text as a .md or .txt file instead."
        raise Invalid(msg, name=filename) from None
    return _build_draft(filename, title, source_text, ())


def _read_docx(filename: str, content: bytes) -> LetterDraft:
    try:
        title, source_text, pictures = docx_to_markdown(content)
    except UnreadableFile:
        msg = "%(name)s is not a Word file that can be read here. Save it again as .docx, without macros, or send the text."
        raise Invalid(msg, name=filename) from None
    omitted = (ImportRemark(RemarkKind.PICTURES, pictures),) if pictures else ()
    return _build_draft(filename, title, source_text, omitted)


def _build_draft(
    filename: str, title: str, source_text: str, remarks: tuple[ImportRemark, ...]
) -> LetterDraft:
    """Build a draft from the output of a converter. A short first line replaces a missing title."""
    source_text = unicodedata.normalize("NFC", source_text)
    if not title:
        first, _, rest = source_text.strip().partition("\n\n")
        if first and len(first) <= 200 and "\n" not in first:
            title, source_text = first.strip("#*_ "), rest
    if not title:
        msg = "%(name)s has no title. Give its first line the style “Title” or “Heading 1”."
        raise Invalid(msg, name=filename)
    all_remarks = list(remarks)
    blocks = [block for block in source_text.split("\n\n") if block.strip()]
    blocks = _strip_boilerplate(blocks, all_remarks)
    note = _take_note_before_salutation(blocks, all_remarks)
    if not blocks:
        msg = "%(name)s has a title but no text. Add the text of the letter."
        raise Invalid(msg, name=filename)
    return LetterDraft(
        title=title[:300],
        source_text="\n\n".join(blocks) + "\n",
        editors_note=note,
        remarks=tuple(all_remarks),
    )


def _strip_boilerplate(blocks: list[str], remarks: list[ImportRemark]) -> list[str]:
    """Cut off a comment form that was copied from a web page along with the letter.

    Only the last four blocks are searched: a letter may quote the phrase earlier.
    """
    for index in range(max(0, len(blocks) - 4), len(blocks)):
        first_line = blocks[index].splitlines()[0]
        if _PAGE_BOILERPLATE.match(first_line.strip()):
            words = "\n\n".join(blocks[index:])
            remarks.append(ImportRemark(RemarkKind.PAGE_FURNITURE, words=words))
            return blocks[:index]
    return blocks


def _take_note_before_salutation(blocks: list[str], remarks: list[ImportRemark]) -> str:
    """Remove up to three blocks before a salutation and return them as the editor's note."""
    for index in range(1, min(4, len(blocks))):
        if _SALUTATION.match(blocks[index]) and len(blocks[index]) <= 80:
            note = "\n\n".join(blocks[:index])
            del blocks[:index]
            remarks.append(ImportRemark(RemarkKind.MOVED_TO_NOTE, words=note))
            return note
    return ""
