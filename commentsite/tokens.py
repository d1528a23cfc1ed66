"""The only source of randomness: names that nobody can guess."""

import secrets
from hashlib import sha256

_READABLE_CHARACTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def new_token() -> str:
    """Return 128 random bits as 22 characters that are safe in an address."""
    return secrets.token_urlsafe(16)


def new_short_id(length: int = 6) -> str:
    """Return a short random name without letters that look alike; not a secret."""
    return "".join(secrets.choice(_READABLE_CHARACTERS) for _ in range(length))


def random_below(number: int) -> int:
    """Return a whole number from 0 on that is smaller than this one."""
    return secrets.randbelow(number)


def new_password() -> str:
    """Return a password that can be read aloud: five groups of four, about 99 bits."""
    return "-".join(new_short_id(4) for _ in range(5))


def new_secret_key() -> str:
    """Return 256 random bits for a secret key."""
    return secrets.token_urlsafe(32)


def new_signing_seed() -> bytes:
    """Return 32 random bytes to make a signing key from."""
    return secrets.token_bytes(32)


def hash_token(token: str) -> str:
    """Return the hash under which a token is stored. A token is random, so a hash without a key is enough."""
    return sha256(token.encode()).hexdigest()
