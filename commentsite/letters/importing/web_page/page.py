"""The state of reading a web page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from commentsite.letters.importing.colours import BLACK, WHITE, is_unreadable
from commentsite.letters.importing.markdown.tree import Block, Collector, Paragraph, Span
from commentsite.letters.importing.web_page.notes import Notes, find_notes
from commentsite.letters.importing.web_page.styles import StyleSheet

MAX_QUOTED_MAILS = 300  # within one page
_QUOTED_MAIL = (
    ".gmail_quote, .gmail_attr, .moz-cite-prefix, blockquote[type=cite], "
    ".yahoo_quoted, .protonmail_quote, #mail-editor-reference-message-container"
)
# An author can quote with the elements above too, but not with these.
_CERTAIN_QUOTED_MAIL = (
    'blockquote[cite^="mid:"], .moz-cite-prefix, .yahoo_quoted, .protonmail_quote'
)


@dataclass(frozen=True)
class Context:
    """The style that an element inherits."""

    bold: bool = False
    italic: bool = False
    strike: bool = False
    link: str = ""
    script: Literal["", "super", "sub"] = ""
    is_concealed: bool = False  # by its visibility
    is_left_to_word: bool = False  # Word hides it
    colour: str = BLACK  # empty if it is not known
    background: str = WHITE  # likewise
    size: float = 12  # in points
    keeps_lines: bool = False
    in_quote: bool = False
    in_caption: bool = False
    in_heading: bool = False
    list_depth: int = -1
    depth: int = 0

    @property
    def is_invisible(self) -> bool:
        """Return whether text is invisible, unless an element around it undoes that."""
        return (
            self.is_concealed
            or self.is_left_to_word
            or is_unreadable(self.colour, self.background, self.size)
        )


class Page:
    """A web page while it is read, with the remarks so far.

    `read_element` reads an element in the style around it. Lists, cells and notes need it.
    """

    def __init__(
        self,
        tree: LexborHTMLParser,
        collector: Collector,
        read_element: Callable[["Page", LexborNode, Context], None],
    ) -> None:
        self.collector = collector
        self.sheet = StyleSheet(tree)
        self.notes: Notes = find_notes(tree)
        quoted = tree.css(_QUOTED_MAIL)
        self.quoted = {node.mem_id for node in quoted[:MAX_QUOTED_MAILS]}
        certain = tree.css(_CERTAIN_QUOTED_MAIL)[:MAX_QUOTED_MAILS]
        self.certainly_quoted = {node.mem_id for node in certain}
        # The element of Gmail is one if it has the line that Gmail writes above a mail.
        holders = [node.parent for node in tree.css(".gmail_attr")[:MAX_QUOTED_MAILS]]
        self.certainly_quoted |= {node.mem_id for node in holders if node is not None}
        self.note_spans: dict[int, Span] = {}
        self.blocks: list[Block] = []
        self.paragraph = Paragraph()
        self.hidden_words: list[str] = []
        self.has_pending_rule = False
        self.prefix: list[Span] = []  # the box or the drop cap before the next paragraph
        self.item_numbers: list[int] = []  # of the items around an element
        self.list_counters: dict[str, int] = {}
        self.page_length = 1
        self._read_element = read_element

    def read_element(self, node: LexborNode, context: Context) -> None:
        self._read_element(self, node, context)
