"""A document as paragraphs and tables, between the readers of the formats and Markdown."""

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import groupby

from commentsite.letters.importing.document import Picture
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.markdown.languages import fits_script, is_language_tag
from commentsite.letters.remarks import ImportRemark, RemarkKind, TrackedChange

MAX_TEXT_LENGTH = 2_000_000  # characters
MAX_BLOCKS = 20_000
MAX_PICTURE_BYTES = 12_000_000  # of all pictures together


@dataclass(frozen=True)
class Span:
    """A piece of text in one style. A line feed is a line break, a tab is a tab."""

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    link: str = ""
    is_markdown: bool = False  # a note mark or the marker of a picture: not escaped

    @property
    def style(self) -> tuple[bool, bool, bool, str, bool]:
        return self.bold, self.italic, self.strike, self.link, self.is_markdown


@dataclass
class Paragraph:
    spans: list[Span] = field(default_factory=list)
    label: str = ""  # the number that the word processor shows before the paragraph
    heading: int = 0  # 1 for the highest level
    bullet: bool = False
    depth: int = 0  # of the list level, from 0
    is_quote: bool = False
    is_title: bool = False
    is_caption: bool = False  # of the picture before it

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans if not span.is_markdown)

    def is_empty(self) -> bool:
        return not any(span.text.strip() for span in self.spans)


@dataclass
class Table:
    rows: list[list[list["Block"]]]  # rows of cells of blocks


Block = Paragraph | Table


class MergedCell(list[Block]):
    """A place in a table over which another cell extends. It is empty."""


class Collector:
    """Collects remarks, notes and pictures while a reader goes through a document."""

    def __init__(self) -> None:
        self.notes: list[list[Block]] = []
        self.pictures: list[Picture] = []
        self._languages: Counter[str] = Counter()  # lengths of text, in characters
        self._scripts: Counter[str] = Counter()
        self.counts: Counter[RemarkKind] = Counter()
        self.words: dict[RemarkKind, list[str]] = {}
        self._picture_bytes = 0
        self._block_count = 0
        self._text_length = 0

    def add_remark(self, kind: RemarkKind, words: str = "", count: int = 1) -> None:
        """Count a thing that was left out or changed, with its words. Words of one place are joined."""
        self.counts[kind] += count
        if words := " ".join(words.split()):
            self.words.setdefault(kind, []).append(words)

    def add_change(self, change: TrackedChange, words: str = "") -> None:
        """Count a tracked change, with the words that it deleted, inserted or moved."""
        self.add_remark(RemarkKind.TRACKED_CHANGES, f"{change} {words}" if words.strip() else "")

    def read_empty_paragraph(self, label: str, *, is_in_cell: bool) -> list[Block]:
        """Return what a paragraph shows that has a number and no text.

        A cell can consist of a number. Elsewhere the number is left out and named in a remark.
        """
        if not label:
            return []
        if is_in_cell:
            return [Paragraph([Span(label)])]
        self.add_remark(RemarkKind.EMPTY_ITEMS, label)
        return []

    def add_picture(self, content: bytes, description: str) -> Span:
        """Return the marker that stands for the picture."""
        self._picture_bytes += len(content)
        if not content or self._picture_bytes > MAX_PICTURE_BYTES:
            self.add_remark(RemarkKind.PICTURES, description)
            return Span("")
        marker = f"⟦picture {len(self.pictures) + 1}⟧"
        self.pictures.append(Picture(marker, content, " ".join(description.split())))
        return Span(marker, is_markdown=True)

    def add_note(self, blocks: list[Block]) -> Span:
        """Return the mark that refers to a footnote or an endnote."""
        self.notes.append(blocks)
        return Span(f"[^{len(self.notes)}]", is_markdown=True)

    def mark(self) -> tuple[int, int]:
        """Return a place in the document, for `take_words`."""
        return len(self.notes), len(self.pictures)

    def take_words(self, mark: tuple[int, int], *parts: "list[Span] | list[Block]") -> str:
        """Return the words of parts that are left out, and drop their notes and pictures.

        These are the notes and pictures since the mark. Each picture is counted as left out.
        """
        words = []
        for part in parts:
            for item in part:
                if isinstance(item, Span):
                    words.append("" if item.is_markdown else item.text)
                else:
                    words.append(f" {plain_text([item])} ")
        notes, pictures = self.notes[mark[0] :], self.pictures[mark[1] :]
        del self.notes[mark[0] :], self.pictures[mark[1] :]
        words += [f" {plain_text(note)}" for note in notes]
        for picture in pictures:
            words.append(f" {picture.description}")
            self.add_remark(RemarkKind.PICTURES, picture.description)
        return "".join(words)

    def count_block(self, text: str = "") -> None:
        """Raise UnreadableFile when the document has more paragraphs, lines, cells or text than allowed."""
        self._block_count += 1 + text.count("\n")
        self._text_length += len(text)
        if self._block_count > MAX_BLOCKS or self._text_length > MAX_TEXT_LENGTH:
            raise UnreadableFile(FileProblem.TOO_COMPLEX)

    def count_language(self, language: str, script: str, text: str) -> None:
        """Count text in a language that the document states for it."""
        self._scripts[script] += len(text)
        if is_language_tag(language) and fits_script(language, script):
            self._languages[language] += len(text)

    def choose_language(self, default: str) -> str:
        """Return the language tag of most of the text, or else the default if it can be true, or ''."""
        for tag, _ in self._languages.most_common(1):
            return tag
        script = max(self._scripts, key=lambda name: self._scripts[name], default="latin")
        return default if is_language_tag(default) and fits_script(default, script) else ""

    def remarks(self) -> tuple[ImportRemark, ...]:
        return tuple(
            ImportRemark(kind, count, "\n".join(self.words.get(kind, ())))
            for kind, count in self.counts.items()
        )


def merge_spans(spans: list[Span]) -> list[Span]:
    """Return the spans with neighbours of one style joined."""
    merged: list[Span] = []
    for (*_, is_markdown), group in groupby(
        (span for span in spans if span.text), lambda span: span.style
    ):
        items = list(group)
        if is_markdown:
            merged += items
        else:
            merged.append(replace(items[0], text="".join(span.text for span in items)))
    return merged


def plain_text(blocks: list[Block]) -> str:
    """Return the words of the blocks in order, for remarks."""
    parts = []
    for block in blocks:
        if isinstance(block, Paragraph):
            parts.append(f"{block.label} {block.text}".strip())
        else:
            parts += [plain_text(cell) for row in block.rows for cell in row]
    return " ".join(part for part in parts if part)
