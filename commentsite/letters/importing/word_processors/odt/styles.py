"""The styles of an OpenDocument text: what holds for a piece of text after all of them."""

import re

from commentsite.letters.importing.colours import TRANSPARENT, is_unreadable, read_hexadecimal
from commentsite.letters.importing.word_processors.odt.namespaces import (
    DRAW,
    EXTENSION,
    FO,
    STYLE,
    SVG,
    TEXT,
)
from commentsite.letters.importing.word_processors.package import Element

MAX_ANCESTORS = 50  # of a style, which can be based on itself
_NAMES = {"bold": FO + "font-weight", "italic": FO + "font-style"}
_LANGUAGE_ATTRIBUTES = {
    "rtl": (STYLE + "language-complex", STYLE + "country-complex"),
    "east asian": (STYLE + "language-asian", STYLE + "country-asian"),
}


class Styles:
    def __init__(self, roots: list[Element]) -> None:
        self._styles: dict[tuple[str, str], Element] = {}
        self._defaults: dict[str, Element] = {}
        self._chains: dict[tuple[str, str], list[Element]] = {}
        self._font_families: dict[str, str] = {}
        for root in roots:
            for font in root.iter(STYLE + "font-face"):
                self._font_families[font.get(STYLE + "name", "")] = font.get(
                    SVG + "font-family", ""
                )
            for style in root.iter(STYLE + "style"):
                self._styles[style.get(STYLE + "family", ""), style.get(STYLE + "name", "")] = style
            for style in root.iter(STYLE + "default-style"):
                self._defaults[style.get(STYLE + "family", "")] = style

    def get_chain(self, name: str, family: str) -> list[Element]:
        """Return a style, its ancestors, and the default of the family."""
        key = family, name
        if key not in self._chains:
            chain: list[Element] = []
            while (style := self._styles.get((family, name))) is not None and len(
                chain
            ) < MAX_ANCESTORS:
                chain.append(style)
                name = style.get(STYLE + "parent-style-name", "")
            if family in self._defaults:
                chain.append(self._defaults[family])
            self._chains[key] = chain
        return self._chains[key]

    def get_names(self, name: str) -> list[str]:
        """Return the lower-case names of a paragraph style and its ancestors, as shown to people."""
        return [
            (style.get(STYLE + "display-name") or style.get(STYLE + "name", ""))
            .replace("_20_", " ")
            .lower()
            for style in self.get_chain(name, "paragraph")
            if style.get(STYLE + "name")
        ] or [name.replace("_20_", " ").lower()]

    def get_outline_level(self, name: str) -> int:
        for style in self.get_chain(name, "paragraph"):
            level = style.get(STYLE + "default-outline-level")
            if level is not None:
                return int(level) if level.isdecimal() else 0
        return 0

    def get_list_style(self, name: str) -> str:
        for style in self.get_chain(name, "paragraph"):
            if (list_style := style.get(STYLE + "list-style-name")) is not None:
                return str(list_style)
        return ""

    def get_own_property(self, text_styles: tuple[str, ...], attribute: str) -> str:
        """Return a property of the innermost text style that has it, without the paragraph's."""
        attribute = _NAMES.get(attribute, attribute)
        for name in reversed(text_styles):
            value = _find_property(self.get_chain(name, "text"), attribute)
            if value:
                return value
        return ""

    def is_struck(self, text_styles: tuple[str, ...]) -> bool:
        line = self.get_own_property(text_styles, STYLE + "text-line-through-style")
        kind = self.get_own_property(text_styles, STYLE + "text-line-through-type")
        return (line or "none") != "none" or (kind or "none") != "none"

    def is_not_displayed(self, paragraph_style: str, text_styles: tuple[str, ...]) -> bool:
        """Return whether text is hidden with all that is anchored in it."""
        return self._get_property(paragraph_style, text_styles, TEXT + "display") == "none"

    def is_hidden(
        self, paragraph_style: str, text_styles: tuple[str, ...], background: str
    ) -> bool:
        """Return whether text is hidden, or has the colour of its background."""
        if self.is_not_displayed(paragraph_style, text_styles):
            return True
        shading, size = (
            self._get_property(paragraph_style, text_styles, name)
            for name in (FO + "background-color", FO + "font-size")
        )
        colour = self._find_colour(paragraph_style, text_styles)
        background = read_hexadecimal(shading) or background
        return is_unreadable(colour, background, _read_points(size))

    def _find_colour(self, paragraph_style: str, text_styles: tuple[str, ...]) -> str:
        """Return the colour of text, '' for the automatic one.

        The opacity belongs to the colour beside it: LibreOffice writes 0% beside the automatic colour.
        """
        chains = [self.get_chain(name, "text") for name in reversed(text_styles)]
        chains.append(self.get_chain(paragraph_style, "paragraph"))
        for style in (style for chain in chains for style in chain):
            properties = style.find(STYLE + "text-properties")
            if properties is None:
                continue
            if properties.get(STYLE + "use-window-font-color") == "true":
                return ""
            if (colour := properties.get(FO + "color")) is not None:
                is_clear = properties.get(EXTENSION + "opacity") == "0%"
                return TRANSPARENT if is_clear else read_hexadecimal(colour)
        return ""

    def find_background(self, name: str, family: str, background: str) -> str:
        """Return the colour of a paragraph, a cell, a row or a table, or the one given for behind it."""
        for style in self.get_chain(name, family):
            for properties in style.iter(STYLE + f"{family}-properties"):
                if (value := properties.get(FO + "background-color")) is not None:
                    return read_hexadecimal(value) or background
        return background

    def find_box_background(self, name: str, background: str) -> str:
        """Return the colour of a frame or a shape, '' if it is a picture or a gradient."""
        for style in self.get_chain(name, "graphic"):
            properties = style.find(STYLE + "graphic-properties")
            if properties is None:
                continue
            fill = properties.get(DRAW + "fill")
            if fill not in {None, "none", "solid"}:
                return ""
            colour = properties.get(DRAW + "fill-color") if fill == "solid" else None
            if colour := read_hexadecimal(colour or properties.get(FO + "background-color")):
                return colour
        return background

    def get_language(self, paragraph_style: str, text_styles: tuple[str, ...], script: str) -> str:
        names = _LANGUAGE_ATTRIBUTES.get(script, (FO + "language", FO + "country"))
        language, country = (
            self._get_property(paragraph_style, text_styles, name) for name in names
        )
        if language in {"", "none", "zxx"}:
            return ""
        return language if country in {"", "none"} else f"{language}-{country}"

    def get_font(self, paragraph_style: str, text_styles: tuple[str, ...]) -> str:
        name = self._get_property(paragraph_style, text_styles, STYLE + "font-name")
        family = self._get_property(paragraph_style, text_styles, FO + "font-family")
        return (self._font_families.get(name) or name or family).strip("'")

    def _get_property(
        self, paragraph_style: str, text_styles: tuple[str, ...], attribute: str
    ) -> str:
        return self.get_own_property(text_styles, attribute) or _find_property(
            self.get_chain(paragraph_style, "paragraph"), attribute
        )


def _find_property(chain: list[Element], attribute: str) -> str:
    for style in chain:
        properties = style.find(STYLE + "text-properties")
        if properties is not None and (value := properties.get(attribute)) is not None:
            return str(value)
    return ""


def _read_points(size: str) -> float | None:
    """Return a length in points, or None for one that is relative to another size."""
    match = re.fullmatch(r"(\d{1,5}(?:\.\d{1,5})?)(pt|in|cm|mm|px)", size)
    units = {"pt": 1, "in": 72, "cm": 28.35, "mm": 2.835, "px": 0.75}
    return float(match[1]) * units[match[2]] if match else None
