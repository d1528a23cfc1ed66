"""Recognise the email addresses of commenters and staff in a text, by their keyed hashes."""

import re
from functools import lru_cache
from html import unescape

from commentsite.accounts.queries import list_staff
from commentsite.comments.hashing import hash_email
from commentsite.comments.queries import count_email_hashes, has_any_email_hash
from commentsite.comments.subscribers.queries import count_subscribers, has_any_subscriber_hash
from commentsite.encryption import Encryption

# More than an address can be. The words around it may touch it, as in text from a PDF.
_LIKE_AN_ADDRESS = re.compile(r"([^\s@<>\"]{1,64})@([^\s@<>\",;:/]{3,253})")
MAX_CACHED = 10_000  # results
MAX_READ_AHEAD = 80  # characters after the @ that are tried as a domain


class AddressRecogniser:
    """Looks up whatever is like an address. It decrypts no address and holds only those of staff.

    `own_address` is the one that the site shows on purpose.
    """

    def __init__(self, encryption: Encryption, own_address: str) -> None:
        self._encryption = encryption
        self._own_hash = hash_email(encryption, own_address)
        self._staff_hashes = {hash_email(encryption, person.email) for person in list_staff()}
        self._staff_hashes.discard(self._own_hash)
        self._is_known = lru_cache(MAX_CACHED)(
            self._look_up
        )  # the same addresses stand on many pages

    def count_addresses(self) -> int:
        """Return the number of different addresses that are recognised."""
        return count_email_hashes() + count_subscribers() + len(self._staff_hashes)

    def has_address(self, text: str) -> bool:
        """Return whether a text holds an address of a commenter or a member of staff."""
        found = set(_LIKE_AN_ADDRESS.findall(unescape(text)))
        return any(self._is_known(local, domain) for local, domain in found)

    def _look_up(self, local: str, domain: str) -> bool:
        """Return whether a part of the characters around the @ is an address of a person."""
        hashes = {
            hash_email(self._encryption, f"{local[start:]}@{domain[:end]}")
            for start in range(len(local))
            for end in range(3, min(len(domain), MAX_READ_AHEAD) + 1)
        }
        hashes.discard(self._own_hash)
        return (
            bool(hashes & self._staff_hashes)
            or has_any_email_hash(hashes)
            or has_any_subscriber_hash(hashes)
        )
