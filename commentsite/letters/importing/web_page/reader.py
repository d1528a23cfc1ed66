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
    are_header_lines,
    is_contact,
    read_header_lines,
    take_header_lines,
)
from commentsite.letters.importing.web_page.limits import check_limits
from commentsite.letters.importing.web_page.walk import PageReader
from commentsite.letters.importing.word_processors.markdown import build_document
from commentsite.letters.importing.word_processors.tree import (
    Block,
    Collector,
    Paragraph,
    Span,
    Table,
    plain_text,
)
from commentsite.letters.remarks import RemarkKind
from commentsite.letters.text.paragraphs import escape_markdown

MIN_CERTAIN_HEADERS = 2  # fewer lines with a colon can be the words of a letter
MAX_HEADER_BLOCKS = 12


def read_html_file(content: bytes, stated_encoding: str = "") -> ParsedDocument:
    """Read a saved page. Raises UnreadableFile on bytes that are no text, and on a page too complex."""
    text, is_certain = decode_text(content, stated_encoding or find_stated_encoding(content))
    collector = Collector()
    if not is_certain:
        collector.add_remark(RemarkKind.ENCODING, "windows-1252")
    return _read(text, collector)


def read_pasted_html(html: str) -> ParsedDocument:
    """Read a piece of a page from the clipboard. Its first heading is no title but a heading."""
    return _read(html, Collector(), is_piece=True)


def _read(html: str, collector: Collector, *, is_piece: bool = False) -> ParsedDocument:
    check_limits(html)
    page = LexborHTMLParser(html)
    body = page.body or page.root
    if body is None:
        raise UnreadableFile(FileProblem.EMPTY)
    reader = PageReader(page, collector)
    blocks = reader.read(body)
    title_element = page.css_first("title")
    title = " ".join((title_element.text() or "").split()) if title_element is not None else ""
    if is_piece:
        blocks, title = [Paragraph([Span("\u2060")], is_title=True), *blocks], ""
    subject, day, blocks = _take_mail_headers(blocks, collector)
    blocks = _take_contacts(blocks, collector)
    title = subject or title
    _mark_repeated_title(blocks, title)
    _raise_headings(blocks)
    language = "" if is_piece else _find_language(page)
    document = build_document(blocks, collector, title=title, language=language, is_piece=is_piece)
    if subject and document.title != subject:  # the first heading of a mail is not its title
        heading = f"## {escape_markdown(document.title)}"
        document = replace(document, title=subject, blocks=(heading, *document.blocks))
    return replace(document, title="" if is_piece else document.title, date_written=day)


def _take_mail_headers(
    blocks: list[Block], collector: Collector
) -> tuple[str, date | None, list[Block]]:
    """Return subject, date and the other blocks of a mail that was saved as a page.

    Headers further down belong to an earlier mail, which is left out with a remark.
    """
    blocks = [block for block in blocks if _list_lines(block) or not _is_rule(block)] or blocks
    lines = [_list_lines(block) for block in blocks]
    start = 0
    while start < len(lines) and lines[start] and FORWARD_MARK.fullmatch(" ".join(lines[start])):
        start += 1
    count, end = _count_header_lines(lines, start)
    if not count and start == 0 and len(lines[:1]) == len(lines[0] if lines else ()) == 1:
        count, end = _count_header_lines(lines, 1)
        if count > MIN_CERTAIN_HEADERS:  # Outlook prints the name of the mailbox above the headers
            collector.add_remark(RemarkKind.MAIL_HEADERS, lines[0][0])
        else:
            count = 0
    subject, day = "", None
    if count:
        headers = [line for group in lines[start:end] for line in group]
        subject, day = read_header_lines(headers, collector)
        blocks, lines = blocks[end:], lines[end:]
    for index in range(1, len(blocks)):
        if _count_header_lines(lines, index)[0] > MIN_CERTAIN_HEADERS:
            before = index - bool(FORWARD_MARK.fullmatch(" ".join(lines[index - 1])))
            collector.add_remark(RemarkKind.QUOTED_MAIL, plain_text(blocks[before:]))
            return subject, day, blocks[:before]
    return subject, day, blocks


def _take_contacts(blocks: list[Block], collector: Collector) -> list[Block]:
    """Leave the signature mark out, and the lines with addresses and telephone numbers after it."""
    marks = [i for i, block in enumerate(blocks) if _list_lines(block) in (["--"], ["—"])]
    if not marks:
        return blocks
    for block in blocks[marks[-1] + 1 :]:
        lines = _list_lines(block)
        contacts = [line for line in lines if is_contact(line)]
        if isinstance(block, Paragraph) and contacts:
            for line in contacts:
                collector.add_remark(RemarkKind.MAIL_HEADERS, line)
            block.spans = [Span("\n".join(line for line in lines if line not in contacts))]
    return [block for index, block in enumerate(blocks) if index != marks[-1]]


def _is_rule(block: Block) -> bool:
    return isinstance(block, Paragraph) and [span.text for span in block.spans] == ["---"]


def _list_lines(block: Block) -> list[str]:
    """Return the lines of a paragraph, or the rows of a table, as text."""
    if isinstance(block, Paragraph):
        return [line.strip() for line in block.text.split("\n") if line.strip()]
    return [" ".join(plain_text(cell) for cell in row).strip() for row in block.rows]


def _count_header_lines(lines: list[list[str]], start: int) -> tuple[int, int]:
    """Return how many lines from a block on are headers, and the index of the block after them."""
    end = start
    while end < len(lines) and end - start < MAX_HEADER_BLOCKS and (are_header_lines(lines[end])):
        end += 1
    return take_header_lines([line for group in lines[start:end] for line in group]), end


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
