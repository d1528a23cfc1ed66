"""The state of reading a Rich Text file."""

from collections.abc import Callable
from dataclasses import dataclass, field

from commentsite.letters.importing.markdown.tree import Block, Collector, Span

DEFAULT_SIZE = 24  # half-points


@dataclass
class Font:
    codec: str = ""
    is_symbol: bool = False
    name: str = ""


@dataclass
class Style:
    name: str = ""
    outline: int = -1
    is_hidden: bool = False


@dataclass
class Field:
    code: str = ""
    link: str = ""
    box: str = ""  # a check box, or the choice of a list
    choices: list[str] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)
    has_result: bool = False


@dataclass
class State:
    """The settings that a group inherits. The end of the group restores those before it."""

    destination: str = "text"
    font: int = -1
    skip_count: int = 1  # characters after a Unicode one that stand for it in older readers
    language: int = 0  # a Windows locale number
    rtl_language: int = 0  # for text from right to left
    east_asian_language: int = 0
    bold: bool = False
    italic: bool = False
    strike: bool = False
    position: str = ""
    is_hidden: bool = False
    is_deleted: bool = False
    is_revised: bool = False
    size: int = DEFAULT_SIZE  # half-points
    colour: int = 0  # numbers of the table of colours, 0 for the automatic one or none
    highlight: int = 0
    background: int = 0
    paragraph_background: int = 0
    style: int = 0
    outline: int = -1
    depth: int = 0
    is_in_table: bool = False
    is_drop_cap: bool = False
    field: Field | None = None
    closes: Callable[["Document"], None] | None = None  # at the end of this group only


@dataclass
class Flow:
    """A sequence of blocks: the body, a note, a text box, a comment."""

    blocks: list[Block] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    cell: list[Block] = field(default_factory=list)
    row: list[list[Block]] = field(default_factory=list)
    rows: list[tuple[list[int], list[list[Block]]]] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    merged: set[int] = field(default_factory=set)  # cells over which another one extends
    row_colour: int = 0
    cell_colour: int = 0  # of the cell that is being defined
    cell_colours: list[int] = field(default_factory=list)
    label: str | None = None  # the number or bullet, '' for one without a known character
    mark: tuple[int, int] = (0, 0)  # the place of its first note and picture


@dataclass
class Picture:
    data: bytearray = field(default_factory=bytearray)
    description: str = ""


class Document:
    """A Rich Text file while it is read, with the remarks so far."""

    def __init__(self) -> None:
        self.state = State()
        self.stack: list[State] = []
        self.flows = [Flow()]
        self.collector = Collector()
        self.fonts: dict[int, Font] = {}
        self.default_font = 0
        self.codec = "cp1252"
        self.styles: dict[int, Style] = {}
        self.style = Style()
        self.colours: list[tuple[int, int, int]] = []
        self.colour = [0, 0, 0]
        self.default_language = 0
        self.title = ""
        self.bytes = bytearray()
        self.skip = 0
        self.surrogate = ""
        self.buffer = ""  # text of a destination that is not a flow
        self.hidden = ""
        self.deleted = ""
        self.inserted = ""
        self.is_star = False
        self.picture = Picture()
        self.property = ""
        self.is_shape_hidden = False
        self.group_count = 0

    @property
    def flow(self) -> Flow:
        """The sequence to which the next text belongs."""
        return self.flows[-1]
