"""Build the index of the search page of an archive: scripts with the words of letters and comments.

A browser reads no data files beside a page that it opened without a server, and does run scripts. The index
therefore consists of scripts, which the search page loads one after the other. It holds the words of public pages.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

FOLDER = "search"
MAX_FILE = 2_000_000  # characters
_COMMENT_TEXT = ".comment-text"


@dataclass(frozen=True)
class Entry:
    """A letter or a comment as the search finds it."""

    file: str
    fragment: str
    title: str
    author: str
    text: str


@dataclass
class SearchIndex:
    """Writes the files of the index, each when it is full."""

    root: Path
    file_count: int = 0
    _entries: list[list[str]] = field(default_factory=list)
    _size: int = 0
    _seen: set[str] = field(default_factory=set)

    def add_page(self, file: str, html: str) -> None:
        """Add the letter of a page, and the comments that stand on it."""
        tree = LexborHTMLParser(html)
        heading = tree.css_first("h1")
        title = _clean(heading.text(deep=True)) if heading else file
        comments = list(tree.css("article.comment"))
        for node in comments:
            text = node.css_first(_COMMENT_TEXT)
            author = node.css_first(".who")
            number = node.attributes.get("id") or ""
            key = f"{file.rpartition('/')[0]}#{number}"
            if text is None or not number or key in self._seen:
                continue
            self._seen.add(key)
            self._add(
                Entry(
                    file,
                    number,
                    title,
                    _clean(author.text(deep=True)) if author else "",
                    _clean(text.text(deep=True, separator=" ")),
                )
            )
        if file.endswith("/index.html"):
            for node in tree.css("#comments, nav, header, .comment, footer, script"):
                node.decompose()
            main = tree.css_first("main")
            if main is not None:
                self._add(Entry(file, "", title, "", _clean(main.text(deep=True, separator=" "))))

    def _add(self, entry: Entry) -> None:
        row = [entry.file, entry.fragment, entry.title, entry.author, entry.text]
        self._entries.append(row)
        self._size += sum(map(len, row))
        if self._size > MAX_FILE:
            self._write()

    def _write(self) -> None:
        self.file_count += 1
        path = self.root / FOLDER / f"words-{self.file_count}.js"
        path.parent.mkdir(exist_ok=True)
        rows = json.dumps(self._entries, ensure_ascii=False, separators=(",", ":"))
        # U+2028 and U+2029 end a line in older engines.
        safe = rows.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        path.write_text(f"archiveSearch.add({safe});\n", encoding="utf-8")
        self._entries, self._size = [], 0

    def close(self) -> None:
        """Write the last file."""
        if self._entries or not self.file_count:
            self._write()


def _clean(text: str) -> str:
    return " ".join(text.split())
