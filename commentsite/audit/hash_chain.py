"""The arithmetic of the hash chain, apart from where it is kept."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

GENESIS_HASH = "0" * 64


def canonical_json(fields: Mapping[str, Any]) -> bytes:
    """Return the one JSON text of these fields (RFC 8785, for strings, integers, lists and maps)."""
    return json.dumps(
        fields,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    ).encode()


def hash_entry(fields: Mapping[str, Any]) -> str:
    """Return SHA-256 of an entry's canonical JSON, in hex; `prev` among the fields makes the chain."""
    return sha256(canonical_json(fields)).hexdigest()


def find_first_break(entries: Iterable[tuple[Mapping[str, Any], str]]) -> int | None:
    """Return the seq of the first entry that does not follow from those before it, or None.

    Each entry comes as its hashed fields and the hash stored beside them.
    """
    prev, expected = GENESIS_HASH, 1
    for fields, stored in entries:
        if fields["seq"] != expected or fields["prev"] != prev or hash_entry(fields) != stored:
            return expected
        prev, expected = stored, expected + 1
    return None
