"""Read a web page: one saved by Word, LibreOffice or Google Docs, a mail, or a pasted piece.

The words that a browser shows become paragraphs and tables. Hidden words, reviewers' comments,
pictures and the furniture of the page are left out, each with a remark.
"""

from dataclasses import replace
from datetime import date

from selectolax.lexbor import LexborHTMLParser

from commentsite.letters.importing.decoding import decode_text, find_stated_encoding
from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.mail_headers import (
    FORWARD_MARK,
    MAX_INNER_HEADER_LINES,
    NEAR_TOP,
    count_headers,
    find_headers_at_top,
    is_address_line,
    is_contact,
    is_mark,
    read_header_lines,
)
from commentsite.letters.importing.markdown.tree import Block, Collector, Paragraph, Span, Table
from commentsite.letters.importing.markdown.writer import build_document
from commentsite.letters.importing.web_page.block_lines import BlockLines, take_attribution
from commentsite.letters.importing.web_page.limits import check_limits
from commentsite.letters.importing.web_page.walk import read_page
from commentsite.letters.remarks import RemarkKind
from commentsite.letters.text.paragraphs import escape_markdown

_NO_TITLE = "- no title specified"  # as LibreOffice writes it


def read_html_file(
    content: bytes, stated_encoding: str = "", *, is_body: bool = False
) -> ParsedDocument:
    """Read a saved page, or the body of a mail.

    Raises UnreadableFile on bytes that are no text, and on a page too complex.
    """
    text, guessed_encoding = decode_text(content, stated_encoding or find_stated_encoding(content))
    collector = Collector()
    if guessed_encoding:
        collector.add_remark(RemarkKind.ENCODING, guessed_encoding)
    return _read(text, collector, is_body=is_body)


def read_pasted_html(html: str) -> ParsedDocument:
    """Read a piece of a page from the clipboard. Its first heading is no title but a heading."""
    return _read(html, Collector(), is_piece=True)


def _read(
    html: str, collector: Collector, *, is_piece: bool = False, is_body: bool = False
) -> ParsedDocument:
    check_limits(html)
    page = LexborHTMLParser(html)
    body = page.body or page.root
    if body is None:
        raise UnreadableFile(FileProblem.EMPTY)
    blocks = read_page(page, body, collector)
    title_element = page.css_first("title")
    title = " ".join((title_element.text() or "").split()) if title_element is not None else ""
    if title == _NO_TITLE:
        title = ""
    if is_piece:
        blocks, title = [Paragraph([Span("\u2060")], is_title=True), *blocks], ""
    subject, day, blocks = _take_mail_headers(blocks, collector, is_body=is_body)
    blocks = _take_quoted_mails(blocks, collector)
    blocks = _take_contacts(blocks, collector)
    blocks = _drop_heading_of_notes(blocks, collector)
    title = subject or title
    _mark_repeated_title(blocks, title)
    _raise_headings(blocks)
    language = "" if is_piece else _find_language(page)
    document = build_document(blocks, collector, title=title, language=language, is_piece=is_piece)
    if subject and document.title != subject:  # the first heading of a mail is not its title
        heading = f"## {escape_markdown(document.title)}"
        document = replace(document, title=subject, blocks=(heading, *document.blocks))
    return replace(document, title="" if is_piece else document.title, date_written=day)


def _drop_heading_of_notes(blocks: list[Block], collector: Collector) -> list[Block]:
    """Leave out a last heading with nothing under it: the notes that stood there are now notes of the letter."""
    last = blocks[-1] if len(blocks) > 1 else None
    if not collector.notes or not isinstance(last, Paragraph) or not last.heading:
        return blocks
    collector.add_remark(RemarkKind.PAGE_FURNITURE, last.text)
    return blocks[:-1]


