"""Put the lines of a plain text together to paragraphs.

Mail programs, editors and `pdftotext` break lines at a certain width. Such lines are joined. Lines
that their author broke, as in an address or a poem, stay lines.
"""

import re
import unicodedata
from collections import Counter
from enum import StrEnum
from itertools import pairwise

from commentsite.letters.importing.markdown.tree import Collector, Paragraph, Span
from commentsite.letters.importing.text_files.line_labels import find_labelled_lines
from commentsite.letters.remarks import RemarkKind
from commentsite.text.sentences import ends_sentence

MIN_WRAPPED_LENGTH = 45  # characters; shorter lines are broken on purpose
MAX_WRAPPED_LENGTH = 130  # longer lines are whole paragraphs
MAX_WORD_LENGTH = 60
# In a page of `pdftotext`, lines at the top and at the foot that can be running heads.
MARGIN_LINES = 2


class Flow(StrEnum):
    """The meaning of a space at the end of a line, which can join it to the next line (RFC 3676)."""

    NONE = ""
    SPACE_STAYS = "flowed"
    SPACE_GOES = "delsp"


_BULLET = re.compile(r"\s*([-*•·●◦▪–])[ \t\u00a0]+(?=\S)")
_QUOTATION_MARKS = "\"'”»’›」』》〉"
_PAGE_NUMBER = re.compile(
    r"[-–—\s]*(?:(?:page|seite|página|pagina|strona|side|sida|страница|стр\.?|صفحة|p\.)\s*)?"
    r"\d{1,4}(?:\s*(?:/|of|de|von|sur|di|van|z|av|из|من)\s*\d{1,4})?[-–—\s]*",
    re.IGNORECASE,
)
# A page number with other words in its line is set apart from them: a sentence can name a page too.
_PAGE_OF_PAGES = re.compile(
    r"(?:^|\s{2,}|[|·•–—-]\s*)"
    r"(?:page|seite|página|pagina|strona|side|sida|страница|صفحة)\s*\d{1,4}"
    r"(?:\s*(?:/|of|de|von|sur|di|van|z|av|из|من)\s*\d{1,4})?(?=$|\s{2,}|\s*[|·•–—-])",
    re.IGNORECASE,
)
_DIVIDED_NUMBERS = re.compile(r"\d[-–/]$")
_DIVIDED_WORD = re.compile(r"(\w*[^\W\d_])[-\u2010\u00ad]$")
# Latin letters joined to one character, as PDF files hold them.
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}


