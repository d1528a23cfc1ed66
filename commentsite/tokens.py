"""Random tokens, identifiers and keys. No other module generates random values."""

import secrets
import uuid
from hashlib import sha256

# Digits and letters that a reader cannot confuse: no 0 and o, no 1, i and l. No vowels either, so that an id
# is no word: programs that extract articles leave out elements whose id has "nav" in it.
_READABLE_CHARACTERS = "23456789bcdfghjkmnpqrstvwxyz"


def new_token() -> str:
    """Return 128 random bits as 22 characters that are safe in a URL."""
    return secrets.token_urlsafe(16)


def new_short_id(length: int = 6) -> str:
    """Return a short random identifier that is easy to read. It is too short for a secret."""
    base = len(_READABLE_CHARACTERS)
    number = secrets.randbelow(base**length)
    return "".join(_READABLE_CHARACTERS[number // base**place % base] for place in range(length))


def random_below(limit: int) -> int:
    """Return a random integer from 0 to limit - 1."""
    return secrets.randbelow(limit)


def new_password() -> str:
    """Return a password that is easy to read aloud: five groups of four characters, about 96 bits."""
    return "-".join(new_short_id(4) for _ in range(5))


def new_secret_key() -> str:
    """Return 256 random bits as 43 characters."""
    return secrets.token_urlsafe(32)


def new_signing_seed() -> bytes:
    """Return 32 random bytes, the seed of an Ed25519 key."""
    return secrets.token_bytes(32)


def new_salt() -> str:
    """Return 256 random bits in hex, to hide what a hash is of."""
    return secrets.token_hex(32)


def new_uuid() -> str:
    return str(uuid.uuid4())


def hash_token(token: str) -> str:
    """Return the hash under which a token is stored. A token is random, so the hash needs no key."""
    return sha256(token.encode()).hexdigest()
