"""The text of a web page."""

import re

from commentsite.letters.importing.markdown.tree import Span
from commentsite.letters.importing.markdown.writer import to_subscript, to_superscript
from commentsite.letters.importing.web_page.page import Context, Page
from commentsite.letters.remarks import RemarkKind


def add_text(page: Page, text: str, context: Context) -> None:
    if context.is_invisible:
        page.hidden_words += text.split()
        return
    if not context.keeps_lines:
        text = re.sub(r"[ \t\n\r\f]+", " ", text)
    else:
        text = text.replace("\r\n", "\n")
    spans = page.paragraph.spans
    if not context.keeps_lines and text.startswith(" "):
        before = spans[-1].text if spans else " "
        if before[-1:] in {" ", "\n"} and not (spans and spans[-1].is_markdown):
            text = text[1:]
    if not text:
        return
    if context.script and text.strip():
        raised = to_superscript(text) if context.script == "super" else to_subscript(text)
        before = spans[-1].text[-1:] if spans else ""
        has_digit = any(letter.isdigit() for letter in text)
        if raised == text and has_digit and before.isalnum():
            text = f"{'^' if context.script == 'super' else '_'}({text})"
        else:
            text = raised
    if not spans and not text.strip():
        return
    if context.in_quote:
        page.paragraph.is_quote = True
    page.paragraph.is_caption = page.paragraph.is_caption or context.in_caption
    spans.append(
        Span(
            text,
            bold=context.bold and not context.in_heading,
            italic=context.italic,
            strike=context.strike,
            link=context.link,
        )
    )


def add_hidden(page: Page, words: str) -> None:
    if words:
        page.collector.add_remark(RemarkKind.HIDDEN_TEXT, words)
