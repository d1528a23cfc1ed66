"""The attributes `lang` and `dir` of a text among words in another language."""

from markupsafe import Markup

from commentsite.letters.language_tags import UNDETERMINED
from commentsite.text.direction import estimate_direction, get_direction, guess_east_asian_language
from commentsite.web.context import current_site
from commentsite.web.http.languages import current_direction, current_language
from commentsite.web.rendering.default_texts import is_default_text


def describe_language(language: str) -> dict[str, str]:
    """Return the attributes `lang` and `dir` of a text, or of a field for it, in a language that may be unknown."""
    if language in {"", UNDETERMINED}:
        return {"dir": "auto"}
    return {"lang": language, "dir": get_direction(language)}


def describe_language_of_text(text: str, language: str = "", context: str = "") -> dict[str, str]:
    """Return the attributes `lang` and `dir` of a text by its language, or as far as its letters show them.

    A text of unknown language counts as one in the language of its `context`, such as the letter that it comments
    on, if the two run in the same direction. A text from left to right in any other context counts as English.
    """
    direction = estimate_direction(text)
    language = language or guess_east_asian_language(text)
    if not language and context:
        language = context if direction == get_direction(context) else ""
        if not language and direction == "ltr":
            language = "en"
    return {"lang": language, "dir": direction} if language else {"dir": direction}


def describe_language_of_site_text(text: str) -> dict[str, str]:
    """Return the attributes `lang` and `dir` of a text of the rules, which is translated if it is one of a new site."""
    if is_default_text(text):
        return {"lang": current_language(), "dir": current_direction()}
    return describe_language_of_text(text, "", current_site().language)


def format_interface_attributes() -> Markup:
    """Return ` lang="…" dir="…"` for words of the interface among a text in another language, to stand in a tag."""
    return Markup(' lang="{}" dir="{}"').format(current_language(), current_direction())
