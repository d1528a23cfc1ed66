"""Hashes by which comments with the same email address or the same text are found."""

from hashlib import sha256

from commentsite.encryption import Encryption
from commentsite.text.email_addresses import clean_email
from commentsite.text.plain_text import clean_text


def hash_email(encryption: Encryption, email: str) -> str:
    """Return the keyed hash of an email address, which ignores case."""
    return encryption.keyed_hash("email", clean_email(email).lower())


def hash_text(body: str) -> str:
    """Return a hash that texts share when they differ only in case and white space."""
    return sha256(" ".join(clean_text(body).casefold().split()).encode()).hexdigest()
