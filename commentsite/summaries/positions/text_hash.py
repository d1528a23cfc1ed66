"""The hash of a position, by which a later change of its text is noticed."""

import unicodedata
from hashlib import sha256


def hash_position_text(title: str, body: str) -> str:
    """Return the SHA-256 of title and text in hex, whatever their line breaks and repeated spaces."""
    parts = (" ".join(unicodedata.normalize("NFC", part).split()) for part in (title, body))
    return sha256("\n".join(parts).encode()).hexdigest()
