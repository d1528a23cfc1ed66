"""Keyed hashes by which addresses and words are found again, and codes that only a mailbox learns."""

from hashlib import sha256

from commentsite.comments.sanitizer import clean_text
from commentsite.encryption import Encryption


def hash_email(encryption: Encryption, email: str) -> str:
    """Return the keyed hash under which an address is found again, whatever its case."""
    return encryption.keyed_hash("email", email.strip().lower())


def hash_text(body: str) -> str:
    """Return what two texts share that differ only in case and spaces."""
    return sha256(" ".join(clean_text(body).casefold().split()).encode()).hexdigest()
