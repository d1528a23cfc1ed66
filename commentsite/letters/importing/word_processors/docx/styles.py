"""The styles of a Word document: the property that holds after all styles and direct formatting."""

from typing import Any

from commentsite.letters.importing.word_processors.docx.elements import W, get_value, is_on
from commentsite.letters.importing.word_processors.package import Element

MAX_ANCESTORS = 50  # of a style, which can be based on itself


class Styles:
    def __init__(self, root: Element | None) -> None:
        self._styles: dict[str, Element] = {}
        self._default_ids: dict[str, str] = {}
        self._chains: dict[str, list[Element]] = {}
        self.defaults: Element | None = None
        if root is None:
            return
        self.defaults = root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        for style in root.iterfind(W + "style"):
            style_id = style.get(W + "styleId", "")
            self._styles[style_id] = style
            if is_on(style.get(W + "default")):
                self._default_ids[style.get(W + "type", "paragraph")] = style_id

    def get_chain(self, style_id: str | None, kind: str) -> list[Element]:
        """Return a style and those that it is based on. Without an id: the default style of the kind."""
        if style_id is None or style_id not in self._styles:
            style_id = self._default_ids.get(kind, "")
        if style_id not in self._chains:
            chain: list[Element] = []
            current: str | None = style_id
            while current in self._styles and len(chain) < MAX_ANCESTORS:
                chain.append(self._styles[current])
                current = get_value(chain[-1], "basedOn")
            self._chains[style_id] = chain
        return self._chains[style_id]

    def get_names(self, style_id: str | None) -> list[str]:
        """Return the lower-case names of a paragraph style and those that it is based on."""
        return [
            (get_value(style, "name") or "").lower()
            for style in self.get_chain(style_id, "paragraph")
        ]

    def get_paragraph_property(
        self, properties: Element | None, path: str, attribute: str = "val"
    ) -> str | None:
        """Return a property of a paragraph: its own, or that of its style."""
        own = _find(properties, path, attribute)
        if own is not None:
            return own
        return self.get_style_property(get_value(properties, "pStyle"), path, attribute)

    def get_style_property(
        self, style_id: str | None, path: str, attribute: str = "val", kind: str = "paragraph"
    ) -> str | None:
        part = {"paragraph": "pPr", "character": "rPr", "table": "rPr"}[kind]
        for style in self.get_chain(style_id, kind):
            value = _find(style.find(W + part), path, attribute)
            if value is not None:
                return value
        return None

    def is_run_property_on(
        self,
        run_properties: Element | None,
        name: str,
        paragraph_style: str | None,
        table_style: str | None = None,
    ) -> bool:
        """Return whether a toggle property holds: the run's own, or else the styles' by exclusive or.

        See ISO/IEC 29500-1, 17.7.3.
        """
        own = get_value(run_properties, name)
        if own is not None:
            return is_on(own)
        on = is_on(get_value(self.defaults, name))
        character_style = get_value(run_properties, "rStyle")
        from_styles = self._is_style_on(paragraph_style, "paragraph", name)
        if character_style:
            from_styles ^= self._is_style_on(character_style, "character", name)
        if table_style:
            from_styles ^= self._is_style_on(table_style, "table", name)
        return on or from_styles

    def get_run_property(
        self,
        run_properties: Element | None,
        name: str,
        paragraph_style: str | None,
        attribute: str = "val",
    ) -> str | None:
        """Return a property of a run that is not a toggle: its own, or the nearest style's."""
        for properties in self.list_run_properties(run_properties, paragraph_style):
            value = get_value(properties, name, attribute)
            if value:
                return value
        return None

    def list_run_properties(
        self, run_properties: Element | None, paragraph_style: str | None
    ) -> list[Any]:
        """Return the places of the properties of a run, the most important first."""
        candidates: list[Any] = [run_properties]
        if character_style := get_value(run_properties, "rStyle"):
            candidates += [
                style.find(W + "rPr") for style in self.get_chain(character_style, "character")
            ]
        candidates += [
            style.find(W + "rPr") for style in self.get_chain(paragraph_style, "paragraph")
        ]
        candidates.append(self.defaults)
        return candidates

    def _is_style_on(self, style_id: str | None, kind: str, name: str) -> bool:
        for style in self.get_chain(style_id, kind):
            value = get_value(style.find(W + "rPr"), name)
            if value is not None:
                return is_on(value)
        return False


def _find(element: Element | None, path: str, attribute: str) -> str | None:
    """Return an attribute of a descendant, given as names with `/` between."""
    *parents, name = path.split("/")
    for parent in parents:
        element = element.find(W + parent) if element is not None else None
    return get_value(element, name, attribute)
