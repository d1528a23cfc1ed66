"""The scripts that the fonts of this machine cover, besides those that the site brings along."""

import re
import shutil
import subprocess
from functools import cache
from typing import NamedTuple

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

FC_LIST_TIMEOUT = 20  # seconds


class Script(NamedTuple):
    """A script that a PDF needs a font of the machine for."""

    name: LazyString
    ranges: str  # its characters, as in a character class of a regular expression
    samples: str  # a font that has these characters can write the script
    package: str  # of Debian


# Latin, Greek, Cyrillic and Arabic are not here. Their fonts are in static/vendor.
SCRIPTS = (
    Script(
        _l("Chinese"),
        "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
        "中文国",
        "fonts-noto-cjk",
    ),
    Script(_l("Japanese"), "\u3040-\u30ff\u31f0-\u31ff", "あアん", "fonts-noto-cjk"),
    Script(_l("Korean"), "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af", "한국", "fonts-noto-cjk"),
    Script(_l("Hebrew"), "\u0590-\u05ff", "אתם", "culmus"),
    Script(_l("Devanagari"), "\u0900-\u097f", "कह", "fonts-noto-core"),
    Script(_l("Bengali"), "\u0980-\u09ff", "কহ", "fonts-noto-core"),
    Script(_l("Gurmukhi"), "\u0a00-\u0a7f", "ਕਹ", "fonts-noto-core"),
    Script(_l("Gujarati"), "\u0a80-\u0aff", "કહ", "fonts-noto-core"),
    Script(_l("Odia"), "\u0b00-\u0b7f", "କହ", "fonts-noto-core"),
    Script(_l("Tamil"), "\u0b80-\u0bff", "கஹ", "fonts-noto-core"),
    Script(_l("Telugu"), "\u0c00-\u0c7f", "కహ", "fonts-noto-core"),
    Script(_l("Kannada"), "\u0c80-\u0cff", "ಕಹ", "fonts-noto-core"),
    Script(_l("Malayalam"), "\u0d00-\u0d7f", "കഹ", "fonts-noto-core"),
    Script(_l("Sinhala"), "\u0d80-\u0dff", "කහ", "fonts-noto-core"),
    Script(_l("Thai"), "\u0e00-\u0e7f", "กฮ", "fonts-noto-core"),
    Script(_l("Lao"), "\u0e80-\u0eff", "ກຮ", "fonts-noto-core"),
    Script(_l("Tibetan"), "\u0f00-\u0fff", "ཀཧ", "fonts-noto-core"),
    Script(_l("Burmese"), "\u1000-\u109f", "ကဟ", "fonts-noto-core"),
    Script(_l("Georgian"), "\u10a0-\u10ff", "აჰ", "fonts-noto-core"),
    Script(_l("Armenian"), "\u0530-\u058f", "աև", "fonts-noto-core"),
    Script(_l("Ethiopic"), "\u1200-\u139f", "ሀፐ", "fonts-noto-core"),
    Script(_l("Khmer"), "\u1780-\u17ff", "កហ", "fonts-noto-core"),
)


def list_missing_scripts(text: str) -> list[str]:
    """Return the names of the scripts of a text that no font on this machine can write."""
    characters = "".join(set(text))
    return [
        str(script.name)
        for script in list_scripts_without_font()
        if re.search(f"[{script.ranges}]", characters)
    ]


@cache  # fonts installed later count after the next start
def list_scripts_without_font() -> tuple[Script, ...]:
    """Return the scripts that no font on this machine can write. Empty if `can_list_fonts` is False."""
    if not can_list_fonts():
        return ()
    return tuple(script for script in SCRIPTS if not _has_font(script.samples))


def can_list_fonts() -> bool:
    """Return whether fontconfig's program is installed."""
    return shutil.which("fc-list") is not None


def _has_font(samples: str) -> bool:
    points = " ".join(f"{ord(character):x}" for character in samples)
    found = subprocess.run(  # noqa: S603  # a program of the system, with our own arguments
        ["fc-list", f":charset={points}", "family"],  # noqa: S607
        capture_output=True,
        timeout=FC_LIST_TIMEOUT,
        check=False,
    )
    return bool(found.stdout.strip())
