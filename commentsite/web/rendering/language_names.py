"""Names of languages, by their BCP 47 code."""

from collections.abc import Iterable

from babel import Locale, UnknownLocaleError
from flask_babel import get_locale
from wtforms.fields.choices import SelectChoice

from commentsite.text.collation import collation_key

#: The languages that forms offer for the site, its pages and comments, with their own names from CLDR. Forms about
#: letters offer more. Babel would load all data of a language to find its name, and keep it: almost a megabyte for each.
OFFERED_LANGUAGES = {
    "id": "Indonesia", "de": "Deutsch", "en": "English", "es": "español", "fr": "français", "it": "italiano",
    "nl": "Nederlands", "pl": "polski", "pt": "português", "sw": "Kiswahili", "vi": "Tiếng Việt", "tr": "Türkçe",
    "ru": "русский", "uk": "українська", "ar": "العربية", "fa": "فارسی", "ur": "اردو", "he": "עברית", "hi": "हिन्दी",
    "bn": "বাংলা", "zh": "中文", "ja": "日本語", "ko": "한국어",
}  # fmt: skip


def get_own_name(code: str) -> str:
    """Return the name of a language in that language, or the code if Babel does not know it."""
    if name := OFFERED_LANGUAGES.get(code):
        return name
    language = _find_language(code)
    return (language.get_display_name() if language else None) or code


def get_translated_name(code: str) -> str:
    """Return the name of a language in the language of the page, or '' for an unknown code."""
    language = _find_language(code)
    return (language.get_display_name(get_locale() or "en") if language else None) or ""


def name_language(code: str) -> str:
    """Return the name of a language in the language of the page, and its own name if that differs."""
    translated, own = get_translated_name(code), get_own_name(code)
    if not translated or translated.casefold() == own.casefold():
        return translated or own
    return f"{translated} ({own})"


def name_languages(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return each code with the name of its language, in the order of the names. An empty code is left out."""
    named = [(code, name_language(code)) for code in set(codes) - {""}]
    return sorted(named, key=lambda pair: collation_key(pair[1]))


def list_language_choices(chosen: str) -> list[SelectChoice]:
    """Return the choices of a form, by the own names of the languages. They include the chosen language."""
    codes = (
        OFFERED_LANGUAGES if chosen in {"", *OFFERED_LANGUAGES} else (chosen, *OFFERED_LANGUAGES)
    )
    return [SelectChoice(value=code, label=get_own_name(code)) for code in codes]


def _find_language(code: str) -> Locale | None:
    try:
        return Locale.parse(code.strip(), sep="-")
    except (ValueError, UnknownLocaleError, TypeError):
        return None
