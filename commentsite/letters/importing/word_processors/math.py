"""Write a formula of a Word document on one line."""

from commentsite.letters.importing.word_processors.package import Element

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


def write_formula(element: Element) -> str:
    """Return the characters of an OMML element in reading order, with signs for its structure."""
    name = str(element.tag).rpartition("}")[2]
    if name in {"t", "delText"}:
        return element.text or ""
    if name in _WRITERS:
        template, parts = _WRITERS[name]
        return template.format(*(_write_part(element, part) for part in parts))
    if name == "d":
        return _write_delimiters(element)
    if name == "nary":
        sign = _read_property(element, "naryPr", "chr", "∫")
        limits = "".join(
            f"{mark}{text}"
            for mark, part in (("_", "sub"), ("^", "sup"))
            if (text := _write_part(element, part))
        )
        return f"{sign}{limits} {_write_part(element, 'e')}"
    if name == "rad":
        degree = _write_part(element, "deg")
        return f"{degree}√({_write_part(element, 'e')})"
    separator = "; " if name in {"m", "eqArr", "oMathPara"} else " " if name == "mr" else ""
    return separator.join(
        text
        for child in element
        if not str(child.tag).endswith("Pr") and (text := write_formula(child))
    )


_WRITERS = {
    "f": ("({0})/({1})", ("num", "den")),
    "sSup": ("{0}^{1}", ("e", "sup")),
    "sSub": ("{0}_{1}", ("e", "sub")),
    "sSubSup": ("{0}_{1}^{2}", ("e", "sub", "sup")),
    "limLow": ("{0}_{1}", ("e", "lim")),
    "limUpp": ("{0}^{1}", ("e", "lim")),
}


def _write_part(element: Element, name: str) -> str:
    part = element.find(M + name)
    text = write_formula(part) if part is not None else ""
    return f"({text})" if name in {"sub", "sup", "lim"} and len(text) > 1 else text


def _write_delimiters(element: Element) -> str:
    begin = _read_property(element, "dPr", "begChr", "(")
    end = _read_property(element, "dPr", "endChr", ")")
    separator = _read_property(element, "dPr", "sepChr", "|")
    return begin + separator.join(write_formula(part) for part in element.iterfind(M + "e")) + end


def _read_property(element: Element, group: str, name: str, default: str) -> str:
    item = element.find(f"{M}{group}/{M}{name}")
    return str(item.get(M + "val", "")) if item is not None else default
