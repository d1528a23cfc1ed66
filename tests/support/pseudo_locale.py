"""A language for tests: each sentence of the interface is accented, longer, and between the marks ⟦ and ⟧.

Words outside the marks never went through gettext. Marks side by side are a sentence that was put together from parts.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, NamedTuple
from unittest.mock import patch

from babel.support import NullTranslations
from flask import Flask
from flask_babel import get_domain

#: The interface language that stands for the language of tests. Its dates and numbers are real.
LANGUAGE = "fr"
OPEN, CLOSE = "⟦", "⟧"
LENGTHENING = 0.4  # of the letters, as German and French need it for short English
_ACCENTS = str.maketrans("aceinosuyzACEINOSUYZ", "åçéîñöšûýžÅÇÉÎÑÖŠÛÝŽ")
_SEPARATORS = str.maketrans(",;", "،؛")  # as in Arabic, so that hard-coded ones stand out
_KEPT = re.compile(r"(%\([a-z_A-Z0-9]+\)[a-z.0-9]+|%%|\{[a-z_]+\}|<[^>]+>|https?://\S+)")
_FILLER = "~"
#: Elements whose words are content, names, addresses, codes, or read by programs.
_CONTENT = {
    "bdi", "code", "del", "ins", "kbd", "mark", "pre", "samp", "script", "style", "svg", "template",
    "textarea", "var",
}  # fmt: skip
_INLINE = {"a", "abbr", "b", "bdi", "cite", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small",
    "span", "strong", "sub", "sup", "time", "u", "var"}  # fmt: skip
#: An addition to a label, in an element of its own: whether it is required, and words for screen readers.
_ADDITIONS = {"opt", "hint", "quiet", "unseen"}
_SHOWN_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt")
WORD = re.compile(r"[^\W\d_]{2,}")
_ENDED = re.compile(r"[.?!:…]”?$")
_JOINT = re.compile(r"[,;:()]")
_SEPARATOR = re.compile("^[،؛]|[،؛]$")


class PseudoTranslations(NullTranslations):
    """Translations of any sentence into the language of tests."""

    def gettext(self, message: str) -> str:
        return pseudo_localise(message)

    def ngettext(self, singular: str, plural: str, num: int) -> str:
        return pseudo_localise(singular if num == 1 else plural)

    ugettext = gettext
    ungettext = ngettext

    def pgettext(self, _context: str, message: str) -> str:
        return pseudo_localise(message)

    upgettext = pgettext


def pseudo_localise(message: str) -> str:
    """Return a sentence in the language of tests. Placeholders, tags and addresses stay as they are."""
    if not WORD.search(message):
        return message.translate(_SEPARATORS)
    parts = _KEPT.split(message)
    accented = "".join(
        part if number % 2 else part.translate(_ACCENTS) for number, part in enumerate(parts)
    )
    rest = round(sum(len(part) for part in parts[::2]) * LENGTHENING)
    filler = "".join(f" {_FILLER * min(6, rest - start)}" for start in range(0, rest, 6))
    filler = filler if rest > 6 else filler.strip()  # a long word, or more words
    end = re.search(r"[.?!:…]?\s*$", accented).start()
    return f"{OPEN}{accented[:end]}{filler}{accented[end:]}{CLOSE}"


@contextmanager
def speak_pseudo_language(app: Flask) -> Iterator[None]:
    """Show the language of tests within a block wherever LANGUAGE is chosen, in all applications of the process."""
    with app.app_context():
        domain = get_domain()
    with patch.dict(domain.cache, {(LANGUAGE, domain.domain[0]): PseudoTranslations()}):
        yield


def find_untranslated(tree) -> Iterator[str]:
    """List the words that a page shows in the language of the interface, and that stand outside the marks."""
    depth, contents = 0, _find_contents(tree)
    for element, text in _list_texts(tree):
        outside, depth = _split(text, depth)
        if element not in contents:
            yield from (part for part in outside if WORD.search(part))
    for element in tree.iter("*"):
        if element not in contents:
            for name in _SHOWN_ATTRIBUTES:
                outside, _depth = _split(element.get(name, ""), 0)
                yield from (part for part in outside if WORD.search(part))


def find_glued(tree) -> Iterator[str]:
    """List the lines of a page in which a sentence of the interface is put together from parts.

    In such a line a text and an element, or two translated texts, stand side by side, and the first is no whole
    sentence. Elements side by side, as in a menu, are no line.
    """
    depths, depth, contents = {}, 0, _find_contents(tree)
    for element, text in _list_texts(tree):
        depths.setdefault(element, depth)
        _outside, depth = _split(text, depth)
    for element in tree.iter("*"):
        if element.tag != "title" and not depths.get(element) and element not in contents:
            parts = [part for part in _list_parts(element) if part.text.strip()]
            for left, right in pairwise(parts):
                if left.is_glued_to(right):
                    yield f"{left.text[-60:]} + {right.text[:60]}"


class _Part(NamedTuple):
    text: str
    is_text: bool  # of the line itself, and not of an element in it
    is_addition: bool = False

    def is_glued_to(self, right: "_Part") -> bool:
        if (
            self.is_text
            and right.is_text
            and _JOINT.search(self.text)
            and not WORD.search(self.text)
        ):
            return True
        return (
            (self.is_text or right.is_text)
            and not right.is_addition
            and bool(WORD.search(self.text))
            and bool(WORD.search(right.text) or _JOINT.search(right.text))
            and not _ENDED.search(self.text.rstrip(f"{CLOSE}{_FILLER} "))
            and not _SEPARATOR.search(right.text)
            and not _SEPARATOR.search(self.text)
        )


#: Stands for a line break, or for an element that begins a new line.
_BREAK = _Part("⏎.", is_text=False, is_addition=True)


def _list_parts(element) -> Iterator[_Part]:
    """List the texts, sentences and elements in a line. An element in a sentence is part of it."""
    text, depth = "", 0
    pieces = [(None, element.text or "")]
    for child in element:
        pieces += [(child, _read(child)), (None, child.tail or "")]
    for child, piece in pieces:
        if child is not None and not depth:
            yield _Part(" ".join(text.split()), is_text=True)
            text = ""
            if child.tag in _INLINE:
                classes = set(child.get("class", "").split())
                yield _Part(
                    " ".join(piece.split()),
                    is_text=False,
                    is_addition=bool(classes & _ADDITIONS),
                )
            else:
                yield _BREAK
            continue
        for character in piece:
            depth += (character == OPEN) - (character == CLOSE)
            if character == OPEN and depth == 1:
                yield _Part(" ".join(text.split()), is_text=True)
                text = ""
            text += character
            if character == CLOSE and depth == 0:
                yield _Part(" ".join(text.split()), is_text=True)
                text = ""
    yield _Part(" ".join(text.split()), is_text=True)


def _list_texts(element) -> Iterator[tuple[Any, str]]:
    """List the texts of an element in their order, each with the element that it belongs to."""
    if not isinstance(element.tag, str):
        return
    yield element, element.text or ""
    for child in element:
        yield from _list_texts(child)
        yield element, child.tail or ""


def _split(text: str, depth: int) -> tuple[list[str], int]:
    """Return the parts of a text outside the marks, and how many marks are open at its end."""
    parts, part = [], ""
    for character in text:
        if character in (OPEN, CLOSE):
            parts.append(part)
            part = ""
            depth += 1 if character == OPEN else -1
        elif depth == 0:
            part += character
    return [found for found in (*parts, part) if found.strip()], depth


def _read(element) -> str:
    return "".join(text for _owner, text in _list_texts(element))


def _find_contents(tree) -> set:
    """Return the elements with content of the site, in any language, instead of words of the interface."""
    found: set = set()
    for element in tree.iter("*"):
        if language := element.get("lang"):
            is_content = language != LANGUAGE
        else:
            # Only texts of people have a direction of their own, and faces have initials.
            is_content = (
                element.getparent() in found
                or element.tag in _CONTENT
                or bool(element.get("dir"))
                or "face" in element.get("class", "")
            )
        if is_content:
            found.add(element)
    return found
