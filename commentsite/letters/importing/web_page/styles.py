"""The styles of a web page, as far as they decide which words a reader sees, and how."""

import re
from collections.abc import Iterator

import tinycss2
import tinycss2.color3
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError
from tinycss2.ast import AtRule, QualifiedRule

from commentsite.letters.importing.colours import TRANSPARENT
from commentsite.letters.importing.errors import FileProblem, UnreadableFile

MAX_RULES = 2_000  # that concern elements of the page
MAX_STYLE_LENGTH = 500_000  # characters of all style sheets
_USED_PROPERTIES = frozenset({
    "display", "visibility", "mso-hide", "font-size", "font-weight", "font-style",
    "text-decoration", "text-decoration-line", "vertical-align", "white-space",
    "list-style-type", "list-style", "opacity", "height", "max-height", "overflow",
    "color", "background", "background-color", "background-image", "background-clip",
    "-webkit-background-clip", "-webkit-text-fill-color",
    "margin-left", "left", "top", "text-indent", "position", "mso-list", "mso-element", "clip", "float",
})  # fmt: skip
# Google Docs states the numbers of lists in the content before their items.
_LIST_NUMBERS = re.compile(
    r"\.(lst-kix_[\w-]+)\s*>\s*li:{1,2}before\s*\{\s*content:\s*([^}]{1,200})", re.IGNORECASE
)
_COUNTER = re.compile(
    r"^\s*(?:\"([^\"]*)\")?\s*counter\([\w-]+\s*,\s*([\w-]+)\)\s*(?:\"([^\"]*)\")?\s*;?\s*$"
)

# A list without numbers of its own can have them in the content before its items.
_ITEM_COUNTER = re.compile(
    r"\bli\b[^{},]{0,60}:before\s*\{[^{}]{0,500}?\bcontent:[^;{}]{0,100}?\b(counters?)\(",
    re.IGNORECASE,
)

Styles = dict[str, str]


class StyleSheet:
    """The styles of each element: those of style sheets, then those of its own attribute."""

    def __init__(self, page: LexborHTMLParser) -> None:
        text = "\n".join(node.text() for node in page.css("style"))
        if len(text) > MAX_STYLE_LENGTH:
            raise UnreadableFile(FileProblem.TOO_COMPLEX)
        self.list_numbers = _read_list_numbers(text)
        counter = _ITEM_COUNTER.search(text)
        # "counters" writes the numbers of the outer items too, as in 2.1.
        self.item_counter = counter[1].lower() if counter else ""
        self._styles: dict[int, Styles] = {}
        names = _collect_names(page)
        rules = [rule for rule in _read_rules(text) if _may_match(rule[0], names)]
        if len(rules) > MAX_RULES:
            raise UnreadableFile(FileProblem.TOO_COMPLEX)
        for selector, styles in sorted(rules, key=lambda rule: _get_specificity(rule[0])):
            try:
                nodes = page.css(selector)
            except SelectolaxError:  # a selector of another kind of page
                continue
            for node in nodes:
                known = self._styles.get(node.mem_id, {})
                self._styles[node.mem_id] = _add_styles(known, styles)

    def get(self, node: LexborNode) -> Styles:
        styles = _add_styles(_read_attributes(node), self._styles.get(node.mem_id, {}))
        own = node.attributes.get("style")
        return _add_styles(styles, _read_declarations(own)) if own else styles


def _add_styles(styles: Styles, later: Styles) -> Styles:
    """Return the styles in the order of the cascade, in which `background` has a bearing on its colour."""
    return {name: value for name, value in styles.items() if name not in later} | later


def is_zero(value: str) -> bool:
    """Return whether a length is zero, with any unit."""
    return re.fullmatch(r"[-+]?0*(?:\.0*)?(?:[a-z]+|%)?", value) is not None and "0" in value


def read_points(value: str, inherited: float) -> float:
    """Return a font size in points. Relative and unknown ones depend on the inherited size."""
    if is_zero(value):
        return 0
    match = re.match(r"(\d{0,5}(?:\.\d{1,5})?)(px|pt|em|rem|%|ex|ch|cm|mm|in|pc|q)?$", value)
    if not match or not match[1].strip("."):
        return inherited if value in {"", "inherit", "larger", "smaller", "unset"} else 12
    unit = {
        "px": 0.75, None: 0.75, "pt": 1, "em": inherited, "rem": 12, "%": inherited / 100,
        "ex": inherited / 2, "ch": inherited / 2, "cm": 28.35, "mm": 2.835, "in": 72, "pc": 12, "q": 0.709,
    }[match[2]]  # fmt: skip
    return float(match[1]) * unit


def read_colour(value: str, inherited: str) -> str:
    """Return a colour as `#rrggbb`, `transparent`, or '' for one that cannot be told."""
    if value in {"", "inherit", "currentcolor", "unset"}:
        return inherited
    colour = tinycss2.color3.parse_color(value)
    if colour is None or isinstance(colour, str):
        return ""
    if colour.alpha == 0:
        return TRANSPARENT
    if colour.alpha < 1:
        return ""
    parts = (colour.red, colour.green, colour.blue)
    return "#" + "".join(f"{max(0, min(255, round(part * 255))):02x}" for part in parts)


