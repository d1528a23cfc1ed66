"""The key that signs tree heads of the audit log (Ed25519, RFC 8032), and the signed bytes."""

import os
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from commentsite import tokens
from commentsite.audit.hash_chain import canonical_json
from commentsite.errors import ConfigurationError

# The prefix of the signed bytes. It prevents that a signature passes for one of another kind of data.
SIGNATURE_CONTEXT = b"commentsite log head v1\n"


class Signer:
    """A private key, with its public key in hex and its short id."""

    def __init__(self, seed: bytes) -> None:
        self.seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._key.public_key().public_bytes_raw().hex()
        self.key_id = key_id(self.public_key)

    def sign(self, head: bytes) -> str:
        """Return the signature of the bytes of a tree head, in hex."""
        return self._key.sign(SIGNATURE_CONTEXT + head).hex()


def key_id(public: str) -> str:
    """Return the id of a public key: the first 16 hex digits of its SHA-256."""
    return sha256(bytes.fromhex(public)).hexdigest()[:16]


def tree_head_bytes(size: int, root: str, at: str, key: str) -> bytes:
    """Return the canonical JSON of a tree head, as it is signed and published. `key` is the id of the key."""
    return canonical_json({"size": size, "root": root, "at": at, "key": key})


def is_valid_signature(head: bytes, signature: str, public: str) -> bool:
    """Return whether this key signed the bytes of a tree head.

    The signature must be written as `sign` writes it, in lower-case hex digits, so that any changed character is
    found.
    """
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        stored = bytes.fromhex(signature)
        key.verify(stored, SIGNATURE_CONTEXT + head)
    except (InvalidSignature, ValueError):
        return False
    return stored.hex() == signature


def generate_signer() -> Signer:
    return Signer(tokens.new_signing_seed())


def load_or_create_signer(path: Path) -> Signer:
    """Return the key of the installation, generated if the file does not exist.

    The caller must hold the lock of the audit log, so that two processes do not generate two keys. Raises
    ConfigurationError if other users can read the file, or if it holds no key.
    """
    if not path.exists():
        signer = generate_signer()
        save_signer(signer, path)
        return signer
    if path.stat().st_mode & 0o077:
        msg = f"Other users of this machine can read {path.name} in the instance folder. Run: chmod 600 {path}."
        raise ConfigurationError(msg)
    try:
        return Signer(bytes.fromhex(path.read_text(encoding="ascii")))
    except ValueError:
        msg = f"The file {path.name} in the instance folder holds no key. Restore it from your backup."
        raise ConfigurationError(msg) from None


def save_signer(signer: Signer, path: Path) -> None:
    """Write the key to its file atomically. It replaces an older key."""
    new_file = path.with_name(f"{path.name}.new")
    new_file.unlink(missing_ok=True)
    descriptor = os.open(new_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(signer.seed.hex() + "\n")
        file.flush()
        os.fsync(descriptor)
    new_file.replace(path)
