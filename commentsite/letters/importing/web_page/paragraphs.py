"""Paragraphs of a web page."""

import re
from dataclasses import replace

from commentsite.letters.importing.markdown.tree import Paragraph, Span
from commentsite.letters.importing.web_page.elements import get_indent_level
from commentsite.letters.importing.web_page.page import Page
from commentsite.letters.importing.web_page.styles import Styles

_TYPED_BULLET = re.compile(r"^\s*(?:([·•●○◦▪■§])\s*|([o–-])(?=\s|\u00a0)[\s\u00a0]{2,})")
_TYPED_LABEL = re.compile(
    r"\s*(\(?\w{1,6}(?:\.\w{1,4}){0,4}[.)])(?=[^\n]*\u00a0)[ \u00a0]{2,}(?=\S)"
)


def end_paragraph(page: Page) -> None:
    paragraph, page.paragraph = page.paragraph, Paragraph()
    paragraph.spans = _drop_blank_lines(paragraph.spans)
    _separate_typed_label(paragraph)
    if paragraph.is_empty():
        # An item of a list can begin with an element that is a block itself.
        page.paragraph = Paragraph(
            label=paragraph.label, bullet=paragraph.bullet, depth=paragraph.depth
        )
        return
    paragraph.spans = [*page.prefix, *paragraph.spans]
    page.prefix = []
    if page.has_pending_rule:
        page.blocks.append(Paragraph([Span("---", is_markdown=True)]))
        page.has_pending_rule = False
    page.collector.count_block(paragraph.text)
    page.blocks.append(paragraph)


def _drop_blank_lines(spans: list[Span]) -> list[Span]:
    """Return the spans without white space that fills a line between two line breaks."""
    kept: list[Span] = []
    for index, span in enumerate(spans):
        is_blank = not span.text.strip() and "\n" not in span.text
        follows_break = bool(kept) and kept[-1].text.endswith("\n")
        precedes_break = index + 1 < len(spans) and spans[index + 1].text.startswith("\n")
        if not (is_blank and follows_break and precedes_break):
            kept.append(span)
    return kept


def _separate_typed_label(paragraph: Paragraph) -> None:
    """Put a tab after a typed number that non-breaking spaces set apart, as Word writes it."""
    match = _TYPED_LABEL.match(paragraph.text)
    if not match or paragraph.label or paragraph.heading:
        return
    length, separated = match.end(), False
    for index, span in enumerate(paragraph.spans):
        rest = span.text[length:]
        length = max(0, length - len(span.text))
        if not length and not separated:
            rest, separated = f"{match[1]}\t{rest}", True
        paragraph.spans[index] = replace(span, text=rest)
        if separated:
            break


def take_list_label(page: Page, label: str) -> None:
    """Give the current paragraph the number or the bullet that the page shows before it."""
    is_number = any(letter.isalnum() for letter in label) and label != "o"
    page.paragraph.label = label if is_number else ""
    page.paragraph.bullet = not is_number


def take_typed_bullet(page: Page, styles: Styles) -> None:
    """Turn the bullet that Word writes as text into a bullet of the list."""
    text = page.paragraph.text
    match = _TYPED_BULLET.match(text)
    level = re.search(r"\blevel(\d)", styles.get("mso-list", ""))
    page.paragraph.depth = int(level[1]) - 1 if level else get_indent_level(styles)
    if not match:
        return
    page.paragraph.bullet = True
    length, spans = match.end(), []
    for span in page.paragraph.spans:
        spans.append(replace(span, text=span.text[length:]))
        length = max(0, length - len(span.text))
    page.paragraph.spans = spans
