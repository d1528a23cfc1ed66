"""Recognise the documents that a text cites, such as “Tunis Agenda, para 60” or “A/RES/70/125 para 65”.

A document is known by its symbol: that of the United Nations, an RFC number, or the symbol of a
well-known document that is cited by name. The number of a paragraph may stand before the
document, after it, or later in parentheses, in six languages.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

SYMBOL_BY_NAME = {
    "Tunis Agenda": "WSIS-05/TUNIS/DOC/6(Rev.1)-E",
    "Tunis Agenda for the Information Society": "WSIS-05/TUNIS/DOC/6(Rev.1)-E",
    "Tunis Commitment": "WSIS-05/TUNIS/DOC/7-E",
    "Geneva Declaration of Principles": "WSIS-03/GENEVA/DOC/4-E",
    "Geneva Plan of Action": "WSIS-03/GENEVA/DOC/5-E",
    "Agenda de Tunis": "WSIS-05/TUNIS/DOC/6(Rev.1)-E",
    "Agenda de Túnez": "WSIS-05/TUNIS/DOC/6(Rev.1)-E",
    "Тунисская программа": "WSIS-05/TUNIS/DOC/6(Rev.1)-E",
    "برنامج عمل تونس": "WSIS-05/TUNIS/DOC/6(Rev.1)-E",
    "突尼斯议程": "WSIS-05/TUNIS/DOC/6(Rev.1)-E",
    "Pact for the Future": "A/RES/79/1",
    "Global Digital Compact": "A/RES/79/1",
    "Universal Declaration of Human Rights": "A/RES/217(III)",
    "NETmundial Multistakeholder Statement": "NETmundial Multistakeholder Statement",
}
TITLE_BY_SYMBOL = {
    "WSIS-05/TUNIS/DOC/6(Rev.1)-E": "Tunis Agenda for the Information Society",
    "WSIS-05/TUNIS/DOC/7-E": "Tunis Commitment",
    "WSIS-03/GENEVA/DOC/4-E": "Geneva Declaration of Principles",
    "WSIS-03/GENEVA/DOC/5-E": "Geneva Plan of Action",
    "A/RES/79/1": "Pact for the Future, with the Global Digital Compact",
    "A/RES/217(III)": "Universal Declaration of Human Rights",
    "A/RES/70/125": "Outcome document of the ten-year review of the World Summit on the Information Society",
}
MAX_RANGE = 30  # a longer range of paragraphs is not expanded
_PARAGRAPH_WORD = (
    r"(?i:paragraphs?|paras?\.?|§§?|sections?|sec\.?|articles?|art\.?|párrafos?|párr\.?|paragraphes?"
    r"|пункт[аеуы]?|п\.|الفقرة|第)"
)
_NUMBERS = r"\d{1,3}[a-z]?(?: ?(?:,|and|et|y|и|و|to|–|-|&) ?\d{1,3}[a-z]?\b)*"
_SYMBOL = (
    r"(?<![\w/])(?:A|E|S|CCPR|CRC|HRC|TD/B|GC)/(?:RES/|HRC/|CN\.\d+/|[A-Z]{1,6}[./])?[A-Z0-9][\w./()-]{0,60}\d\)?"
    r"|WSIS-\d\d/[A-Z]+/DOC/\d+(?:\(Rev\.\d\))?(?:-[A-Z])?"
    r"|RFC ?\d{3,5}"
)
_NAMES = "(?i:" + "|".join(map(re.escape, sorted(SYMBOL_BY_NAME, key=len, reverse=True))) + ")"
_DOCUMENT_THEN_NUMBERS = re.compile(
    rf"(?P<document>{_SYMBOL}|{_NAMES})(?P<gap>,? ?(?:\(|at )?)(?:{_PARAGRAPH_WORD} ?(?P<numbers>{_NUMBERS}))?"
)
_NUMBERS_THEN_DOCUMENT = re.compile(
    rf"{_PARAGRAPH_WORD} ?(?P<numbers>{_NUMBERS})(?: (?:of|de|du|del|в|من))?(?: (?:the|la|l’|l'|los))? ?(?P<document>{_SYMBOL}|{_NAMES})"
)
_NUMBERS_IN_PARENTHESES = re.compile(rf"\( ?{_PARAGRAPH_WORD} ?(?P<numbers>{_NUMBERS}) ?\)")
_SYMBOL_BY_FOLDED_NAME = {name.casefold(): symbol for name, symbol in SYMBOL_BY_NAME.items()}


@dataclass(frozen=True)
class Reference:
    symbol: str
    paragraph: str  # empty: the document as a whole
    citing_text: str


def find_references(text: str) -> list[Reference]:
    """Find references in order, each paragraph of each document once.

    A document that is cited by paragraphs is not listed as a whole, too.
    """
    references: dict[tuple[str, str], Reference] = {}
    # With single spaces, each pattern can match a passage in one way only. This keeps the regular
    # expressions from backtracking for a long time on a hostile text.
    for citing_text, document, numbers in iter_citations(" ".join(text.split())):
        symbol = normalize_symbol(document)
        for number in expand_numbers(numbers) or [""]:
            references.setdefault((symbol, number), Reference(symbol, number, citing_text))
    symbols_with_paragraph = {symbol for symbol, number in references if number}
    return [
        reference
        for (symbol, number), reference in references.items()
        if number or symbol not in symbols_with_paragraph
    ]


def iter_citations(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield (citing text, document, numbers) for each citation that does not overlap an earlier one."""
    patterns = (_NUMBERS_THEN_DOCUMENT, _DOCUMENT_THEN_NUMBERS, _NUMBERS_IN_PARENTHESES)
    matches = [match for pattern in patterns for match in pattern.finditer(text)]
    end, document = -1, ""
    for match in sorted(matches, key=lambda m: (m.start(), -m.end())):
        # “(para 61)” has no document of its own. It refers to the document cited last.
        cited = match.groupdict().get("document") or document
        if match.start() >= end and cited:
            end, document = match.end(), cited
            yield match[0].strip().rstrip(",(").strip(), document, match["numbers"] or ""


def normalize_symbol(name: str) -> str:
    """Return the symbol of a document from its name or symbol as written."""
    known = _SYMBOL_BY_FOLDED_NAME.get(name.casefold())
    if known:
        return known
    symbol = name.rstrip(".").upper().replace("(REV.", "(Rev.")
    return re.sub(r"^RFC\s?", "RFC ", symbol)


def expand_numbers(numbers: str) -> list[str]:
    """Expand “60, 61 and 67-69” to single numbers in ASCII digits. A range of more than 30 stays a range."""
    expanded: list[str] = []
    digits = "".join(str(unicodedata.decimal(char, char)) for char in numbers)
    for part in re.split(r"\s*(?:,|and|et|y|и|و|&)\s*", digits):
        ends = re.split(r"\s*(?:to|–|-)\s*", part)
        if len(ends) == 2 and all(end.isdigit() for end in ends):
            first, last = int(ends[0]), int(ends[1])
            if first < last <= first + MAX_RANGE:
                expanded += [str(n) for n in range(first, last + 1)]
                continue
        expanded += [part] if part else []
    return expanded


def get_document_title(symbol: str) -> str:
    """Return the title of a well-known document, or '' for others."""
    return TITLE_BY_SYMBOL.get(symbol, "")
