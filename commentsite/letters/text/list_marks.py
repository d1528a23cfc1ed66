"""The text of a block with the marks of its lists, for comparing two versions."""

from html.parser import HTMLParser

_LISTS = {"ol", "ul"}
_BLOCKS = {"p", "div", "blockquote", "pre", "tr", "figure", "figcaption", "dt", "dd"}
BULLET = "•"


def add_list_marks(html: str, text: str) -> str:
    """Return the text of a block with the number or the bullet of each list item before it.

    `html` is the sanitised HTML of the block, and `text` its text, which is returned as it is unless
    there is a list.
    """
    if "<li" not in html:
        return text
    reader = _ListReader()
    reader.feed(html)
    reader.close()
    return "\n".join(line for line in map(str.rstrip, reader.lines) if line.strip())


class _ListReader(HTMLParser):
    """Collect the lines of a text. `lists` holds the next number of each open list, or None for bullets."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = [""]
        self.lists: list[int | None] = []
        self.is_after_mark = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _LISTS:
            start = dict(attrs).get("start") or ""
            number = int(start) if start.isascii() and start.isdecimal() else 1
            self.lists.append(number if tag == "ol" else None)
        elif tag == "li":
            value = dict(attrs).get("value") or ""
            if self.lists and self.lists[-1] is not None and value.isascii() and value.isdecimal():
                self.lists[-1] = int(value)
            self._start_line(self._next_mark())
            self.is_after_mark = True
        elif tag == "br" or (tag in _BLOCKS and not self.is_after_mark):
            self._start_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in _LISTS and self.lists:
            self.lists.pop()
        if tag in _BLOCKS | _LISTS:
            self._start_line()

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if not words:
            self.lines[-1] += " " if self.lines[-1] and not self.lines[-1].endswith(" ") else ""
            return
        before = " " if data[0].isspace() and not self.lines[-1].endswith(" ") else ""
        self.lines[-1] += before + words + (" " if data[-1].isspace() else "")
        self.is_after_mark = False

    def _start_line(self, mark: str = "") -> None:
        self.lines.append(mark)

    def _next_mark(self) -> str:
        indent = "\u2003" * (len(self.lists) - 1)  # an em space, which pre-line keeps
        if not self.lists or self.lists[-1] is None:
            return f"{indent}{BULLET} "
        number = self.lists[-1]
        self.lists[-1] = number + 1
        return f"{indent}{number}. "
