"""The numbers that Word shows before paragraphs, counted as Word counts them."""

import re
from dataclasses import dataclass, field

from commentsite.letters.importing.number_formats import format_number
from commentsite.letters.importing.word_processors.docx.elements import W, get_value, is_on
from commentsite.letters.importing.word_processors.docx.styles import Styles
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.importing.word_processors.symbols import BOXES_AND_TICKS, map_symbol

MAX_LEVELS = 9
MAX_LABEL_LENGTH = 60
_PLACEHOLDER = re.compile(r"%([1-9])")


@dataclass(frozen=True)
class Label:
    """`text` is the number as shown. A bullet has none, unless it is a box or a tick."""

    text: str
    depth: int
    is_bullet: bool


@dataclass
class _Instance:
    """A numbering instance (w:num): levels of an abstract numbering, some of them overridden."""

    abstract_id: str
    levels: dict[int, Element]
    start_overrides: dict[int, int] = field(default_factory=dict)


class Numbering:
    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        self._instances: dict[str, _Instance] = {}
        self._counters: dict[str, dict[int, int]] = {}  # by abstract numbering and level
        self._started: set[tuple[str, int]] = set()  # instances and levels whose override was used
        if root is None:
            return
        abstracts = {
            item.get(W + "abstractNumId"): item for item in root.iterfind(W + "abstractNum")
        }
        targets = {
            item.get(W + "numId"): get_value(item, "abstractNumId")
            for item in root.iterfind(W + "num")
        }
        for number in root.iterfind(W + "num"):
            abstract_id = get_value(number, "abstractNumId") or ""
            abstract = abstracts.get(abstract_id)
            linked_style = get_value(abstract, "numStyleLink")
            if linked_style:  # the levels stand with the numbering style
                linked = styles.get_style_property(linked_style, "numPr/numId")
                abstract_id = targets.get(linked) or abstract_id
                abstract = abstracts.get(abstract_id, abstract)
            self._instances[number.get(W + "numId", "")] = _read_instance(
                number, abstract_id, abstract
            )

    def number_paragraph(self, properties: Element | None) -> Label | None:
        """Return the label of a paragraph and count it, or None if it has none.

        Call it once for each paragraph, in the order of the text.
        """
        style_id = get_value(properties, "pStyle")
        number_id = self._styles.get_paragraph_property(properties, "numPr/numId")
        instance = self._instances.get(number_id or "")
        if instance is None:
            return None
        depth = self._find_depth(properties, style_id, instance)
        level = instance.levels.get(depth)
        if level is None:
            return None
        self._count(number_id or "", instance, depth)
        number_format = _get_format(level)
        template = get_value(level, "lvlText") or ""
        if number_format == "bullet":
            return Label(_read_bullet(level, template), depth, is_bullet=True)
        if is_on(get_value(level.find(W + "rPr"), "vanish")):
            return None
        text = self._fill(template, instance, depth)[:MAX_LABEL_LENGTH]
        return Label(text, depth, is_bullet=False) if text else None

    def _find_depth(
        self, properties: Element | None, style_id: str | None, instance: _Instance
    ) -> int:
        own_numbering = properties.find(W + "numPr") if properties is not None else None
        value = get_value(own_numbering, "ilvl")
        if value is None:
            linked = {get_value(level, "pStyle"): depth for depth, level in instance.levels.items()}
            for style in self._styles.get_chain(style_id, "paragraph"):
                depth = linked.get(style.get(W + "styleId"))
                if depth is not None:
                    return depth
                value = get_value(style.find(f"{W}pPr/{W}numPr"), "ilvl")
                if value is not None:
                    break
        return min(_to_int(value, 0), MAX_LEVELS - 1)

    def _count(self, number_id: str, instance: _Instance, depth: int) -> None:
        counters = self._counters.setdefault(instance.abstract_id, {})
        for higher in range(depth):  # a level that was skipped counts as if it had been used
            if higher in instance.levels and higher not in counters:
                counters[higher] = _get_start(instance, higher)
                self._started.add((number_id, higher))
        override = instance.start_overrides.get(depth)
        if override is not None and (number_id, depth) not in self._started:
            counters[depth] = override
        elif depth in counters:
            counters[depth] += 1
        else:
            counters[depth] = _get_start(instance, depth)
        self._started.add((number_id, depth))
        for deeper in [level for level in counters if level > depth]:
            element = instance.levels.get(deeper)
            restart = get_value(element, "lvlRestart")
            if restart is None or depth < _to_int(restart, deeper):
                del counters[deeper]

    def _fill(self, template: str, instance: _Instance, depth: int) -> str:
        counters = self._counters[instance.abstract_id]
        in_decimal = is_on(get_value(instance.levels[depth], "isLgl"))

        def write(match: re.Match[str]) -> str:
            level = int(match[1]) - 1
            if level not in instance.levels:
                return ""
            number = counters.get(level, _get_start(instance, level))
            name = _get_format(instance.levels[level])
            return format_number(number, "decimal" if in_decimal else name)

        return " ".join(_PLACEHOLDER.sub(write, template).split())


def _read_instance(number: Element, abstract_id: str, abstract: Element | None) -> _Instance:
    instance = _Instance(abstract_id, _read_levels(abstract))
    for override in number.iterfind(W + "lvlOverride"):
        depth = _to_int(override.get(W + "ilvl"), 0)
        start = get_value(override, "startOverride")
        if start is not None:
            instance.start_overrides[depth] = _to_int(start, 1)
        instance.levels |= _read_levels(override)
    return instance


def _read_levels(parent: Element | None) -> dict[int, Element]:
    if parent is None:
        return {}
    return {_to_int(level.get(W + "ilvl"), 0): level for level in parent.iterfind(W + "lvl")}


def _get_start(instance: _Instance, depth: int) -> int:
    if depth in instance.start_overrides:
        return instance.start_overrides[depth]
    return _to_int(get_value(instance.levels.get(depth), "start"), 1)


def _get_format(level: Element) -> str:
    """Return the format. A newer one stands in an alternative with a simpler one to fall back to."""
    formats = [item.get(W + "val", "decimal") for item in level.iter(W + "numFmt")]
    plain = [name for name in formats if name != "custom"]
    if "custom" in formats:
        custom = next(item for item in level.iter(W + "numFmt") if item.get(W + "val") == "custom")
        if custom.get(W + "format", "").startswith("00"):
            return "decimalZero"
    return plain[0] if plain else "decimal"


def _read_bullet(level: Element, template: str) -> str:
    """Return a bullet that is a box or a tick, because it can be an answer."""
    fonts = level.find(f"{W}rPr/{W}rFonts")
    font = fonts.get(W + "ascii", "") if fonts is not None else ""
    symbol = map_symbol(font, ord(template)) if len(template) == 1 else template
    return symbol if symbol in BOXES_AND_TICKS - set("■□◻❑❒") else ""


def _to_int(value: str | None, default: int) -> int:
    try:
        return int(value) if value is not None else default
    except ValueError:
        return default