def split_paragraphs(text: str, collector: Collector, *, flow: Flow = Flow.NONE) -> list[Paragraph]:
    """Return the paragraphs of a text. `flow` tells the mail format that joins lines.

    Running heads, page numbers and words that a line's end divided are named in remarks.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(8).translate(_LIGATURES)
    words = set(re.findall(r"\w+-\w+", re.sub(r"-\n\s*", "", text)))
    if "\f" in text:
        text = _join_pages(text.split("\f"), words, collector)
    groups = [
        lines for part in re.split(r"\n[ \t\u00a0]*\n", text) if (lines := _strip_lines(part))
    ]
    width = _find_width(groups)
    paragraphs: list[Paragraph] = []
    for lines in groups:
        paragraphs += [
            _build_paragraph(item, width, words, collector, flow=flow)
            for item in _split_items(lines)
        ]
    return paragraphs


def _strip_lines(text: str) -> list[str]:
    """Return the lines with words. A space at the end of a line stays: it can join two lines."""
    return [line.lstrip("\n") for line in text.split("\n") if line.strip()]


def _find_width(groups: list[list[str]]) -> int:
    """Return the width at which the lines of a text are broken, in characters."""
    lengths = [len(line.rstrip()) for lines in groups for line in lines[:-1]]
    return max((length for length in lengths if length <= MAX_WRAPPED_LENGTH), default=0)


def _split_items(lines: list[str]) -> list[list[str]]:
    """Divide the lines of a paragraph before each bullet, and before each number of a series."""
    labelled = find_labelled_lines(lines)
    bullets = [_is_bullet(line) for line in lines]
    has_list = sum(bullets) > 1
    items: list[list[str]] = []
    for index, line in enumerate(lines):
        begins_bullet = bullets[index] and (has_list or index == 0)
        if not items or begins_bullet or index in labelled:
            items.append([])
        items[-1].append(line)
    return items


def _is_bullet(line: str) -> bool:
    match = _BULLET.match(line)
    return match is not None and match[1] != "–"


def _build_paragraph(
    lines: list[str], width: int, words: set[str], collector: Collector, *, flow: Flow
) -> Paragraph:
    bullet = _BULLET.match(lines[0])
    is_item = bullet is not None and bullet[1] != "–"
    indent = len(lines[0]) - len(lines[0].lstrip())
    pieces = [lines[0][bullet.end() :] if bullet and is_item else lines[0].lstrip()]
    for previous, line in pairwise(lines):
        following = line.lstrip()
        if flow and previous.endswith(" ") and previous != "-- ":
            if flow == Flow.SPACE_GOES:
                pieces[-1] = pieces[-1].removesuffix(" ")
            pieces.append(following)
        elif _is_wrapped(previous, line, width):
            pieces += [_end_wrapped_line(pieces.pop(), following, words, collector), following]
        else:
            pieces += [pieces.pop().rstrip(), "\n", following]
    text = "".join(pieces).strip().replace("\u00ad", "")
    paragraph = Paragraph([Span(text)], bullet=is_item)
    paragraph.depth = min(4, indent // 2) if is_item else 0
    collector.count_block(text)
    return paragraph


def _is_wrapped(line: str, following: str, width: int) -> bool:
    """Return whether a line was broken because the next word had no room."""
    length = len(line.rstrip())
    if not MIN_WRAPPED_LENGTH <= length <= MAX_WRAPPED_LENGTH:
        return False
    next_word = following.split(maxsplit=1)[0]
    if _ends_sentence(line) and length + 1 + len(next_word) <= width * 0.9:
        return False
    return length >= 0.6 * width


def _ends_sentence(text: str) -> bool:
    """Return whether a text ends as a sentence or with a colon. A quotation mark alone is no end."""
    text = text.rstrip().rstrip(_QUOTATION_MARKS)
    return ends_sentence(text) or text.endswith((":", "："))


def _end_wrapped_line(line: str, following: str, words: set[str], collector: Collector) -> str:
    """Return a line as it goes on: with a space, or without the hyphen that divides a word."""
    line = line.rstrip()
    if _DIVIDED_NUMBERS.search(line) and following[:1].isdecimal():
        return line
    divided = _DIVIDED_WORD.search(line[-MAX_WORD_LENGTH:])
    if not divided or not following[:1].islower():
        return f"{line} "
    rest = re.match(r"\w+", following)
    if f"{divided[1]}-{rest[0] if rest else ''}" in words:
        return line
    collector.add_remark(RemarkKind.JOINED_LINES, f"{divided[1]}{rest[0] if rest else ''}")
    return line[:-1]


def _join_pages(pages: list[str], words: set[str], collector: Collector) -> str:
    """Return the text of a document without the running heads and page numbers of its pages.

    A line is one if another page has it at its top or foot too, apart from digits, if it is a page
    number, or if it repeats the first line of the document and has nothing else but numbers.
    """
    split = [page.split("\n") for page in pages if page.strip()]
    edges = Counter(
        form for page in split for form in {_normalise(page[i]) for i in _find_edges(page)}
    )
    first_line = next((line.strip() for page in split for line in page if line.strip()), "")
    text = ""
    for number, page in enumerate(split):
        margins = _find_edges(page)
        kept = []
        for index, line in enumerate(page):
            repeats_title = number > 0 and _is_running_title(line, first_line)
            is_repeated = edges[_normalise(line)] > 1 or repeats_title
            has_number = _PAGE_OF_PAGES.search(line) or _PAGE_NUMBER.fullmatch(line)
            is_first = number == 0 and line.strip() == first_line
            if index in margins and (is_repeated or has_number) and not is_first:
                collector.add_remark(RemarkKind.PAGE_FURNITURE, line)
            else:
                kept.append(line)
        body = "\n".join(kept).strip("\n")
        text = _join_to_previous_page(text, body, words, collector)
    return text


def _find_edges(page: list[str]) -> set[int]:
    """Return the indexes of the lines that can be a running head or foot."""
    filled = [index for index, line in enumerate(page) if line.strip()]
    return set(filled[:MARGIN_LINES] + filled[-MARGIN_LINES:])


def _normalise(line: str) -> str:
    return re.sub(r"\d+", "#", " ".join(line.split())).casefold()


def _is_running_title(line: str, title: str) -> bool:
    """Return whether a line is the title, alone or set apart from the name of its author."""
    before, found, after = line.strip().partition(title)
    is_apart = re.search(r"(?:[,:|·–—-]\s*|\s{2})$", before) or not before
    ends = not re.search(r"[^\W\d_]", after) or re.match(r"\s*[|·–—]|\s{2}", after)
    return (bool(found and is_apart and ends) and not _ends_sentence(after)) or (
        _get_words(line) == _get_words(title) != ""
    )


def _get_words(line: str) -> str:
    """Return a line without digits, signs and the words of page numbers."""
    return " ".join(re.findall(r"[^\W\d_]+", _PAGE_OF_PAGES.sub(" ", line))).casefold()


def _join_to_previous_page(text: str, body: str, words: set[str], collector: Collector) -> str:
    if not text or not body:
        return text or body
    continues = not _ends_sentence(text) and body.lstrip()[:1].islower()
    if not continues:
        return f"{text.rstrip()}\n\n{body}"
    # The last line of a page can be short, so the two halves of the sentence become one line.
    following = body.lstrip()
    return f"{_end_wrapped_line(text, following, words, collector)}{following}"
