"""Keep what must be stored but not read by whoever copies the database.

Addresses are sealed (Fernet) so that only this installation's keys open them, and looked up
by a keyed hash, so that nobody can test a list of known addresses against a copy.
"""

import base64
import hmac
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Encryption:
    """Seal, open and hash with keys derived from the installation's secret.

    `secrets` holds the current secret first and older ones after it. The first seals and
    all of them open, so a secret can be rotated. The oldest makes the keyed hashes, which
    cannot be made again from what is stored.
    """

    def __init__(self, secrets: tuple[str, ...]) -> None:
        """Derive one key for each purpose (HKDF, RFC 5869), so that none is used twice."""
        self._fernet = MultiFernet(
            [Fernet(_derive_bytes(s, "seal", urlsafe=True)) for s in secrets]
        )
        self._hash_key = _derive_bytes(secrets[-1], "hash")

    def encrypt(self, text: str) -> bytes:
        """Return the text encrypted and authenticated."""
        return self._fernet.encrypt(text.encode())

    def decrypt(self, encrypted: bytes) -> str | None:
        """Return the text, or None when no key of ours opens it."""
        try:
            return self._fernet.decrypt(encrypted).decode()
        except InvalidToken:
            return None

    def keyed_hash(self, purpose: str, value: str) -> str:
        """Return HMAC-SHA256 in hex; the purpose keeps equal values apart in different columns."""
        return hmac.new(self._hash_key, f"{purpose}\0{value}".encode(), sha256).hexdigest()


def derive_key(secret: str, purpose: str) -> str:
    """Return a key for a purpose of a library's own, as 32 bytes in base64."""
    return _derive_bytes(secret, purpose, urlsafe=True).decode()


def _derive_bytes(secret: str, purpose: str, *, urlsafe: bool = False) -> bytes:
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"commentsite {purpose}".encode())
    key = hkdf.derive(secret.encode())
    return base64.urlsafe_b64encode(key) if urlsafe else key
