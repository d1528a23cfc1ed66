"""The colours behind the text of a Word document."""

from collections.abc import Sequence

from commentsite.letters.importing.colours import BLACK, read_hexadecimal
from commentsite.letters.importing.word_processors.docx.elements import A, W
from commentsite.letters.importing.word_processors.package import Element


def find_shading(candidates: Sequence[Element | None], background: str) -> str:
    """Return the colour of the first shading, or the background."""
    for properties in candidates:
        if properties is not None and properties.find(W + "shd") is not None:
            return read_shading(properties, background)
    return background


def read_shading(properties: Element | None, background: str) -> str:
    """Return the colour of a shading, '' for a pattern, or the background if there is no shading."""
    shading = properties.find(W + "shd") if properties is not None else None
    if shading is None:
        return background
    pattern = shading.get(W + "val", "clear")
    if pattern == "solid":
        return read_hexadecimal(shading.get(W + "color")) or BLACK
    fill = read_hexadecimal(shading.get(W + "fill"))
    if pattern not in {"clear", "nil"}:
        return ""
    return fill or background


def find_box_colour(box: Element, background: str) -> str:
    """Return the colour of a text box, '' if it is not known."""
    shape = box.getparent().getparent() if box.getparent() is not None else None
    if shape is None:
        return ""
    properties = shape.find("{*}spPr")
    if properties is not None:
        colour = properties.find(f"{A}solidFill/{A}srgbClr")
        is_open = properties.find(A + "noFill") is not None
        return (
            background
            if is_open
            else read_hexadecimal(colour.get("val") if colour is not None else "")
        )
    if shape.get("filled", "") in {"f", "false"}:
        return background
    return read_hexadecimal(shape.get("fillcolor", ""))
