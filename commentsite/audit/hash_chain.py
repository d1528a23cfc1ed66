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


def canonical_json(fields: Mapping[str, Any]) -> bytes:
    """Return canonical JSON by RFC 8785, for strings, integers, lists and maps."""
    return json.dumps(
        fields,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    ).encode()


def hash_entry(fields: Mapping[str, Any]) -> str:
    """Return SHA-256 of the canonical JSON, in hex. The field `prev` holds the hash of the entry before."""
    return sha256(canonical_json(fields)).hexdigest()


def find_first_break(entries: Iterable[tuple[Mapping[str, Any], str]]) -> int | None:
    """Return the number (seq) of the first entry that breaks the chain, or None.

    Each entry is a pair of its hashed fields and its stored hash.
    """
    prev, expected_seq = GENESIS_HASH, 1
    for fields, stored in entries:
        if fields["seq"] != expected_seq or fields["prev"] != prev or hash_entry(fields) != stored:
            return expected_seq
        prev, expected_seq = stored, expected_seq + 1
    return None
