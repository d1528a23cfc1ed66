"""The languages of the interface."""

#: The official languages of the United Nations. Chinese is in simplified characters.
INTERFACE_LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")
_TRADITIONAL_CHINESE = {"zh-hant", "zh-tw", "zh-hk", "zh-mo"}


def find_interface_language(tag: str) -> str | None:
    """Return the interface language of a BCP 47 tag, such as "fr" for "fr-CA", or None if there is none."""
    lowered = tag.lower()
    primary = lowered.partition("-")[0]
    if lowered.startswith(tuple(_TRADITIONAL_CHINESE)) or primary not in INTERFACE_LANGUAGES:
        return None
    return primary
