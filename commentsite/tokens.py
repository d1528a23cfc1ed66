"""The only source of randomness: names that nobody can guess."""

import secrets
from hashlib import sha256

_READABLE = "23456789abcdefghjkmnpqrstuvwxyz"


def new() -> str:
    """Return 128 random bits as 22 characters that are safe in an address."""
    return secrets.token_urlsafe(16)


def short(length: int = 6) -> str:
    """Return a short random name without letters that look alike; not a secret."""
    return "".join(secrets.choice(_READABLE) for _ in range(length))


def below(number: int) -> int:
    """Return a whole number from 0 on that is smaller than this one."""
    return secrets.randbelow(number)


def password() -> str:
    """Return a password that can be read aloud: five groups of four, about 99 bits."""
    return "-".join(short(4) for _ in range(5))


def key() -> str:
    """Return 256 random bits for a secret key."""
    return secrets.token_urlsafe(32)


def seed() -> bytes:
    """Return 32 random bytes to make a signing key from."""
    return secrets.token_bytes(32)


def hash_token(token: str) -> str:
    """Return the hash under which a token is stored. A token is random, so a hash without a key is enough."""
    return sha256(token.encode()).hexdigest()
