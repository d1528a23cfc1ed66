"""Names of languages, by their BCP 47 code."""

from babel import Locale, UnknownLocaleError
from flask_babel import get_locale


def get_own_name(code: str) -> str:
    """Return the name of a language in that language, or the code if Babel does not know it."""
    language = _find_language(code)
    return (language.get_display_name() if language else None) or code


def get_translated_name(code: str) -> str:
    """Return the name of a language in the language of the page, or '' for an unknown code."""
    language = _find_language(code)
    return (language.get_display_name(get_locale() or "en") if language else None) or ""


def _find_language(code: str) -> Locale | None:
    try:
        return Locale.parse(code.strip(), sep="-")
    except (ValueError, UnknownLocaleError, TypeError):
        return None
