"""Read email addresses as people type and paste them: invisible characters, other scripts, one spelling.

A domain in another script is kept as people read it. It is equal to its form in ASCII (`xn--…`), which mail
servers get. A local part outside ASCII is refused, because few mail servers accept one.
"""

import re

from email_validator import EmailNotValidError, validate_email

MAX_LENGTH = 254
# Soft hyphens, zero-width characters, marks and overrides of direction, and spaces that are not typed.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
)
# The joiners are part of some Persian and Indic domain names, so only those at the ends go.
_AT_THE_ENDS = " \t\r\n\u200c\u200d<>"
_FULL_WIDTH = str.maketrans({"＠": "@", "．": "."})


class InvalidEmail(ValueError):
    """A text is not an email address that messages can be sent to. `message` says so to a person."""

    message = "Enter an email address like name@example.org."


class UnsupportedLocalPart(InvalidEmail):
    """The part before the @ has letters outside ASCII."""

    message = (
        "Only letters from a to z, digits and signs such as . - + _ can stand before the @ here, because few"
        " mail servers accept others. Enter another address."
    )


def clean_email(text: str) -> str:
    """Return an address without what a copy from a page or a chat adds to it."""
    visible = _INVISIBLE.sub("", text).translate(_FULL_WIDTH).strip(_AT_THE_ENDS)
    return visible[7:] if visible[:7].lower() == "mailto:" else visible


def normalize_email(text: str) -> str:
    """Return the one spelling of an address. Raises InvalidEmail or UnsupportedLocalPart. Needs no network."""
    address = clean_email(text)
    if len(address) > MAX_LENGTH or not _is_printable(address):
        raise InvalidEmail
    local_part, _at, domain = address.rpartition("@")
    if local_part and domain and not local_part.isascii() and _is_valid(f"a@{domain}"):
        raise UnsupportedLocalPart
    try:
        return validate_email(
            address, check_deliverability=False, test_environment=True, allow_smtputf8=False
        ).normalized
    except EmailNotValidError:
        raise InvalidEmail from None


def _is_printable(address: str) -> bool:
    return address.replace("\u200c", "").replace("\u200d", "").isprintable()


def _is_valid(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
