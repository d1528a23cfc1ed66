"""Compute and check the hash chain of the audit log. Pure functions, without storage.

Each entry contains the hash of the entry before it. Changing, removing or inserting an entry therefore breaks
every later entry, and one pass over the log finds the first broken one. A chain alone has two weaknesses. An
attacker with write access can compute all hashes again, and a reader must download the whole log to check one
entry. So the entries are also the leaves of a Merkle tree (`merkle`), whose root is signed once a day
(`tree_heads`). The signature prevents rewriting, and a proof of a few hashes shows that an entry is in the log.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

GENESIS_HASH = "0" * 64

# `json.dumps` would build an encoder for each call with these options.
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def canonical_json(fields: Mapping[str, Any]) -> bytes:
    """Return canonical JSON by RFC 8785, for strings, integers, lists and maps."""
    return _ENCODER.encode(fields).encode()


def hash_entry(fields: Mapping[str, Any]) -> str:
    """Return SHA-256 of the canonical JSON, in hex. The field `prev` holds the hash of the entry before."""
    return sha256(canonical_json(fields)).hexdigest()


def find_first_break(
    entries: Iterable[tuple[int, str, bytes, str]], size: int = 0, last_hash: str = GENESIS_HASH
) -> int | None:
    """Return the number (seq) of the first entry that breaks the chain, or None.

    Each entry is its number, the hash of the entry before it, its hashed bytes and its stored hash. `size` and
    `last_hash` are the end of the part of the chain that comes before these entries.
    """
    prev, expected_seq = last_hash, size + 1
    for seq, stated_prev, content, stored in entries:
        if seq != expected_seq or stated_prev != prev or sha256(content).hexdigest() != stored:
            return expected_seq
        prev, expected_seq = stored, expected_seq + 1
    return None