def read_background(styles: Styles, behind: str) -> str:
    """Return the colour behind the text of an element, '' for a picture or a gradient."""
    image = styles.get("background-image", "none")
    if "url(" in image or "gradient" in image:
        return ""
    colour = behind
    for name, value in styles.items():  # in the order of the cascade
        if name not in {"background", "background-color"} or value in {"inherit", "unset"}:
            continue
        if name == "background" and ("(" in value and "rgb" not in value and "hsl" not in value):
            return ""
        found = _find_colour(value)
        colour = behind if found == TRANSPARENT else found
    return colour


def _find_colour(value: str) -> str:
    """Return the colour among the parts of a background. Without one it is transparent."""
    if "var(" in value or "url(" in value or "gradient" in value:
        return ""
    for token in tinycss2.parse_component_value_list(value):
        if token.type in {"ident", "hash", "function"}:
            colour = read_colour(token.serialize(), "")
            if colour or token.type == "function":
                return colour
    return TRANSPARENT


def is_far_outside(value: str) -> bool:
    """Return whether a length moves a text out of the window."""
    match = re.match(r"(-\d+)(?:\.\d+)?(px|em|pt|rem|vw|%)?", value)
    return match is not None and int(match[1]) <= -(
        100 if match[2] in {"em", "rem", "%", "vw"} else 900
    )


def _read_attributes(node: LexborNode) -> Styles:
    """Return the colours that attributes of older pages state, and those of some elements."""
    attributes, tag = node.attributes, node.tag
    styles: Styles = {}
    if tag == "mark":
        styles = {"background-color": "yellow", "color": "black"}
    elif tag == "a" and "href" in attributes:
        styles = {"color": "#0000ee"}
    if background := attributes.get("bgcolor"):
        styles["background-color"] = _complete_colour(background)
    if attributes.get("background"):
        styles["background-image"] = "url()"
    if (colour := attributes.get("color" if tag == "font" else "text")) and tag in {"font", "body"}:
        styles["color"] = _complete_colour(colour)
    return styles


def _complete_colour(value: str) -> str:
    value = value.strip().lower()
    return f"#{value}" if re.fullmatch(r"[0-9a-f]{6}", value) else value


def _read_rules(text: str) -> Iterator[tuple[str, Styles]]:
    for rule in tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True):
        if isinstance(rule, AtRule) and rule.lower_at_keyword == "media" and rule.content:
            medium = tinycss2.serialize(rule.prelude).strip().lower()
            if medium in {"", "all", "screen", "only screen"}:
                yield from _read_rules(tinycss2.serialize(rule.content))
        elif isinstance(rule, QualifiedRule):
            styles = _read_declarations(tinycss2.serialize(rule.content))
            if styles:
                for selector in tinycss2.serialize(rule.prelude).split(","):
                    yield selector.strip(), styles


def _read_declarations(text: str) -> Styles:
    """Return the declarations that this package uses, in small letters."""
    styles: Styles = {}
    # Word writes values that are no CSS, such as `mso-list:l0 level1 lfo1`, so this reads loosely.
    for declaration in re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).split(";"):
        name, colon, value = declaration.partition(":")
        if colon and (name := name.strip().lower()) in _USED_PROPERTIES:
            styles.pop(name, None)  # so that the order is that of the cascade
            styles[name] = value.replace("!important", "").strip().lower()
    return styles


def _collect_names(page: LexborHTMLParser) -> frozenset[str]:
    """Return the classes and ids of the page, as they stand in selectors."""
    names: set[str] = set()
    for node in page.css("[class]"):
        names |= {f".{name}" for name in (node.attributes.get("class") or "").split()}
    for node in page.css("[id]"):
        names.add(f"#{node.attributes.get('id')}")
    return frozenset(names)


def _may_match(selector: str, names: frozenset[str]) -> bool:
    # Selectors with a colon are about states and generated text, which a letter does not have.
    return ":" not in selector and set(re.findall(r"[.#][\w-]+", selector)) <= names


def _get_specificity(selector: str) -> tuple[int, int, int]:
    return (
        selector.count("#"),
        selector.count(".") + selector.count("["),
        len(re.findall(r"(?:^|[\s>+~])[a-z]", selector, re.IGNORECASE)),
    )


def _read_list_numbers(text: str) -> dict[str, tuple[str, str, str]]:
    """Return prefix, number format and suffix of the lists of a Google document, by class."""
    numbers = {}
    for match in _LIST_NUMBERS.finditer(text):
        if counter := _COUNTER.match(match[2]):
            numbers[match[1]] = (counter[1] or "", counter[2], counter[3] or "")
        else:
            numbers[match[1]] = (match[2].strip("\"'; "), "", "")
    return numbers
