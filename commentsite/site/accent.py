"""Check the accent colour of a site, and derive from it the colours that go with it.

Links, buttons and focus rings have this colour, in light and in dark mode. Text needs a contrast of at least
4.5:1 with its background (WCAG 2.2, success criterion 1.4.3).
"""

import colorsys
import re
from dataclasses import dataclass

from commentsite.errors import Invalid

MIN_CONTRAST = 4.5
#: The backgrounds of each mode on which the accent stands: page, sunk areas, fields (see static/css/tokens.css).
LIGHT_BACKGROUNDS = ("#fdfcfa", "#f4f2ed", "#ffffff")
DARK_BACKGROUNDS = ("#15171b", "#1e2126", "#101215")
WHITE, INK = "#ffffff", "#0e1116"
_DEEPER = 0.3  # share of black or white in the colour of a link under the pointer
_SOFTER = 0.3  # share of white in the accent of dark mode
_WASH = {False: 0.09, True: 0.16}  # share of the accent in the wash behind chosen things
_STEPS = 200
_COLOUR = re.compile(r"#[0-9a-f]{6}")

Rgb = tuple[float, float, float]  # each from 0 to 1


@dataclass(frozen=True)
class Palette:
    """The colours of one mode that depend on the accent."""

    accent: str
    deep: str  # of a link under the pointer
    on_accent: str  # of text on the accent
    wash: str  # behind chosen things


def parse_colour(text: str, field: str) -> str:
    """Return a colour as "#rrggbb" in lower case, '' for an empty text. Raises Invalid on anything else."""
    colour = text.strip().lower()
    if re.fullmatch(r"#?[0-9a-f]{3}", colour):
        colour = "#" + "".join(2 * digit for digit in colour.lstrip("#"))
    elif re.fullmatch(r"[0-9a-f]{6}", colour):
        colour = f"#{colour}"
    if colour and not _COLOUR.fullmatch(colour):
        msg = "“%(colour)s” is not a colour. Enter one like #1e3f80."
        raise Invalid(msg, field=field, colour=text.strip()[:20])
    return colour


def check_accent(accent: str, accent_dark: str) -> None:
    """Raise Invalid if text in one of the colours is hard to read, and name the nearest colour that is not.

    An empty colour is the built-in or derived one, which is readable.
    """
    if accent and not _is_readable(accent, is_dark=False):
        msg = (
            "Text in %(colour)s is hard to read on the light background: the contrast is %(contrast)s to 1, and at "
            "least 4.5 to 1 is needed. The nearest colour that works is %(nearest)s."
        )
        raise Invalid(msg, field="accent", **_describe(accent, is_dark=False))
    if accent_dark and not _is_readable(accent_dark, is_dark=True):
        msg = (
            "Text in %(colour)s is hard to read on the dark background: the contrast is %(contrast)s to 1, and at "
            "least 4.5 to 1 is needed. The nearest colour that works is %(nearest)s."
        )
        raise Invalid(msg, field="accent_dark", **_describe(accent_dark, is_dark=True))


def build_palette(colour: str, *, is_dark: bool) -> Palette:
    """Return the colours of a mode for an accent, which is moved to the nearest readable one if it is not."""
    accent = find_nearest_readable(colour, is_dark=is_dark)
    return Palette(
        accent=accent,
        deep=_mix(accent, WHITE if is_dark else "#000000", _DEEPER),
        on_accent=max((WHITE, INK), key=lambda text: compute_contrast(accent, text)),
        wash=_wash_of(accent, is_dark=is_dark),
    )


def derive_dark_accent(accent: str) -> str:
    """Return the colour for dark mode that goes with an accent for light mode. A strong colour glares there."""
    return _mix(find_nearest_readable(accent, is_dark=True), WHITE, _SOFTER)


def find_nearest_readable(colour: str, *, is_dark: bool) -> str:
    """Return the colour of the same hue with the smallest change of lightness that is readable in the mode."""
    if _is_readable(colour, is_dark=is_dark):
        return colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*_to_rgb(colour))
    end = 1.0 if is_dark else 0.0
    for step in range(1, _STEPS):
        moved = lightness + (end - lightness) * step / _STEPS
        candidate = _to_hex(colorsys.hls_to_rgb(hue, moved, saturation))
        if _is_readable(candidate, is_dark=is_dark):
            return candidate
    return WHITE if is_dark else "#000000"


def compute_contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _is_readable(colour: str, *, is_dark: bool) -> bool:
    return _lowest_contrast(colour, is_dark=is_dark) >= MIN_CONTRAST


def _lowest_contrast(colour: str, *, is_dark: bool) -> float:
    backgrounds = DARK_BACKGROUNDS if is_dark else LIGHT_BACKGROUNDS
    wash = _wash_of(colour, is_dark=is_dark)
    return min(compute_contrast(colour, background) for background in (*backgrounds, wash))


def _wash_of(colour: str, *, is_dark: bool) -> str:
    paper = (DARK_BACKGROUNDS if is_dark else LIGHT_BACKGROUNDS)[0]
    return _mix(paper, colour, _WASH[is_dark])


def _describe(colour: str, *, is_dark: bool) -> dict[str, str]:
    # Rounded down, so that a colour just below the limit does not seem to reach it.
    contrast = int(_lowest_contrast(colour, is_dark=is_dark) * 10) / 10
    return {
        "colour": colour,
        "contrast": f"{contrast:.1f}",
        "nearest": find_nearest_readable(colour, is_dark=is_dark),
    }


def _mix(base: str, other: str, share: float) -> str:
    pairs = zip(_to_rgb(base), _to_rgb(other), strict=True)
    red, green, blue = (one + (two - one) * share for one, two in pairs)
    return _to_hex((red, green, blue))


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _to_rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _to_hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb)
