"""The key that signs heads of the log (Ed25519, RFC 8032), and what is signed."""

import os
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from commentsite import tokens
from commentsite.audit.hash_chain import canonical_json
from commentsite.errors import ConfigurationError

SIGNATURE_CONTEXT = (
    b"commentsite log head v1\n"  # what this key signs can be taken for nothing else
)


class Signer:
    """A private key, and the names its public half goes by."""

    def __init__(self, seed: bytes) -> None:
        """Take 32 random bytes."""
        self.seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._key.public_key().public_bytes_raw().hex()
        self.key_id = key_id(self.public_key)

    def sign(self, head: bytes) -> str:
        """Return the signature of a head, in hex."""
        return self._key.sign(SIGNATURE_CONTEXT + head).hex()


def key_id(public: str) -> str:
    """Return the short name of a public key: the first 16 hex digits of its SHA-256."""
    return sha256(bytes.fromhex(public)).hexdigest()[:16]


def tree_head_bytes(size: int, root: str, at: str, key: str) -> bytes:
    """Return the one JSON text of a head, as it is signed and published."""
    return canonical_json({"size": size, "root": root, "at": at, "key": key})


def is_valid_signature(head: bytes, signature: str, public: str) -> bool:
    """Say whether a signature of a head is by this key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), SIGNATURE_CONTEXT + head)
    except (InvalidSignature, ValueError):
        return False
    return True


def generate_signer() -> Signer:
    """Return a key that nobody had before."""
    return Signer(tokens.new_signing_seed())


def load_or_create_signer(path: Path) -> Signer:
    """Return the installation's key, made the first time; call it while no other writes to the log.

    Raises Unsafe, with the remedy, when others can read the file or it holds no key.
    """
    if not path.exists():
        signer = generate_signer()
        save_signer(signer, path)
        return signer
    if path.stat().st_mode & 0o077:
        msg = f"Others can read {path.name} in the instance folder. Run: chmod 600 {path}."
        raise ConfigurationError(msg)
    try:
        return Signer(bytes.fromhex(path.read_text(encoding="ascii")))
    except ValueError:
        msg = f"The file {path.name} in the instance folder holds no key. Restore it from your backup."
        raise ConfigurationError(msg) from None


def save_signer(signer: Signer, path: Path) -> None:
    """Write a key where the installation keeps it, whole or not at all; an older one is overwritten."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(signer.seed.hex() + "\n")
        file.flush()
        os.fsync(descriptor)
    beside.replace(path)
