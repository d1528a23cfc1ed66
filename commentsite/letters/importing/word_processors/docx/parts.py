"""The parts of a Word file, and their relations."""

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote

from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.word_processors.docx.elements import W
from commentsite.letters.importing.word_processors.package import Element, Package, parse_xml

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DC = "{http://purl.org/dc/elements/1.1/}"
# The strict form of the format has namespaces of its own for the same elements.
_STRICT_NAMESPACES = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (
        b"http://purl.oclc.org/ooxml/drawingml/main",
        b"http://schemas.openxmlformats.org/drawingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing",
        b"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/math",
        b"http://schemas.openxmlformats.org/officeDocument/2006/math",
    ),
)
_EMPTY_TITLES = re.compile(
    r"(microsoft word - .*|untitled.*|document ?\d*|word document|powerpoint presentation)$",
    re.IGNORECASE,
)


@dataclass
class Relation:
    target: str  # the name of a part, or an address
    kind: str  # last part of the type
    is_external: bool


class Parts:
    """The parts of a Word file. Raises UnreadableFile on one without text, and on one with macros."""

    def __init__(self, package: Package) -> None:
        self._package = package
        main_part = _find_main_part(package)
        root = self.parse(main_part)
        body = root.find(W + "body") if root is not None else None
        if root is None or body is None:
            raise UnreadableFile(FileProblem.WRONG_TYPE)
        self.root, self.body = root, body
        self.relations = self._read_relations(main_part)

    def read(self, name: str) -> bytes:
        return self._package.read(name)

    def parse(self, name: str) -> Element | None:
        content = self._package.read(name, 12_000_000)
        if not content:
            return None
        if b"purl.oclc.org/ooxml" in content:
            for strict, usual in _STRICT_NAMESPACES:
                content = content.replace(strict, usual)
        return _choose_alternatives(parse_xml(content))

    def parse_related(self, kind: str) -> Element | None:
        for relation in self.relations.values():
            if relation.kind == kind and not relation.is_external:
                return self.parse(relation.target)
        return None

    def read_notes(self, kind: str) -> tuple[dict[str, Element], dict[str, Relation]]:
        root = self.parse_related(kind + "s")
        if root is None:
            return {}, {}
        notes = {
            note.get(W + "id", ""): note
            for note in root.iterfind(W + kind)
            if note.get(W + "type", "normal") == "normal"
        }
        part = next(r.target for r in self.relations.values() if r.kind == kind + "s")
        return notes, self._read_relations(part)

    def read_properties(self) -> tuple[str, str]:
        """Return title and language that the file states about itself."""
        for relation in self._read_relations("").values():
            if relation.kind == "core-properties":
                root = self._package.parse(relation.target)
                if root is not None:
                    title = " ".join((root.findtext(_DC + "title") or "").split())
                    language = (root.findtext(_DC + "language") or "").strip()
                    return ("" if _EMPTY_TITLES.match(title) else title[:300]), language
        return "", ""

    def _read_relations(self, part: str) -> dict[str, Relation]:
        folder, name = posixpath.split(part)
        root = self._package.parse(posixpath.join(folder, "_rels", name + ".rels"))
        relations = {}
        for item in root.iter(_RELATIONSHIP) if root is not None else ():
            is_external = item.get("TargetMode") == "External"
            target = item.get("Target", "")
            relations[item.get("Id", "")] = Relation(
                target if is_external else _resolve(folder, target),
                item.get("Type", "").rpartition("/")[2],
                is_external,
            )
        return relations


def _find_main_part(package: Package) -> str:
    """Return the name of the part that holds the text. Raises UnreadableFile if there is none."""
    types = package.parse("[Content_Types].xml")
    relations = package.parse("_rels/.rels")
    if types is None or relations is None:
        raise UnreadableFile(FileProblem.WRONG_TYPE)
    kinds = {item.get("PartName", "").lower(): item.get("ContentType", "") for item in types}
    for item in relations.iter(_RELATIONSHIP):
        if item.get("Type", "").endswith("/officeDocument"):
            name = _resolve("", item.get("Target", ""))
            kind = kinds.get("/" + name.lower(), "")
            if "macroEnabled" in kind:
                raise UnreadableFile(FileProblem.MACROS)
            if name in package and ("wordprocessingml" in kind or not kind):
                return name
    raise UnreadableFile(FileProblem.WRONG_TYPE)


def _resolve(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, unquote(target))).lstrip("/")


def _choose_alternatives(root: Element) -> Element:
    """Replace each pair of a new and an older form of the same content by the new one."""
    for alternative in list(root.iter(_MC + "AlternateContent")):
        parent = alternative.getparent()
        chosen = alternative.find(_MC + "Choice")
        if chosen is None:
            chosen = alternative.find(_MC + "Fallback")
        index = parent.index(alternative)
        parent[index : index + 1] = list(chosen) if chosen is not None else []
    return root
