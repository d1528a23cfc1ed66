"""The state of reading an OpenDocument text."""

from collections.abc import Callable
from dataclasses import dataclass

from commentsite.letters.importing.colours import WHITE
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.markdown.tree import Block, Collector
from commentsite.letters.importing.word_processors.odt.lists import Counters, ListStyles
from commentsite.letters.importing.word_processors.odt.namespaces import FORM, OFFICE, XML_ID
from commentsite.letters.importing.word_processors.odt.styles import Styles
from commentsite.letters.importing.word_processors.package import Element, Package


@dataclass(frozen=True)
class Context:
    """The surroundings of a piece of text."""

    paragraph_style: str = ""
    text_styles: tuple[str, ...] = ()
    link: str = ""
    background: str = WHITE  # empty if it is not known


@dataclass(frozen=True)
class Place:
    """The place of a paragraph in lists."""

    list_style: str = ""
    depth: int = -1  # -1 outside lists
    counters: Counters | None = None
    start: int | None = None
    is_first: bool = False  # the paragraph has the label of the item
    is_in_cell: bool = False  # a cell can consist of a number alone
    background: str = WHITE  # empty if it is not known


class Document:
    """An OpenDocument text while it is read, with the remarks so far.

    `read_blocks` reads the paragraphs and tables in an element. Cells, notes and text boxes need it.
    Raises UnreadableFile on an encrypted file and on another kind of document.
    """

    def __init__(
        self,
        package: Package,
        read_blocks: Callable[["Document", Element, Place], list[Block]],
    ) -> None:
        self.package = package
        if b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise UnreadableFile(FileProblem.ENCRYPTED)
        root = package.parse("content.xml")
        body = root.find(f"{OFFICE}body/{OFFICE}text") if root is not None else None
        if body is None:
            raise UnreadableFile(FileProblem.WRONG_TYPE)
        self.body = body
        self.style_root = package.parse("styles.xml")
        roots = [item for item in (self.style_root, root) if item is not None]
        self.styles = Styles(roots)
        self.list_styles = ListStyles(roots)
        self.collector = Collector()
        self.lists: dict[str, Counters] = {}  # by id
        self.last_lists: dict[str, Counters] = {}  # by style
        self.outline = Counters()
        self.hidden: list[str] = []
        self.boxes: list[Block] = []
        self.hides_paragraph = False
        self.controls = {
            control.get(XML_ID) or control.get(FORM + "id"): control
            for control in body.iter(FORM + "checkbox", FORM + "radio")
        }
        self._read_blocks = read_blocks

    def read_blocks(self, element: Element, place: Place) -> list[Block]:
        return self._read_blocks(self, element, place)

    def read_aside(self, container: Element, background: str = WHITE) -> list[Block]:
        """Return the blocks of an element that is not part of the text."""
        saved = self.hidden, self.hides_paragraph
        self.hidden = []
        blocks = self.read_blocks(container, Place(background=background))
        self.hidden, self.hides_paragraph = saved
        return blocks

    def take_boxes(self) -> list[Block]:
        """Return the text boxes of the current paragraph, and forget them."""
        boxes, self.boxes = self.boxes, []
        return boxes
