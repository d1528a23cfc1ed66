"""The state of reading a Word document."""

from collections.abc import Callable
from dataclasses import dataclass, field

from commentsite.letters.importing.colours import WHITE
from commentsite.letters.importing.markdown.tree import Block, Collector
from commentsite.letters.importing.word_processors.docx.elements import W, iterate_text
from commentsite.letters.importing.word_processors.docx.numbering import Numbering
from commentsite.letters.importing.word_processors.docx.parts import Parts, Relation
from commentsite.letters.importing.word_processors.docx.styles import Styles
from commentsite.letters.importing.word_processors.package import Element, Package


@dataclass
class Context:
    """The surroundings of a run."""

    paragraph_style: str | None = None
    table_style: str | None = None
    link: str = ""
    background: str = WHITE  # empty if it is not known
    is_in_cell: bool = False  # a cell can consist of a number alone


@dataclass
class Field:
    """A field between its begin and end characters. Its code is not shown, its result is."""

    code: str = ""
    shows_result: bool = False
    form_data: Element | None = None
    skipped: list[str] = field(default_factory=list)  # text in the place of the code
    result_length: int = 0


@dataclass
class Flow:
    """The state of one sequence of blocks: the body, a note or a text box."""

    relations: dict[str, Relation]
    fields: list[Field] = field(default_factory=list)  # those that are open
    hidden: list[str] = field(default_factory=list)
    boxes: list[Block] = field(default_factory=list)  # anchored in the current paragraph


class Document:
    """A Word file while it is read, with the remarks so far.

    `read_blocks` reads the paragraphs and tables in an element. Cells, notes and text boxes need it.
    """

    def __init__(
        self,
        package: Package,
        read_blocks: Callable[["Document", Element, Context], list[Block]],
    ) -> None:
        self.parts = Parts(package)
        self.root, self.body = self.parts.root, self.parts.body
        self.styles = Styles(self.parts.parse_related("styles"))
        self.numbering = Numbering(self.parts.parse_related("numbering"), self.styles)
        self.notes = {kind: self.parts.read_notes(kind) for kind in ("footnote", "endnote")}
        self.used_notes: set[tuple[str, str]] = set()
        self.collector = Collector()
        self.flow = Flow(self.parts.relations)
        moved = ("".join(iterate_text(item)) for item in self.root.iter(W + "moveTo"))
        self.moved_text = "".join("".join(moved).split())
        self._read_blocks = read_blocks

    def read_blocks(self, element: Element, context: Context) -> list[Block]:
        return self._read_blocks(self, element, context)
