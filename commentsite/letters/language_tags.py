"""Check the language of a letter, as a BCP 47 tag such as `en`, `fr-CA` or `zh-Hant`."""

import langcodes

from commentsite.errors import Invalid

MAX_TAG_LENGTH = 20
#: The tag of a text whose language nobody has stated and no check has found (ISO 639-2, BCP 47).
UNDETERMINED = "und"


def parse_language(text: str, *, field: str | None = "language") -> str:
    """Return the tag in its usual form, '' for an empty text. Raises Invalid on anything else.

    A browser refuses to work with a tag that is not valid, so none may reach a page.
    """
    tag = text.strip()
    if not tag:
        return ""
    if normalised := normalise_language(tag):
        return normalised
    msg = "“%(language)s” is not a code of a language. Enter one like en, fr or zh-Hant."
    raise Invalid(msg, field=field, language=tag[:40])


def normalise_language(tag: str) -> str:
    """Return a tag in its usual form, or '' if it is not a valid tag."""
    tag = tag.strip()
    try:
        if len(tag) <= MAX_TAG_LENGTH and tag.isascii() and langcodes.tag_is_valid(tag):
            return langcodes.standardize_tag(tag)
    except ValueError:
        pass
    return ""


def normalise_public_language(tag: str) -> str:
    """Return the tag of a language that anyone may state for a text, or '' for any other tag.

    The private parts of a tag may hold words of its sender, which would stand among the names of languages on public
    pages. The tag of an undetermined language states none.
    """
    normalised = normalise_language(tag)
    parsed = langcodes.get(normalised) if normalised else None
    if parsed is None or normalised.startswith("x-") or parsed.private or parsed.extensions:
        return ""
    language = parsed.language or UNDETERMINED
    is_private = len(language) == 3 and "qaa" <= language <= "qtz"  # ISO 639-2
    return "" if is_private or language == UNDETERMINED else normalised


def is_same_language(one: str, other: str) -> bool:
    """Return whether two valid tags name one language, whatever its country and script."""
    first, second = (langcodes.get(tag).prefer_macrolanguage().language for tag in (one, other))
    return first == second
