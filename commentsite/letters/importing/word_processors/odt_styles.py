"""The styles of an OpenDocument text: what holds for a piece of text after all of them."""

from commentsite.letters.importing.word_processors.package import Element

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
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

    def is_hidden(
        self, paragraph_style: str, text_styles: tuple[str, ...], *, is_shaded: bool
    ) -> bool:
        if self._get_property(paragraph_style, text_styles, TEXT + "display") == "none":
            return True
        colour = self._get_property(paragraph_style, text_styles, FO + "color").lower()
        background = self._get_property(paragraph_style, text_styles, FO + "background-color")
        return colour == "#ffffff" and not is_shaded and not _is_coloured(background)

    def is_shaded(self, name: str, family: str) -> bool:
        for style in self.get_chain(name, family):
            for properties in style.iter(STYLE + f"{family}-properties"):
                if (value := properties.get(FO + "background-color")) is not None:
                    return _is_coloured(value)
        return False

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


def _is_coloured(value: str) -> bool:
    return value.lower() not in {"", "transparent", "#ffffff"}
