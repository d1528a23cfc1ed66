"""Recognise documents that a letter cites, such as "Tunis Agenda, para 60" or "A/RES/70/125 para 65"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: Names under which well-known documents are cited, and the symbol they are filed under.
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
    rf"(?P<what>{_SYMBOL}|{_NAMES})(?P<gap>,? ?(?:\(|at )?)(?:{_PARAGRAPH_WORD} ?(?P<numbers>{_NUMBERS}))?"
)
_NUMBERS_THEN_DOCUMENT = re.compile(
    rf"{_PARAGRAPH_WORD} ?(?P<numbers>{_NUMBERS})(?: (?:of|de|du|del|в|من))?(?: (?:the|la|l’|l'|los))? ?(?P<what>{_SYMBOL}|{_NAMES})"
)
_NUMBERS_IN_PARENTHESES = re.compile(rf"\( ?{_PARAGRAPH_WORD} ?(?P<numbers>{_NUMBERS}) ?\)")
_SYMBOL_BY_FOLDED_NAME = {name.casefold(): symbol for name, symbol in SYMBOL_BY_NAME.items()}


@dataclass(frozen=True)
class Reference:
    """One citation: the document's symbol, the paragraph of it or '', and the words that cite it."""

    symbol: str
    paragraph: str
    citing_text: str


def find_references(text: str) -> list[Reference]:
    """Return what a text cites, in order, each place of each document once."""
    found: dict[tuple[str, str], Reference] = {}
    # One space at most between two words: a pattern then has one way to match, and takes no long time.
    for words, what, numbers in iter_citations(" ".join(text.split())):
        symbol = normalize_symbol(what)
        for number in expand_numbers(numbers) or [""]:
            found.setdefault((symbol, number), Reference(symbol, number, words))
    with_place = {symbol for symbol, number in found if number}
    return [r for (symbol, number), r in found.items() if number or symbol not in with_place]


def iter_citations(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield (words, document, numbers) for each citation, none of them twice."""
    hits = [
        (m.start(), m.end(), m)
        for pattern in (_NUMBERS_THEN_DOCUMENT, _DOCUMENT_THEN_NUMBERS)
        for m in pattern.finditer(text)
    ]
    hits += [(m.start(), m.end(), m) for m in _NUMBERS_IN_PARENTHESES.finditer(text)]
    end, what = -1, ""
    for start, stop, match in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
        named = match.groupdict().get("what") or what  # “(para 61)” goes on about the same document
        if start >= end and named:
            end, what = stop, named
            yield match[0].strip().rstrip(",(").strip(), what, match["numbers"] or ""


def normalize_symbol(name: str) -> str:
    """Return the symbol a document is filed under, from its name or symbol as written."""
    known = _SYMBOL_BY_FOLDED_NAME.get(name.casefold())
    if known:
        return known
    symbol = name.rstrip(".").upper().replace("(REV.", "(Rev.")
    return re.sub(r"^RFC\s?", "RFC ", symbol)


def expand_numbers(numbers: str) -> list[str]:
    """Return the single places that "60, 61 and 67-69" names; a range of more than 30 stays a range."""
    out: list[str] = []
    for part in re.split(r"\s*(?:,|and|et|y|и|و|&)\s*", numbers):
        ends = re.split(r"\s*(?:to|–|-)\s*", part)
        if len(ends) == 2 and all(end.isdigit() for end in ends):
            first, last = int(ends[0]), int(ends[1])
            if first < last <= first + 30:
                out += [str(n) for n in range(first, last + 1)]
                continue
        out += [part] if part else []
    return out


def get_document_title(symbol: str) -> str:
    """Return the title of a well-known document, or ''."""
    return TITLE_BY_SYMBOL.get(symbol, "")
