"""Other readers of word processor files: the words that LibreOffice and pandoc see in them."""

import re
import subprocess
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path

import lxml.html
import pypandoc

from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.text.paragraphs import parse_blocks


def list_words(text: str) -> list[str]:
    """Return the words of a text in order, in a form in which the readers can be compared."""
    text = unicodedata.normalize("NFKC", text).replace("\u00ad", "")
    return re.findall(r"[^\W_]+|[☐☑☒✓]", text.casefold())


def list_letter_words(document: ParsedDocument) -> list[str]:
    """Return the words that readers of the letter see: title, labels, rendered text."""
    words = list_words(document.title)
    for block in parse_blocks("\n\n".join(document.blocks)):
        label = "" if block.label.strip("[]") == str(block.number) else block.label
        words += list_words(label) + list_words(_render_text(block.html))
    return words


def _render_text(html: str) -> str:
    root = lxml.html.fragment_fromstring(re.sub(r"<(br|td|th|li|p|h\d)\b", r" <\1", html), "div")
    for mark in root.xpath('//*[@class="footnote-ref" or @class="footnote-backref"]'):
        mark.drop_tree()
    return str(root.text_content())


def find_lost_words(
    document: ParsedDocument, seen: Iterable[str], *, in_order: bool = True
) -> list[str]:
    """Return the words that are neither in the letter, in the same order, nor in a remark.

    The number of a paragraph can be missing when the letter counts it as its position.
    """
    seen = list(seen)
    letter = list_letter_words(document)
    named = set(list_words(" ".join(remark.words for remark in document.remarks)))
    missing = [word for word in seen if word not in letter]
    if in_order:
        matcher = SequenceMatcher(None, seen, letter, autojunk=False)
        missing = [
            word
            for kind, start, end, _, _ in matcher.get_opcodes()
            if kind in {"delete", "replace"}
            for word in seen[start:end]
        ]
    source = set(list_words("\n".join(document.blocks)))
    return [
        word for word in missing if word not in named and not (word.isdecimal() and word in source)
    ]


def read_with_pandoc(content: bytes, file_format: str) -> str:
    """Return the text that pandoc sees, with tracked changes accepted as is its default."""
    text = pypandoc.convert_text(
        content, "plain", format=file_format, extra_args=["--wrap=none", "--sandbox"]
    )
    return re.sub(r"\[\d+\]", " ", str(text))  # marks of notes


def convert_with_libreoffice(files: Iterable[Path], file_format: str, folder: Path) -> None:
    """Convert files to the format, such as `odt` or `txt:Text (encoded):UTF8`, into the folder."""
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            file_format,
            "--outdir",
            str(folder),
            *map(str, files),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
