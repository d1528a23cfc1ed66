"""Kinds of pages by their paths. A language may stand in front of the path of a page, but for those of the desk."""

from commentsite.text.languages import INTERFACE_LANGUAGES

STAFF_PATHS = ("/desk/", "/account/", "/setup/")
#: The addresses of these pages are secrets.
SECRET_PATHS = ("/receipts/", "/subscriptions/", "/positions/", "/setup/")
PRIVATE_PATHS = (*STAFF_PATHS, *SECRET_PATHS)
#: The forms of these pages have passwords or codes.
PASSWORD_PATHS = ("/account/", "/setup/")


def strip_language(path: str) -> str:
    """Return the path of a page without the language in front, such as "/rules" for "/fr/rules"."""
    first, _, rest = path[1:].partition("/")
    return f"/{rest}" if first in INTERFACE_LANGUAGES else path


def is_staff_page(path: str) -> bool:
    """Return whether the page at this path is for staff. Only such pages have a session."""
    return f"{strip_language(path)}/".startswith(STAFF_PATHS)


def is_account_page(path: str) -> bool:
    """Return whether the page at this path is about an account: sign-in, invitations, passwords, second steps."""
    return f"{strip_language(path)}/".startswith("/account/")


def has_password_form(path: str) -> bool:
    """Return whether a form of the page at this path may have a password or a code."""
    return f"{strip_language(path)}/".startswith(PASSWORD_PATHS)


def is_desk_or_account(path: str) -> bool:
    """Return whether the page at this path is for people with an account, unlike the pages of `/setup/`."""
    return f"{path}/".startswith("/desk/") or is_account_page(path)


def is_secret_page(path: str) -> bool:
    """Return whether the page at this path has an address that only its recipient may know."""
    return strip_language(path).startswith(SECRET_PATHS)


def is_private_page(path: str) -> bool:
    """Return whether no cache may store the page at this path."""
    return f"{strip_language(path)}/".startswith(PRIVATE_PATHS)
