"""The languages that the forms about a letter offer, by their names."""

from dataclasses import dataclass

from commentsite.letters.language_tags import UNDETERMINED
from commentsite.web.rendering.language_names import name_languages

#: Offered beside the language that a letter has. A file can state any other.
LANGUAGES = (
    *("am", "ar", "bg", "bn", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "ga"),
    *("he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "km", "ko", "lt", "lv"),
    *("mk", "mn", "ms", "mt", "my", "nb", "ne", "nl", "pl", "pt", "ro", "ru", "si", "sk", "sl"),
    *("so", "sq", "sr", "sv", "sw", "ta", "th", "tr", "uk", "ur", "uz", "vi", "zh", "zh-Hant"),
)


@dataclass(frozen=True)
class LanguageChoice:
    code: str
    name: str
    is_selected: bool


def build_language_choices(selected: str, *others: str) -> tuple[LanguageChoice, ...]:
    """Build the options of a field, sorted by name. `others` are languages to offer besides LANGUAGES.

    A selected code that is no language is offered too, so that a refused form keeps it.
    """
    named = name_languages({*LANGUAGES, *others, selected} - {UNDETERMINED})
    return tuple(LanguageChoice(code, name, code == selected) for code, name in named)
