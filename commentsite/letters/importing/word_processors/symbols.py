"""Unicode characters for those of the fonts Symbol and Wingdings, which have codes of their own."""

CHECKED_BOX = "☒"
EMPTY_BOX = "☐"
BOXES_AND_TICKS = frozenset("☐☑☒✓✔✗✘□◻❑❒▢■")

_SYMBOL = (
    dict(
        zip(
            range(0x21, 0x7F),
            "!∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼",
            strict=True,
        )
    )
    | dict(
        zip(
            range(0xA0, 0xF0),
            "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪",
            strict=True,
        )
    )
    | {0xF1: "〉", 0xF2: "∫", 0xF3: "⌠", 0xF4: "⎮", 0xF5: "⌡", 0x20: " "}
)
_WINGDINGS = {
    0x20: " ", 0x21: "✏", 0x22: "✂", 0x23: "✁", 0x28: "☎", 0x29: "✆", 0x2A: "✉", 0x36: "⌛", 0x3E: "✇",
    0x3F: "✍", 0x41: "✌", 0x45: "☜", 0x46: "☞", 0x47: "☝", 0x48: "☟", 0x4A: "☺", 0x4B: "😐", 0x4C: "☹",
    0x4D: "💣", 0x4E: "☠", 0x4F: "⚐", 0x51: "✈", 0x52: "☼", 0x54: "❄", 0x58: "✠", 0x59: "✡", 0x5A: "☪",
    0x5B: "☯", 0x6C: "●", 0x6D: "❍", 0x6E: "■", 0x6F: EMPTY_BOX, 0x70: "◻", 0x71: "❑", 0x72: "❒",
    0x73: "⬧", 0x74: "⧫", 0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x78: "☒", 0x79: "⍓", 0x7A: "⌘", 0x7B: "❀",
    0x7D: "❝", 0x7E: "❞", 0x80: "⓪", 0x8B: "⓿", 0x9E: "·", 0x9F: "•", 0xA0: "▪", 0xA1: "○", 0xA2: "⭕",
    0xA3: "⭕", 0xA4: "◉", 0xA5: "◎", 0xA7: "▪", 0xA8: EMPTY_BOX, 0xAA: "✦", 0xAB: "★", 0xAC: "✶", 0xAD: "✴",
    0xAE: "✹", 0xAF: "✵", 0xD5: "⌫", 0xD6: "⌦", 0xD8: "➢", 0xDC: "➲", 0xDF: "←", 0xE0: "→", 0xE1: "↑",
    0xE2: "↓", 0xE3: "↖", 0xE4: "↗", 0xE5: "↙", 0xE6: "↘", 0xE8: "➔", 0xEF: "⇦", 0xF0: "⇨", 0xF1: "⇧",
    0xF2: "⇩", 0xF3: "⬄", 0xF4: "⇳", 0xFB: "✗", 0xFC: "✓", 0xFD: CHECKED_BOX, 0xFE: "☑",
} | {0x81 + index: chr(0x2460 + index) for index in range(10)} | {
    0x8C + index: chr(0x2776 + index) for index in range(10)
}  # fmt: skip
_WINGDINGS_2 = {
    0x20: " ", 0x4F: "✗", 0x50: "✓", 0x51: CHECKED_BOX, 0x52: "☑", 0x53: CHECKED_BOX, 0x54: CHECKED_BOX,
    0x55: "⮿", 0x56: "🛇", 0x97: "●", 0x98: "•", 0xA3: EMPTY_BOX, 0x2A: EMPTY_BOX,
}  # fmt: skip
_WEBDINGS = {0x20: " ", 0x61: "✓", 0x63: EMPTY_BOX, 0x67: "■", 0x72: "✗", 0x69: "ℹ", 0x6E: "●"}
_FONTS: dict[str, dict[int, str]] = {
    "symbol": _SYMBOL,
    "wingdings": _WINGDINGS,
    "wingdings 2": _WINGDINGS_2,
    "webdings": _WEBDINGS,
    "wingdings 3": {},  # arrows and triangles, each named in a remark
    "zapfdingbats": {},
    "itc zapf dingbats": {},
    "mt extra": {},
    "marlett": {},
}


def is_symbol_font(font: str) -> bool:
    return font.strip().lower() in _FONTS


def map_symbol(font: str, code: int) -> str:
    """Return the Unicode text of a character of a symbol font, or '' if it is unknown.

    `code` is the code of the font, or that code in the private use area from U+F000.
    """
    font = font.strip().lower()
    low = code - 0xF000 if 0xF000 <= code <= 0xF0FF else code
    if font in _FONTS:
        return _FONTS[font].get(low, "")
    if 0xE000 <= code <= 0xF8FF or not 0x20 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return ""
    return chr(code)
