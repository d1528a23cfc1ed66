"""The addresses of licences that editors name in words."""

import re

_CREATIVE_COMMONS = re.compile(
    r"\bcc[ -]?(by(?:-nc)?(?:-sa|-nd)?)(?:[ -]v?([1-4]\.[05]))?(?![\w.-])", re.IGNORECASE
)
_PUBLIC_DOMAIN = re.compile(r"\bcc[ -]?0(?:[ -]1\.0)?\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
NEWEST_VERSION = "4.0"


def find_licence_url(licence: str) -> str:
    """Return the address of a licence, such as "CC BY-SA 4.0", or an empty string for an unknown one.

    An address in the text itself comes first.
    """
    address = _ADDRESS.search(licence)
    if address:
        return address[0].rstrip(".,;)")
    if _PUBLIC_DOMAIN.search(licence):
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    # Spaces and hyphens between the elements are used alike: "CC BY NC", "CC-BY-NC".
    elements = re.sub(r"[ -](?=(?:nc|nd|sa)\b)", "-", licence, flags=re.IGNORECASE)
    found = _CREATIVE_COMMONS.search(elements)
    if not found:
        return ""
    return f"https://creativecommons.org/licenses/{found[1].lower()}/{found[2] or NEWEST_VERSION}/"