def _take_mail_headers(
    blocks: list[Block], collector: Collector, *, is_body: bool
) -> tuple[str, date | None, list[Block]]:
    """Return subject, date and the other blocks of a mail that was saved as a page.

    Headers further down belong to an earlier mail, which is left out with a remark.
    """
    blocks = [block for block in blocks if not _is_rule(block)] or blocks
    page = BlockLines(blocks)
    start, end = find_headers_at_top(page.lines, can_name_mailbox=not is_body)
    subject, day = "", None
    if end:
        for line in page.lines[:start]:
            if line and not is_mark(line):
                collector.add_remark(RemarkKind.MAIL_HEADERS, line)
        subject, day = read_header_lines(page.lines[start:end], collector)
        blocks = page.remove(range(end))
        page = BlockLines(blocks)
    for index, line in enumerate(page.lines):
        following = page.lines[index + 1 : index + 1 + MAX_INNER_HEADER_LINES]
        if not line:
            continue
        is_before = FORWARD_MARK.fullmatch(line) or (
            is_mark(line) and find_headers_at_top(following)[1]
        )
        if index and (is_before or count_headers([line, *following], is_certain=True)):
            collector.add_remark(RemarkKind.QUOTED_MAIL, "\n".join(page.lines[index:]))
            blocks = page.remove(range(index, len(page.lines)))
            break
    return subject, day, _take_address_lines(blocks, collector)


def _take_address_lines(blocks: list[Block], collector: Collector) -> list[Block]:
    """Leave out the lines near the start that have a label and a mail address."""
    page = BlockLines(blocks)
    filled = [index for index, line in enumerate(page.lines) if line][:NEAR_TOP]
    found = [index for index in filled if is_address_line(page.lines[index])]
    for index in found:
        collector.add_remark(RemarkKind.MAIL_HEADERS, page.lines[index])
    return page.remove(found) if found else blocks


def _take_quoted_mails(blocks: list[Block], collector: Collector) -> list[Block]:
    """Leave out quotations after a line that a mail program wrote, and that line.

    Other quotations are those of the author.
    """
    kept: list[Block] = []
    in_mail = False
    for block in blocks:
        is_quote = isinstance(block, Paragraph) and block.is_quote
        before = kept[-1] if kept else None
        if is_quote and not in_mail and isinstance(before, Paragraph):
            words = take_attribution(before)
            in_mail = bool(words)
            if words:
                collector.add_remark(RemarkKind.QUOTED_MAIL, words)
                kept[-1:] = [] if before.is_empty() else [before]
        if is_quote and in_mail and isinstance(block, Paragraph):
            collector.add_remark(RemarkKind.QUOTED_MAIL, block.text)
        else:
            kept.append(block)
            in_mail = in_mail and isinstance(block, Paragraph)
    return kept


def _take_contacts(blocks: list[Block], collector: Collector) -> list[Block]:
    """Leave the signature mark out, and the lines with addresses and telephone numbers after it."""
    page = BlockLines(blocks)
    marks = [index for index, line in enumerate(page.lines) if line in {"--", "—"}]
    if not marks:
        return blocks
    contacts = [
        index for index in range(marks[-1], len(page.lines)) if is_contact(page.lines[index])
    ]
    for index in contacts:
        collector.add_remark(RemarkKind.MAIL_HEADERS, page.lines[index])
    last = [
        mark for mark in marks if not any(page.lines[mark + 1 : marks[-1]]) or mark == marks[-1]
    ]
    return page.remove([*last, *contacts])


def _is_rule(block: Block) -> bool:
    return isinstance(block, Paragraph) and [span.text for span in block.spans] == ["---"]


def _mark_repeated_title(blocks: list[Block], title: str) -> None:
    """Mark the first paragraph as the title if it repeats the title of the page."""
    first = next((b for b in blocks if isinstance(b, Table) or not b.is_empty()), None)
    if title and isinstance(first, Paragraph) and " ".join(first.text.split()) == title:
        first.is_title = True


def _raise_headings(blocks: list[Block]) -> None:
    """Make the highest headings below the title those of the first level."""
    headings = [block for block in blocks[1:] if isinstance(block, Paragraph) and block.heading]
    highest = min((block.heading for block in headings), default=1)
    for block in headings:
        block.heading -= highest - 1


def _find_language(page: LexborHTMLParser) -> str:
    for node in (page.body, page.root):
        if node is not None and (language := node.attributes.get("lang")):
            return language.strip()
    node = page.css_first('meta[http-equiv="content-language" i]')
    return (node.attributes.get("content") or "").strip() if node is not None else ""
