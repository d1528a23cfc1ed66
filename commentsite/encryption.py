"""Encrypt personal data in the database, and compute keyed hashes to look it up by.

Email addresses and queued emails are stored encrypted (Fernet: AES-128-CBC with HMAC-SHA256), so that a copy
of the database does not reveal them. The application must also find rows by address, for example to recognise
a sender. Encryption gives different bytes each time, so a second column holds a keyed hash (HMAC-SHA256) of
the address. An attacker cannot test a list of known addresses against a copy without the key.

All keys derive from COMMENTSITE_SECRET_KEY, which lists secrets, the current one first. To rotate the secret,
put a new one in front. New data is encrypted with it, and the older secrets still decrypt older data. The
oldest secret must stay in the list: the keyed hashes derive from it, and they cannot be computed again without
the addresses. Removing it would also make older data unreadable.
"""

import base64
import hmac
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Encryption:
    """Encryption and keyed hashes with the secrets of one installation, the current secret first."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        # HKDF (RFC 5869) derives a separate key for each purpose, so that no key serves two algorithms.
        self._fernet = MultiFernet(
            [Fernet(_derive_bytes(s, "seal", urlsafe=True)) for s in secrets]
        )
        self._current = Fernet(_derive_bytes(secrets[0], "seal", urlsafe=True))
        self._hash_key = _derive_bytes(secrets[-1], "hash")

    def encrypt(self, text: str) -> bytes:
        """Return the text, encrypted and authenticated with the current secret."""
        return self._fernet.encrypt(text.encode())

    def decrypt(self, encrypted: bytes) -> str | None:
        """Return the text, or None if none of the secrets decrypts it."""
        try:
            return self._fernet.decrypt(encrypted).decode()
        except InvalidToken:
            return None

    def keyed_hash(self, purpose: str, value: str) -> str:
        """Return HMAC-SHA256 in hex. A different purpose gives a different hash of the same value.

        Columns of different purposes therefore cannot be matched with each other.
        """
        return hmac.new(self._hash_key, f"{purpose}\0{value}".encode(), sha256).hexdigest()

    def make_check(self) -> bytes:
        """Return a value by which `is_own_check` recognises the current and the oldest secret."""
        return self.encrypt(self.keyed_hash("key check", ""))

    def is_own_check(self, encrypted: bytes) -> bool:
        """Return whether the secrets contain those that made this check value."""
        return self.decrypt(encrypted) == self.keyed_hash("key check", "")

    def is_encrypted_with_current(self, encrypted: bytes) -> bool:
        """Return whether the current secret alone decrypts this value."""
        try:
            self._current.decrypt(encrypted)
        except InvalidToken:
            return False
        return True


def derive_key(secret: str, purpose: str) -> str:
    """Return a key for a library, such as the one that encrypts TOTP secrets: 32 bytes in URL-safe base64."""
    return _derive_bytes(secret, purpose, urlsafe=True).decode()


def _derive_bytes(secret: str, purpose: str, *, urlsafe: bool = False) -> bytes:
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"commentsite {purpose}".encode())
    key = hkdf.derive(secret.encode())
    return base64.urlsafe_b64encode(key) if urlsafe else key
